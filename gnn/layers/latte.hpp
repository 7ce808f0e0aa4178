// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/typed_input.hpp>

namespace gnn::inline GNN_PRECISION {

/// LATTE of Tran and Gao 2020 (arXiv:2009.08072), a network for typed graphs. Layer t = 1 to T (ModelConfig::order) looks at
/// the metapaths phi of t relations; for a node u of type m, with the left input x and the neighbours' right input r:
///
///   L_u        = W_l^m x_u + b,   R_v = W_r^n r_v + b          one pair of maps a type and layer
///   beta_u     = softmax over the metapaths into m, and m itself, of W_b^m q_u + b        gates
///   e_uv       = tau_phi act(a_l . L_u + a_r . R_v)            for every edge v -> u of the metapath phi, per head
///   alpha_uv   = softmax of e over the edges into u
///   h_u        = relu(sum over phi of beta_u,phi sum_v alpha_uv R_v + beta_u,self L_u)
///
/// The results of all layers stand side by side (N x T F); the target's go through dropout and a dense map to the logits.
/// The edges of longer metapaths are joins of shorter ones with a relation (see graphs/join.hpp).
///
/// The authors published two programs, which differ (ModelConfig::variant):
///   2020  x = features, then the result of the layer before; r = features in every layer; q = x in the first layer, then L;
///         one head, act = identity, a_l and a_r with a scalar each. As the logits are linear, a_l . L_u does not change the
///         softmax over v: it is left out, and learns from the loss of the edges only. A type without features has a trained
///         table of rows, which is L and R of the first layer.
///   2021  a map to F columns with ReLU and dropout first; x = r = q = result of the layer before, with dropout; H heads,
///         act = leaky ReLU; joins go along the edges with an attention of 1/2 or more (the largest over heads) in the layer
///         before, with it as value, or along the one with the most where there are none. A table replaces the first map.
///
/// With ModelConfig::proximity p > 0 training has a second loss, in every layer p / (2 metapaths) times the sum over these of
///   mean over edges of -w log sigmoid(e)  +  mean over drawn pairs that are no edges of -log sigmoid(-e),
/// where w is the join's value (2020; 1 for relations) or alpha (2021), and e takes the head with the largest score.
/// With sampled_joins a step of training draws as many edges of a join as the smaller of its two parts has.
///
/// forward: x is a TypedInput; returns logits of the target's nodes. With config.classes = 0 there is no classifier: see
/// embeddings(). What the target's logits do not depend on is not computed.
///
/// Parameters: layerT.linear_l.TYPE, layerT.linear_r.TYPE, layerT.beta.TYPE (.weight, input-major, and .bias; gates in the
/// order of the metapaths, self last), layerT.attn_l.METAPATH and attn_r (2020: .weight and .bias; 2021: H x C),
/// layerT.sharpening.METAPATH (tau), feature_projection.TYPE (2021), embedding.TYPE (types without features), classifier.
class Latte final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 2048;  ///< at most

  /// Reads hidden[0] (F), heads[0] (H), dropout (before the classifier), attention_dropout, feature_dropout (2021),
  /// negative_slope and what ModelConfig has for LATTE; validate() has accepted the config, with any number of classes. Throws
  /// Error(usage) when there are too many metapaths.
  Latte(const ModelConfig& config, Parameters& parameters, std::uint32_t first_stream);

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::size_t output_width() const override { return config_.classes; }
  std::vector<Var> hidden(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::vector<EdgeWeights> explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                   const Input& x) const override;
  std::vector<RelationGates> relation_gates(Tape& tape, const Parameters& parameters, const Input& x) const override;

  /// Gates by [t - 1][type] and attention by [t - 1][metapath], where they were computed.
  struct Trace {
    std::vector<std::vector<Tensor>> gates, attention;
    std::vector<std::vector<graphs::NumberedEdges>> edges;  ///< of longer metapaths, as they were used
  };

  /// N x T F for each type that is needed. loss gets the loss of the edges, if there is one.
  std::vector<Var> embeddings(Tape& tape, const Parameters& parameters, const TypedInput& input, Var* loss = nullptr,
                              Trace* trace = nullptr) const;

  /// The metapaths of the model, by length.
  const std::vector<std::vector<Metapath>>& paths() const { return paths_; }

 private:
  friend class LattePass;

  struct Dense {
    std::size_t weight = 0, bias = 0;
  };
  struct TypePart {
    bool is_table = false;  ///< left and right are the type's table
    Dense left, right, gate;
    std::vector<std::size_t> paths;  ///< metapaths into the type
    std::uint32_t dropout_stream = 0;
  };
  struct PathPart {
    Dense left, right;  ///< attention vectors; bias with variant 2020
    std::size_t sharpening = 0;
    std::uint32_t attention_stream = 0, join_stream = 0, negative_stream = 0;
  };
  struct Level {
    std::vector<TypePart> types;
    std::vector<PathPart> paths;
  };

  Dense add_dense(Parameters& parameters, const std::string& name, std::size_t in, std::size_t out, std::size_t fan_out) const;
  TypePart make_type(Parameters& parameters, std::size_t t, std::size_t m) const;
  PathPart make_path(Parameters& parameters, std::size_t t, const Metapath& path) const;

  bool is_2020() const { return config_.variant == "2020"; }
  std::size_t width() const { return config_.hidden[0]; }
  std::size_t heads() const { return is_2020() ? 1 : config_.heads[0]; }

  ModelConfig config_;
  std::vector<std::vector<Metapath>> paths_;
  std::vector<std::vector<char>> needed_, trained_;  ///< types by layer: for the logits, and for the loss in training
  std::vector<Dense> projection_;                    ///< of each type, with variant 2021
  std::vector<std::size_t> table_;                   ///< of each type without features
  std::vector<std::uint32_t> projection_stream_;
  std::vector<Level> levels_;
  Dense classifier_;
  std::uint32_t classifier_stream_ = 0;
};

/// The whole model, as layer 0.
std::unique_ptr<Layer> make_latte(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
