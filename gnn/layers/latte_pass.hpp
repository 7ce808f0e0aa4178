// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/latte.hpp>

namespace gnn::inline GNN_PRECISION {

/// One way through LATTE's layers: what one forward() knows.
class LattePass {
 public:
  LattePass(const Latte& model, Tape& tape, const Parameters& parameters, const TypedInput& input, Latte::Trace* trace);

  std::vector<Var> run(Var* loss);

 private:
  Var use(std::size_t id) const { return parameters_.use(tape_, id); }
  Var project(const Input& x, const Latte::Dense& dense) const;
  Input first_input(std::size_t m) const;

  void project_types(std::size_t t);
  void join_edges(std::size_t t);
  graphs::NumberedEdges shorter_edges(std::size_t t, std::size_t k) const;
  Var aggregate(std::size_t t, std::size_t k);
  void add_edge_loss(std::size_t t, std::size_t k, const Var& source_score, const Var& target_score, const Var& attention);
  std::size_t count_present(std::size_t t) const;
  Adjacency negative_pairs(std::size_t t, std::size_t k) const;
  Var result_of(std::size_t t, std::size_t m);
  Var gates_of(std::size_t t, std::size_t m) const;

  const Join& edges(std::size_t t, std::size_t k) const;
  bool is_needed(std::size_t t, std::size_t m) const { return needed_[t][m] != 0; }
  bool keeps_attention(std::size_t t) const { return trace_ != nullptr || (!model_.is_2020() && t + 1 < model_.config_.order); }

  const Latte& model_;
  const ModelConfig& config_;
  Tape& tape_;
  Context& ctx_;
  const Parameters& parameters_;
  const TypedInput& input_;
  Latte::Trace* trace_;
  const std::vector<std::vector<char>>& needed_;

  std::vector<Input> left_, right_;            ///< by type: what the layer reads
  std::vector<Var> left_projected_, right_projected_;
  std::vector<std::vector<Join>> made_;        ///< joins of this pass, by [t - 1][metapath]
  std::vector<std::vector<Tensor>> attention_; ///< likewise; only where something needs it
  std::vector<Var> losses_;
};

}  // namespace gnn::inline GNN_PRECISION
