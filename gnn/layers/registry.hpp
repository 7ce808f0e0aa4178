// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include <gnn/layers/linear.hpp>

namespace gnn::inline GNN_PRECISION {

struct ModelConfig;

/// How much of a graph a model of a kind needs to give logits for a few nodes.
enum class Reach {
  layers,  ///< as many hops as it has layers
  whole,   ///< everything: many hops, or degrees over all edges
  whole_in_training,  ///< as `layers`, but everything in training, where a loss of its own runs over all edges
};

/// One kind of layer that models are made of. Where a paper's network is more than a stack of its layers, the kind is the
/// whole network as one layer: its layer 0 turns features into logits.
struct LayerKind {
  const char* name;   ///< as in --model
  const char* title;  ///< one line
  const char* paper;
  std::uint32_t num_streams;  ///< of random numbers, for each layer
  Reach reach;
  bool is_network;  ///< one layer is all there is; ModelConfig::layers does not count
  std::string (*shape)(const ModelConfig& config);  ///< "2 layers, heads 8→1"
  /// Layer number k (from 0) of the model that `config` describes.
  std::unique_ptr<Layer> (*make)(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);
  bool weighted = false;  ///< the weights of edges count
  bool is_typed = false;  ///< for graphs with types of nodes, and only for them
};

/// "2 layers, 16 hidden": the shape of a stack of layers.
std::string describe_stack(const ModelConfig& config);

/// All kinds, in the order of the manual.
std::span<const LayerKind> layer_kinds();

/// The kind of that name, one of `own` or of those of the library. Throws Error(usage) that names the latter.
const LayerKind& find_layer_kind(const std::string& name, std::span<const LayerKind> own = {});

/// The kind of a model: the caller's own, or the one of config.layer.
const LayerKind& kind_of(const ModelConfig& config);

/// A kind for a class of layers outside the library, which has num_streams and a constructor
/// L(const ModelConfig&, std::size_t k, Parameters&, std::uint32_t first_stream):
///
///   constexpr gnn::LayerKind mean = gnn::layer_kind<Mean>("mean");
template <class L>
constexpr LayerKind layer_kind(const char* name, Reach reach = Reach::layers) {
  return {name, name, "", L::num_streams, reach, false, describe_stack,
          [](const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream) -> std::unique_ptr<Layer> {
            return std::make_unique<L>(config, k, parameters, first_stream);
          }};
}

/// How many layers a model of this config is made of.
std::size_t num_layers(const ModelConfig& config);

/// What a model is made of: a stack of layers, and the dense maps in front of it and behind it where there are any.
struct Stack {
  std::unique_ptr<Linear> encoder;
  std::vector<std::unique_ptr<Layer>> layers;
  std::unique_ptr<Linear> head;
};

/// Makes all of it, first to last, and announces the parameters in that order. Throws Error(usage) for a network that
/// should stand between dense maps.
Stack make_layers(const ModelConfig& config, Parameters& parameters);

}  // namespace gnn::inline GNN_PRECISION
