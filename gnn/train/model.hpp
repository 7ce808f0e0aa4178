// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <datasets/dataset.hpp>
#include <gnn/autograd/loss.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

/// What a model needs to give logits for some nodes of a graph: for each layer the edges into the nodes whose results
/// the next one reads, and the features of the nodes that the first one reads. For few labelled nodes on a large graph
/// this is a small part of the whole, with the same results.
struct Field {
  std::vector<Adjacency> layers;  ///< one a layer, first to last; the sources of each are the targets of the one before
  SparseMatrix sparse;            ///< the features, when at most a quarter of them is not zero
  Tensor dense;                   ///< the features otherwise
  Labels labels;                  ///< classes of the logits' rows
};

/// A data set on a device, made ready for a model: features normalised and self-loops added as its config says.
struct GraphData {
  Adjacency adjacency;
  SparseMatrix sparse;  ///< as in Field, of all nodes
  Tensor dense;
  Labels train, val, test;
  Field train_field, val_field;  ///< what the training and the validation nodes depend on

  std::size_t num_nodes() const { return adjacency.num_targets(); }
};

/// Throws Error(mismatch) when the data's features or classes are not those of the config.
GraphData prepare(Context& ctx, const datasets::Dataset& data, const ModelConfig& config);

/// A stack of layers that turns node features into one logit a class and node.
class Model {
 public:
  /// Draws initial weights from `seed`. Throws Error(usage) when the config is not one.
  Model(Context& ctx, ModelConfig config, std::uint64_t seed);

  const ModelConfig& config() const { return config_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }

  /// Returns logits, N x classes, and the sum of the layers' own losses, if any.
  Output forward(Tape& tape, const GraphData& data) const;

  /// The same for the nodes of a field only, in its order.
  Output forward(Tape& tape, const Field& field) const;

  /// The logits of a trained model: no dropout, nothing kept for gradients.
  Tensor logits(Context& ctx, const GraphData& data) const;
  Tensor logits(Context& ctx, const Field& field) const;

 private:
  Output forward(Tape& tape, const std::function<const Adjacency&(std::size_t)>& adjacency, const SparseMatrix& sparse,
                 const Tensor& dense) const;

  ModelConfig config_;
  Parameters parameters_;
  std::vector<std::unique_ptr<Layer>> layers_;
};

/// About how many bytes training of this model on this data needs, buffers of the library only.
std::size_t estimate_bytes(const ModelConfig& config, std::size_t num_nodes, std::size_t num_edges, std::size_t num_nonzero);

}  // namespace gnn::inline GNN_PRECISION
