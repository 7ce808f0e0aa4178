// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <apps/cli/settings.hpp>
#include <gnn/train/checkpoint.hpp>

namespace gnn::apps {

/// The model that --model names. Throws Error(usage) when it names none, and what load_model() throws.
SavedModel saved_model(Context& ctx, const Settings& settings);

}  // namespace gnn::apps
