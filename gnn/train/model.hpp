// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <gnn/autograd/loss.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/field.hpp>

namespace gnn::inline GNN_PRECISION {

/// A stack of layers, with a dense map in front or behind where the config asks for one, that turns node features into one logit a class and node.
class Model {
 public:
  /// Draws initial weights from `seed`. Throws Error(usage) when the config is not one.
  Model(Context& ctx, ModelConfig config, std::uint64_t seed);

  const ModelConfig& config() const { return config_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }

  /// Returns logits of the field's nodes in its order, N x classes, and the sum of the layers' own losses, if any.
  Output forward(Tape& tape, const Field& field) const;

  /// The node vectors that a trained model computes on its way to the logits of a field: what each layer but the last
  /// gives, first to last; the last one, too, where a linear head follows.
  std::vector<Tensor> hidden(Context& ctx, const Field& field) const;

  /// What each edge of a field counted for in a trained model, layer by layer; edges in the order of the layer's
  /// adjacency.in(). Layers that do not look at edges are left out.
  std::vector<EdgeWeights> explain(Context& ctx, const Field& field) const;

  /// What each relation counted for in a trained model of typed graphs, for the nodes of the target type; else empty.
  std::vector<RelationGates> relation_gates(Context& ctx, const Field& field) const;

  /// The logits of a trained model: no dropout, nothing kept for gradients.
  Tensor logits(Context& ctx, const Field& field) const;
  /// The same for all nodes, part by part.
  Tensor logits(Context& ctx, const GraphData& data) const;

 private:
  /// Calls visit(k, input of layer k) for every layer, a linear head last, and returns what the last one gives.
  Output walk(Tape& tape, const Field& field, const std::function<void(std::size_t, const Input&)>& visit) const;

  ModelConfig config_;
  Parameters parameters_;
  Stack stack_;
};

/// About how many bytes training of this model on this data needs, buffers of the library only. With batches of graphs
/// num_nodes, num_edges and num_nonzero are those of a batch.
std::size_t estimate_bytes(const ModelConfig& config, std::size_t num_nodes, std::size_t num_edges, std::size_t num_nonzero);

}  // namespace gnn::inline GNN_PRECISION
