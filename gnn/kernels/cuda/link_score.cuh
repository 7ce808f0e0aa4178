// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/launch.cuh>

namespace gnn::inline GNN_PRECISION::cuda {

/// What a pair costs whose logit speaks for the wrong answer by so much: log(1 + exp(wrong)), and its derivative, sigmoid(wrong).
struct PairLoss {
  Real loss, share;
};
__device__ inline PairLoss pair_loss(Real wrong) {
  const Real small = exp(wrong > 0 ? -wrong : wrong);
  return {(wrong > 0 ? wrong : Real(0)) + log(1 + small), (wrong > 0 ? Real(1) : small) / (1 + small)};
}

}  // namespace gnn::inline GNN_PRECISION::cuda
