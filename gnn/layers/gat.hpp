// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

/// What the residual (skip) connection adds to a layer's output.
enum class Residual { none, linear, identity };

/// Where initial weights come from. Both are uniform of Glorot and Bengio 2010; they differ in what counts as fan-out:
/// one head, as in the authors' program where each head is a layer of its own, or all heads, as in PyTorch Geometric.
enum class Initialisation { authors, glorot };

struct GatOptions {
  std::size_t in = 0;        ///< F, input columns
  std::size_t channels = 8;  ///< C, output columns of a head
  std::size_t heads = 8;     ///< H
  bool concat = true;        ///< heads side by side (H C columns), or their mean (C columns)
  bool activation = true;    ///< ELU at the end
  double dropout = 0;          ///< of the input
  double attention_dropout = 0;
  double feature_dropout = 0;  ///< of the projected features where they are summed, not where they are scored
  bool mask_per_head = false;  ///< each head draws its own input mask
  double negative_slope = 0.2;
  bool score_bias = false;  ///< a trained scalar in each of the two scores
  Residual residual = Residual::none;
  bool residual_bias = false;  ///< of a linear residual, beside the layer's own
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
  std::size_t output_width() const override { return options_.concat ? options_.heads * options_.channels : options_.channels; }

 private:
  struct Scored {
    Var z, source, target;  // the projected rows and their two scores
  };
  void check_width(const Input& x) const;
  Scored score(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const;

  Var project(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x, std::size_t weight,
              std::uint32_t stream, std::size_t masks) const;
  std::size_t masks() const { return options_.mask_per_head ? options_.heads : 1; }

  GatOptions options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t weight_, att_src_, att_dst_, bias_;
  std::size_t att_src_bias_ = 0, att_dst_bias_ = 0, res_weight_ = 0, res_bias_ = 0;
};

}  // namespace gnn::inline GNN_PRECISION
