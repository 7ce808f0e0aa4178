// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// Measures graphs of Boost's beside ours, on one R-MAT graph of as many edges as the option says: the conversion to our
/// matrix, and Boost's breadth-first search over both, by turns. Throws Error(internal) when the searches disagree.
int print_boost(const Settings& settings, Output& output);

}  // namespace gnn::apps
