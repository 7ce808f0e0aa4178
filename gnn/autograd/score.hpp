// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <gnn/core/array.hpp>
#include <gnn/kernels/context.hpp>
#include <graphs/types.hpp>

namespace gnn::inline GNN_PRECISION {

/// Some nodes and what is known about them, on a device: one class each, or any number of classes each.
struct Labels {
  Labels() = default;
  /// One class a node. Takes the nodes whose class is known. classes: one per node of the graph, -1 = unknown.
  Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> nodes, std::span<const std::int32_t> classes);
  /// Any number of classes a node: N x num_classes zeros and ones. Takes the nodes that `known` does not mark with -1.
  /// Throws Error(usage) unless there is a row for every entry of `known`.
  Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> nodes, std::span<const std::int32_t> known,
         std::span<const std::uint8_t> targets, std::size_t num_classes);

  std::size_t count() const { return nodes.size(); }
  bool many() const { return num_targets > 0; }  ///< any number of classes a node

  Array<NodeId> nodes;
  Array<std::int32_t> classes;       ///< one a node, unless many()
  std::int32_t largest_class = -1;
  bool in_order = true;              ///< node k is row k
  Array<std::uint8_t> targets;       ///< count() x num_targets, when many()
  std::size_t num_targets = 0;
};

/// Guesses of yes or no, counted.
struct Counts {
  std::int64_t true_positive = 0, false_positive = 0, false_negative = 0;

  Counts& operator+=(const Counts& other);
  /// 2 TP / (2 TP + FP + FN); 0 when nothing was guessed and nothing was there.
  double f1() const;
};

/// How well logits fit labels. Sums are in double.
struct Score {
  double loss = 0;      ///< mean cross entropy; 0 when there are no nodes
  double accuracy = 0;  ///< the share of right guesses: of nodes, or with many classes a node of (node, class) pairs
  double f1_micro = 0;  ///< F1 of all guesses pooled; with one class a node this is the accuracy
  std::size_t nodes = 0;
  std::size_t guesses = 0;  ///< nodes, or (node, class) pairs
  Counts counts;
};

/// The score alone: the loss is that of cross_entropy (autograd/loss.hpp). Throws Error(mismatch) when a class has no
/// column.
Score evaluate(Context& ctx, const Tensor& logits, const Labels& labels);

/// evaluate() in two parts, for a score that stays on the device until the host asks: what kernels write, score_numbers()
/// numbers of 8 bytes each, and what it says once it is on the host. With `loss`, 1 x 1, the loss goes there as well, and
/// its gradient to the nodes' rows of `dlogits`, if that is there.
std::size_t score_numbers(const Labels& labels);
void write_score(Context& ctx, const Tensor& logits, const Labels& labels, std::uint64_t* numbers,
                 const Tensor& loss = {}, const Tensor& dlogits = {});
Score read_score(const Labels& labels, std::span<const std::uint64_t> numbers);

/// The score over the nodes of all parts together; of one part that part's, bit by bit.
Score pool(std::span<const Score> parts);

/// The counts of each class. With one class a node, the largest logit is the guess, else all above 0.
struct ClassCounts {
  std::vector<Counts> classes;

  Counts total() const;
  double f1_micro() const { return total().f1(); }
  /// The mean of the classes' F1. A class that occurs neither among labels nor among guesses does not count.
  double f1_macro() const;
};
ClassCounts count_classes(Context& ctx, const Tensor& logits, const Labels& labels);

}  // namespace gnn::inline GNN_PRECISION
