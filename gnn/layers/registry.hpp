// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

struct ModelConfig;

/// One kind of layer that models are made of.
struct LayerKind {
  const char* name;   ///< as in --model
  const char* title;  ///< one line
  const char* paper;
  std::uint32_t num_streams;  ///< of random numbers, for each layer
  /// Layer number k (from 0) of the model that `config` describes.
  std::unique_ptr<Layer> (*make)(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);
};

/// All kinds, in the order of the manual.
std::span<const LayerKind> layer_kinds();

/// Throws Error(usage) that names the known kinds.
const LayerKind& find_layer_kind(const std::string& name);

}  // namespace gnn::inline GNN_PRECISION
