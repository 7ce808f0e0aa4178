// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// Measures what this machine's device can do at best with the library's own kernels, for comparison with what a training
/// reaches: copying memory, a dense product, and the least that a kernel costs, started alone and in a recorded graph.
int print_ceilings(const Settings& settings, Output& output);

}  // namespace gnn::apps
