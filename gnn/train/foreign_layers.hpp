// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include <gnn/train/foreign_kinds.hpp>

namespace gnn::inline GNN_PRECISION {

/// One layer of a state dict, with our names.
struct ForeignLayer {
  std::string prefix;
  std::size_t in = 0, heads = 0, channels = 0;
  std::map<std::string, std::vector<float>> matrices;  // in our layout, by our name without the layer's
};

struct ForeignLayers {
  const ForeignKind* kind;
  std::vector<ForeignLayer> layers;  ///< first to last
};

/// The layers of a state dict. Throws Error(input) that lists all tensors that are missing, surplus or of another shape.
ForeignLayers read_foreign_layers(const TensorFile& state, const std::string& name, const ForeignOptions& options);

}  // namespace gnn::inline GNN_PRECISION
