// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <gnn/layers/heads.hpp>

namespace gnn::inline GNN_PRECISION {

struct GatOptions : ResidualHeadOptions {
  bool score_bias = false;  ///< a trained scalar in each of the two scores
  Initialisation initialisation = Initialisation::glorot;
};

/// Graph attention layer of Velickovic et al. 2018 (arXiv:1710.10903), equations 1 to 6.
///
///   z_j      = W x_j                                        x after dropout
///   e_ij     = leaky_relu(a_s . z_j + b_s + a_t . z_i + b_t)  for every edge j -> i, per head
///   alpha_ij = softmax over the edges into i
///   y_i      = sum_j alpha_ij z_j                           alpha and z after their dropouts
///   then heads side by side or averaged, + residual, + bias, ELU
///
/// forward: x is N x in; returns N x (heads channels), or N x channels when heads are averaged. A node without incoming
/// edges gets zeros before residual and bias: add self-loops if that is not wanted. Duplicate edges count each.
///
/// Parameters, prefixed with the layer's name: lin.weight (in x H C; a head's columns side by side), att_src and
/// att_dst (H x C), att_src_bias and att_dst_bias (1 x H, with score_bias), bias, res.weight (with Residual::linear) and
/// res.bias (with residual_bias).
/// Streams: first_stream for the input's dropout, + 1 for the attention's, + 2 for the features'. A residual sees the
/// input through the same mask; where each head has a mask of its own and the residual has no heads, through one from
/// stream first_stream + residual_stream.
class Gat final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 3;
  static constexpr std::uint32_t residual_stream = 1024;  ///< above the streams of all layers that a model may have

  /// Throws Error(usage) for options out of range, and for an identity residual between different widths.
  Gat(const GatOptions& options, Parameters& parameters, const std::string& name, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;
  std::size_t output_width() const override { return options_.output_width(); }

 private:
  GatOptions options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t weight_, att_src_, att_dst_, bias_;
  std::size_t att_src_bias_ = 0, att_dst_bias_ = 0;
  ResidualConnection residual_;
};

/// Layer k (from 0) of a model.
std::unique_ptr<Layer> make_gat(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
