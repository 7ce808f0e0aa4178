// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// result[0] = mean cross entropy of softmax(logits) over the nodes of `labels`, in double; result[1] = how many of
/// them have their largest logit (the first, when several are equal) at their class.
GNN_KERNEL(cross_entropy, ConstMat logits, LabelView labels, double* result);
/// dlogits[i,:] += scale / count (softmax(logits[i,:]) - onehot(class)), for the nodes of `labels`.
GNN_KERNEL(cross_entropy_backward, ConstMat logits, LabelView labels, Real scale, Mat dlogits);
/// One step of Adam (Kingma and Ba 2015) with the coupled L2 term: g = gradient + l2 value, then
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///   value -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
struct AdamStep {
  double rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, l2 = 0;
  std::int64_t step = 1;  ///< t, from 1
};
GNN_KERNEL(adam, AdamStep step, ConstMat gradient, Mat value, Mat m, Mat v);
/// found[0] = the number of values that are NaN or infinite.
GNN_KERNEL(count_not_finite, ConstMat x, std::size_t* found);
}  // namespace gnn::inline GNN_PRECISION
