// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <gnn/kernels/cuda/step_clock.hpp>
#include <gnn/kernels/pieces.hpp>
#include <gnn/kernels/product.hpp>
#include <gnn/kernels/training.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// All parameters of a model, side by side, and what Adam knows of them; `kept` has a row for each epoch of a round.
struct AdamNumbers {
  Mat gradient, value, m, v, kept;
};

/// The numbers from `first` to `last`, excluded, which have one penalty.
struct AdamGroup {
  AdamStep step;
  std::size_t first, last;
};

/// kernels::adam with rate and root of the clock, on gradients to which `sums` and `product` (null: none) were added; also counts
/// gradients that are NaN or infinite, sets all of them to zero for the next step, and copies the new values to row `slot` of `kept`.
/// Of a small product, rows take their step as they are found, which is a launch less.
void adam_by_clock(Context& ctx, const std::vector<AdamGroup>& groups, const StepClock* clock, const AdamNumbers& numbers,
                   const std::vector<PieceSum>& sums, const SparseWeightGradient* product, std::uint64_t* not_finite);

}  // namespace gnn::inline GNN_PRECISION::cuda
