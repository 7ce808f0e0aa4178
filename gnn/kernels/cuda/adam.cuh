// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/training.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// What a step of Adam multiplies with, whichever step it is.
struct AdamConstants {
  Real beta1, rest1, beta2, rest2, l2, epsilon;

  AdamConstants() = default;
  explicit AdamConstants(const AdamStep& s)
      : beta1(Real(s.beta1)), rest1(Real(1 - s.beta1)), beta2(Real(s.beta2)), rest2(Real(1 - s.beta2)), l2(Real(s.l2)),
        epsilon(Real(s.epsilon)) {}
};

/// One number's step; returns its new value.
__device__ inline Real adam_number(const AdamConstants& c, Real rate, Real root, Real gradient, Real value, Real& m, Real& v) {
  const Real g = gradient + c.l2 * value;
  m = c.beta1 * m + c.rest1 * g;
  v = c.beta2 * v + c.rest2 * g * g;
  return value - rate * m / (sqrt(v) * root + c.epsilon);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
