// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/aero_hops.hpp>
#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

struct AeroOptions {
  std::size_t in = 0;         ///< F, input columns
  std::size_t channels = 64;  ///< C, of a head
  std::size_t heads = 1;      ///< H
  std::size_t classes = 0;    ///< columns of the logits
  std::size_t hops = 32;      ///< K
  std::size_t mlp_layers =
      1;  ///< dense maps in front, with ELU between them; 0: the input is h_0, and there is no classifier
  double decay = 1;          ///< lambda: what a hop's sum counts for in attention falls like lambda / hop
  double dropout = 0;        ///< of what each dense map in front reads
  bool add_dropout = false;  ///< also of what the classifier reads
  bool concat =
      false;  ///< edge attention in the paper's form, ELU(z_i || z_j); else the authors', ELU(z_i + z_j)
};

/// Attentive deep propagation of Lee et al. 2023 (arXiv:2306.02376), AERO-GNN, the whole network:
///
///   h_0 = x W_1 + b_1, or of several maps with ELU and dropout between them
///   K hops, each with edge attention and hop attention of its own: see aero_hops()
///   y = ELU(z_K) W + b                          ELU(z_K) after dropout, with add_dropout
///
/// forward: x is N x in, of a whole graph; returns N x classes. Self-loops are the graph's own, and a node
/// without edges into it sends nothing.
///
/// Parameters: mlp.0.weight, mlp.0.bias, ... of the maps; edge_att, hop_att.0, hop_att and hop_bias, the
/// first, third and fourth with a row for each hop (see AeroWeights), which are the convolution's;
/// classifier.weight and classifier.bias. Weights start as Glorot and Bengio have it, biases of maps uniform
/// in +-1/sqrt(fan-in), hop biases at one. Streams: first_stream + k for map k, + max_mlp_layers for the
/// classifier.
class Aero final : public Layer {
 public:
  static constexpr std::size_t max_mlp_layers = 8;
  static constexpr std::uint32_t num_streams = max_mlp_layers + 1;

  /// Throws Error(usage) for options out of range.
  Aero(const AeroOptions& options, Parameters& parameters, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                 const Input& x) const override;
  std::size_t output_width() const override {
    return options_.mlp_layers > 0 ? options_.classes : options_.in;
  }

  /// h_0 and ELU(z_K).
  std::vector<Var> hidden(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                          const Input& x) const override;

  /// The normalised attention of every hop.
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;

  /// What the hops came through. Takes an inference tape.
  std::vector<AeroHop> inside(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                              const Input& x) const;

 private:
  Var features(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const;
  AeroWeights hop_weights(Tape& tape, const Parameters& parameters) const;

  AeroOptions options_;
  std::uint32_t stream_;
  std::vector<std::size_t> weights_, biases_;  // of the maps in front
  std::size_t edge_, hop_first_, hop_, hop_bias_, classifier_ = 0, classifier_bias_ = 0;
};

/// The whole model, as layer 0.
std::unique_ptr<Layer> make_aero(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
