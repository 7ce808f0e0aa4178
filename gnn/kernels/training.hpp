// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include <gnn/core/array.hpp>
#include <gnn/kernels/kernel.hpp>
#include <graphs/types.hpp>

namespace gnn::inline GNN_PRECISION {

/// The nodes that a loss or score runs over, with their classes, on a device.
struct LabelView {
  const NodeId* nodes = nullptr;
  const std::int32_t* classes = nullptr;
  std::size_t count = 0;
};

/// The same for nodes that belong to any number of classes: a row of zeros and ones for each.
struct MultiLabelView {
  const NodeId* nodes = nullptr;
  const std::uint8_t* targets = nullptr;  ///< count x classes; row k is that of nodes[k]
  std::size_t count = 0, classes = 0;
};

/// result[0] = mean cross entropy of softmax(logits) over the nodes of `labels`, in double; result[1] = how many of
/// them have their largest logit (the first, when several are equal) at their class.
/// loss, 1 x 1, gets result[0], too, and the nodes' rows of dlogits get its gradient; empty ones are left out.
GNN_KERNEL(cross_entropy, ConstMat logits, LabelView labels, double* result, Mat loss, Mat dlogits);
/// dlogits[i,:] += dloss / count (softmax(logits[i,:]) - onehot(class)), for the nodes of `labels`. dloss: 1 x 1.
GNN_KERNEL(cross_entropy_backward, ConstMat logits, LabelView labels, ConstMat dloss, Mat dlogits);
/// result[0] = mean over nodes and classes of the cross entropy of sigmoid(z) with target t, for z = logits[i,c]:
///   max(z, 0) - z t + log(1 + exp(-|z|)),
/// in double; no exp can overflow. logits has the labels' classes as columns. loss, 1 x 1, gets it, too, the nodes' rows of dlogits
/// its gradient, and counts what multi_label_counts gives; what is empty or null is left out.
GNN_KERNEL(sigmoid_cross_entropy, ConstMat logits, MultiLabelView labels, double* result, std::int64_t* counts, Mat loss, Mat dlogits);
/// dlogits[i,c] += dloss / (count classes) (sigmoid(z) - t), for the nodes of `labels`. dloss: 1 x 1.
GNN_KERNEL(sigmoid_cross_entropy_backward, ConstMat logits, MultiLabelView labels, ConstMat dloss, Mat dlogits);
/// counts[3 c], [3 c + 1], [3 c + 2] = for how many nodes class c is guessed and right, guessed and wrong, and missed.
/// The guess is the largest logit (the first, when several are equal). counts: 3 numbers a column of logits.
GNN_KERNEL(class_counts, ConstMat logits, LabelView labels, std::int64_t* counts);
/// The same for any number of classes a node: those with a logit above 0 are guessed. counts: 3 numbers a class.
GNN_KERNEL(multi_label_counts, ConstMat logits, MultiLabelView labels, std::int64_t* counts);
/// One step of Adam (Kingma and Ba 2015) with the coupled L2 term: g = gradient + l2 value, then
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///   value -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
struct AdamStep {
  double rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, l2 = 0;
  std::int64_t step = 1;  ///< t, from 1
};
GNN_KERNEL(adam, AdamStep step, ConstMat gradient, Mat value, Mat m, Mat v);

/// What changes in Adam from step to step: value -= rate m / (root sqrt(v) + epsilon).
struct AdamFactors {
  Real rate, root;

  explicit AdamFactors(const AdamStep& s)
      : rate(Real(s.rate / (1 - std::pow(s.beta1, double(s.step))))),
        root(Real(1 / std::sqrt(1 - std::pow(s.beta2, double(s.step))))) {}
};
/// result[0] = the sum of x's squares, in double.
GNN_KERNEL(sum_of_squares, ConstMat x, double* result);
/// found[0] = the number of values that are NaN or infinite.
GNN_KERNEL(count_not_finite, ConstMat x, std::size_t* found);
}  // namespace gnn::inline GNN_PRECISION
