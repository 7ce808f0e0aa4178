// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

struct GcnOptions {
  std::size_t in = 0, out = 0;  ///< columns
  bool activation = true;       ///< ReLU at the end
  double dropout = 0;           ///< of the input
  bool has_own_l2 = false;      ///< its weight follows --l2-conv: that of the first layer, in the paper
};

/// Graph convolution of Kipf and Welling 2017 (arXiv:1609.02907), equation 2: the baseline without attention.
///
///   y_i = sum over the edges j -> i of a_ij / sqrt(d_i d_j) W x_j + b,      d_i = sum of a_ij over the edges into i
///
/// with x after dropout and a_ij the weight of the edge, 1 where it has none; then ReLU. The paper's self-loops are the
/// graph's. forward: x is N x in; returns N x out. The degrees are those of the adjacency, so it must be the whole graph:
/// throws Error(usage) for one with other sources than targets.
///
/// Parameters, prefixed with the layer's name: weight (in x out), bias (1 x out).
/// Stream: first_stream, for the input's dropout.
class Gcn final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 1;

  /// Throws Error(usage) for options out of range.
  Gcn(const GcnOptions& options, Parameters& parameters, const std::string& name, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;
  std::size_t output_width() const override { return options_.out; }

 private:
  GcnOptions options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t weight_, bias_;
};

/// Layer k (from 0) of a model.
std::unique_ptr<Layer> make_gcn(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
