// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/cuda/project.hpp>

namespace gnn::inline GNN_PRECISION::cuda {

/// What a lane needs for the scores of rows: lane k that of head k with its source vector, or with its target vector. Its numbers are
/// read before the row is there.
struct ScoreLane {
  static constexpr unsigned held = 8;
  const Real* vector = nullptr;
  Real own[held] = {}, bias = 0;
  unsigned first = 0, channels = 0;  // of the row
  bool of_target = false;

  __device__ ScoreLane() = default;
  __device__ ScoreLane(const ProjectedScores& s, unsigned k) {
    const unsigned heads = unsigned(s.source_vector.rows);
    if (k >= 2 * heads) return;
    of_target = k >= heads;
    channels = unsigned(s.source_vector.cols);
    const unsigned h = of_target ? k - heads : k;
    first = h * channels;
    vector = (of_target ? s.target_vector.data : s.source_vector.data) + first;
    const ConstMat& biases = of_target ? s.target_bias : s.source_bias;
    if (biases.data) bias = biases.data[h];
#pragma unroll
    for (unsigned n = 0; n < held; ++n) own[n] = n < channels ? vector[n] : Real(0);
  }
  __device__ void write(const ProjectedScores& s, std::size_t i, const Real* numbers) const {
    if (channels == 0 || (of_target && i >= s.target_score.rows)) return;
    Real score = bias;
#pragma unroll
    for (unsigned n = 0; n < held; ++n) score += n < channels ? own[n] * numbers[first + n] : Real(0);
#pragma unroll 1
    for (unsigned n = held; n < channels; ++n) score += vector[n] * numbers[first + n];
    row(of_target ? s.target_score : s.source_score, i)[first / channels] = score;
  }
};

/// The scores of row i, whose numbers stand in shared memory, by the lanes of a warp.
__device__ inline void write_scores(const ProjectedScores& s, ScoreLane lane, std::size_t i, const Real* numbers) {
#pragma unroll 1
  for (unsigned k = threadIdx.x % 32;;) {
    lane.write(s, i, numbers);
    k += 32;
    if (k >= 2 * unsigned(s.source_vector.rows)) return;
    lane = ScoreLane(s, k);
  }
}

}  // namespace gnn::inline GNN_PRECISION::cuda
