// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/train/presets.hpp>

/// The presets of each model, in presets_MODEL.cpp; presets.cpp joins them.
namespace gnn::inline GNN_PRECISION {

std::span<const Preset> aero_presets();
std::span<const Preset> dagnn_presets();
std::span<const Preset> gat_presets();
std::span<const Preset> gatv2_presets();
std::span<const Preset> supergat_presets();
std::span<const Preset> baseline_presets();
std::span<const Preset> latte_presets();

}  // namespace gnn::inline GNN_PRECISION
