// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/score.hpp>
#include <gnn/autograd/tape.hpp>

namespace gnn::inline GNN_PRECISION {

/// -log softmax(logits)[i, class_i], averaged over the nodes of `labels`. logits: N x classes. Returns a 1 x 1 loss;
/// score, when given, gets the value in double and the rest. Labels of any number of classes a node get
/// sigmoid_cross_entropy instead. Throws Error(usage) when there are no nodes, and Error(mismatch) when a class has no
/// column.
Var cross_entropy(const Var& logits, const Labels& labels, Score* score = nullptr);

/// -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z)) for z = logits[i,c] and t = 1 where node i is in class c, else 0;
/// averaged over nodes and classes. Returns, fills and throws as above; also Error(usage) for labels of one class each.
Var sigmoid_cross_entropy(const Var& logits, const Labels& labels, Score* score = nullptr);

/// A loss that will be asked for: whoever makes the logits may find it along with them, and what goes back for dL/dL = 1.
struct AwaitedLoss {
  Labels labels;
  std::uint64_t* numbers;  ///< of the score, on the device
  std::unique_ptr<Buffer> own_numbers;  ///< memory of these, where the caller has none
  Var logits, loss;        ///< undefined until somebody has found it
};

/// Promises that the pass's result goes into cross_entropy or unread_cross_entropy of these labels, and from there back, as it is;
/// `numbers`: those of unread_cross_entropy, or null.
void await_cross_entropy(Tape& tape, const Labels& labels, std::uint64_t* numbers = nullptr);

/// cross_entropy whose score stays on the device: score_numbers() numbers, or null for none. See write_score().
Var unread_cross_entropy(const Var& logits, const Labels& labels, std::uint64_t* numbers);

}  // namespace gnn::inline GNN_PRECISION
