// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/kernel.hpp>

namespace gnn::inline GNN_PRECISION {

/// score[i,h] = <z[i,h,:], a[h,:]> + bias[h]. z: N x (heads C); a: heads x C; bias: 1 x heads or empty; score: N x heads.
GNN_KERNEL(head_scores, ConstMat z, ConstMat a, ConstMat bias, Mat score);
/// dz[i,h,:] += dscore[i,h] a[h,:]; da[h,:] += sum_i dscore[i,h] z[i,h,:]. An empty dz or da is left out.
GNN_KERNEL(head_scores_backward, ConstMat z, ConstMat a, ConstMat dscore, Mat dz, Mat da);
}  // namespace gnn::inline GNN_PRECISION
