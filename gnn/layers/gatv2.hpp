// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/gat.hpp>

namespace gnn::inline GNN_PRECISION {

struct GatV2Options : ResidualHeadOptions {
  bool share_weights = false;    ///< one projection for both ends of an edge, as in all experiments of the paper
  bool projection_bias = false;  ///< of each projection: it is part of the score and of what is summed
  bool output_bias = true;
};

/// Graph attention layer of Brody, Alon and Yahav 2022 (arXiv:2105.14491), equation 7: attention in which different targets
/// may rank the same sources differently, because the non-linearity stands between the projection and the dot product.
///
///   l_j = W_l x_j + b_l,  r_i = W_r x_i + b_r                x after dropout
///   e_ij     = a . leaky_relu(l_j + r_i)                     for every edge j -> i, per head
///   alpha_ij = softmax over the edges into i
///   y_i      = sum_j alpha_ij l_j                            alpha and l after their dropouts
///   then heads side by side or averaged, + residual, + bias, ELU
///
/// forward: x is N x in; returns N x (heads channels), or N x channels when heads are averaged. A node without incoming
/// edges gets zeros before residual and bias: add self-loops if that is not wanted. Duplicate edges count each.
///
/// Parameters, prefixed with the layer's name: lin_l.weight (in x H C; a head's columns side by side), lin_r.weight unless
/// weights are shared, lin_l.bias and lin_r.bias (with projection_bias), att (H x C), bias (with output_bias), res.weight
/// (with Residual::linear) and res.bias (with residual_bias). They start as in the authors' program: weights and att as
/// Glorot and Bengio 2010, projection biases uniform in +-1/sqrt(in), the others at zero.
/// Streams: as in Gat.
class GatV2 final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = Gat::num_streams;

  /// Throws Error(usage) for options out of range, and for an identity residual between different widths.
  GatV2(const GatV2Options& options, Parameters& parameters, const std::string& name, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::size_t output_width() const override { return options_.output_width(); }
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;

 private:
  /// l and r of the formula.
  struct Ends {
    Var source, target;
  };
  /// r has the rows of all sources, and heads have `channels`, see pad_heads().
  Ends project(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x, std::size_t channels) const;

  GatV2Options options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t source_weight_ = 0, source_bias_ = 0, target_weight_ = 0, target_bias_ = 0;
  std::size_t att_ = 0, bias_ = 0;
  ResidualConnection residual_;
};

/// Layer k (from 0) of a model.
std::unique_ptr<Layer> make_gatv2(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
