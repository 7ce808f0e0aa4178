// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <gnn/autograd/supergat_layer.hpp>
#include <gnn/layers/heads.hpp>

namespace gnn::inline GNN_PRECISION {

/// What the attention of SuperGAT looks at: GAT's original score (GO), the dot product of both ends (DP), the
/// same scaled (SD), or the score mixed with the dot product as a gate (MX).
enum class AttentionForm { go, dp, sd, mx };

const char* to_string(AttentionForm form);
/// Throws Error(usage) for an unknown word.
AttentionForm parse_attention_form(const std::string& text);

struct SuperGatOptions : HeadOptions {
  AttentionForm form = AttentionForm::mx;
  double edge_loss = 4;         ///< lambda, factor of the loss of the edges; 0: none
  double negative_ratio = 0.5;  ///< pairs without an edge drawn for each edge that counts
  double edge_ratio = 0.8;      ///< share of the edges that count
  /// glorot: two attention vectors as in PyTorch Geometric; authors: one of both halves, as in the authors'
  /// program.
  Initialisation initialisation = Initialisation::glorot;
};

/// Layer of SuperGAT, Kim and Oh 2021 (arXiv:2204.04879), equations 3 to 8.
///
///   z_j = W x_j                                   x after dropout
///   w_ij = a_s . z_j + a_t . z_i,  g_ij = z_i . z_j   for every edge j -> i, per head
///
///   form  score u          link logit v
///   GO    w                w
///   DP    g                g
///   SD    g / sqrt(C)      g / sqrt(C)
///   MX    w sigmoid(g)     g
///
///   alpha_ij = softmax over the edges into i of leaky_relu(u_ij);  y_i = sum_j alpha_ij z_j
///   then heads side by side or averaged, + bias, ELU
///
/// In training the layer has a loss of its own, which teaches attention what an edge is: lambda times the
/// mean over sampled edges and sampled pairs without an edge of the cross entropy between sigmoid(mean of v
/// over heads) and being an edge. See draw_links() for the samples, which are drawn anew in every step.
/// Self-loops count as edges.
///
/// forward: x is N x in; returns N x (heads channels), or N x channels when heads are averaged. A node
/// without incoming edges gets zeros before the bias. Training with an edge loss needs the whole graph; see
/// draw_links() for its errors.
///
/// Parameters, prefixed with the layer's name: lin.weight (in x H C), att_src and att_dst (H x C; GO and MX
/// only), bias. Streams: first_stream for the input's dropout, + 1 for the attention's, + 2 and + 3 for
/// draw_links().
class SuperGat final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 4;

  /// Throws Error(usage) for options out of range.
  SuperGat(const SuperGatOptions& options, Parameters& parameters, const std::string& name,
           std::uint32_t first_stream);

  void begin_ahead(Tape& tape, const Adjacency& adjacency) const override;
  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                 const Input& x) const override;
  std::size_t output_width() const override { return options_.output_width(); }
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;

 private:
  struct Scores {
    Var z, source, target;  // W x, and the two parts of w, undefined without attention vectors
  };
  Scores scores(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const;
  SuperGatLayerOptions as_one() const;
  bool has_vectors() const {
    return options_.form == AttentionForm::go || options_.form == AttentionForm::mx;
  }
  double dot_scale() const;

  SuperGatOptions options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t weight_, att_src_ = 0, att_dst_ = 0, bias_;
};

/// Layer k (from 0) of a model.
std::unique_ptr<Layer> make_supergat(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
