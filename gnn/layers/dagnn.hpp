// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

struct DagnnOptions {
  std::size_t in = 0;       ///< F, input columns
  std::size_t hidden = 64;  ///< of the map in front
  std::size_t classes = 0;  ///< C, columns of the logits
  std::size_t hops = 10;    ///< K
  double dropout = 0.8;     ///< of the input and of the hidden layer
  bool mlp = true;          ///< else the input is Z, N x C, and nothing stands in front
};

/// Deep adaptive graph neural network of Liu, Gao and Ji 2020 (arXiv:2007.09296), the whole network:
///
///   Z     = relu(x W_1 + b_1) W_2 + b_2         x and the hidden layer after dropout
///   h_0   = Z,  h_k = D^(-1/2) A D^(-1/2) h_{k-1}
///   y_i   = sum_{k=0..K} sigmoid(<w, h_k,i> + b) h_k,i
///
/// with the graph's edge weights in A, all one when it has none, and D their sums over the edges into a node.
/// The paper's A has a self-loop at every node: SelfLoops::fill gives one to those without. Scores are not
/// normalised over hops.
///
/// forward: x is N x in, of a whole graph; returns N x classes.
/// Parameters: lin1.weight, lin1.bias, lin2.weight, lin2.bias, proj.weight (1 x C) and proj.bias (1 x 1), all
/// uniform in
/// +-1/sqrt(fan-in). Streams: first_stream for the input's dropout, + 1 for the hidden layer's.
class Dagnn final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 2;

  /// Throws Error(usage) for options out of range.
  Dagnn(const DagnnOptions& options, Parameters& parameters, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                 const Input& x) const override;
  std::size_t output_width() const override { return options_.classes; }

  /// The hidden layer and Z; without a map in front nothing.
  std::vector<Var> hidden(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                          const Input& x) const override;

  /// The entries of D^(-1/2) A D^(-1/2), the same for every hop.
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;

 private:
  DagnnOptions options_;
  std::uint32_t stream_;
  std::size_t weight1_ = 0, bias1_ = 0, weight2_ = 0, bias2_ = 0, projection_, projection_bias_;
};

/// The whole model, as layer 0.
std::unique_ptr<Layer> make_dagnn(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
