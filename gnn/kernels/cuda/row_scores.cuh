// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/head_lanes.cuh>
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

/// The same by the lanes that have the columns of rows, with their part of a vector: where a head lies in
/// whole lanes, a power of two of them, and several lanes have the same columns: those of group 0 find the
/// scores of sources, those of group 1 of targets.
template <unsigned per>
class ColumnScores {
 public:
  static bool fit(const ProjectedScores& s) {
    const std::size_t lanes = s.source_vector.cols / per;
    HeadLanes shape;
    shape.per = per;
    return lanes > 0 && (lanes & (lanes - 1)) == 0 &&
           whole_packs(shape, s.source_vector.cols, {s.source_vector, s.target_vector});
  }

  ColumnScores() = default;
  __device__ ColumnScores(const ProjectedScores& s, const LaneColumns& c, unsigned group)
      : lanes_(unsigned(s.source_vector.cols) / per) {
    if (group > 1 || c.count == 0) return;
    load_columns<true>(group ? s.target_vector.data : s.source_vector.data, c, vector_);
    const unsigned lane = c.first / per;
    if (lane & (lanes_ - 1)) return;
    const unsigned h = lane >> (__ffs(int(lanes_)) - 1);
    const Mat& scores = group ? s.target_score : s.source_score;
    const ConstMat& biases = group ? s.target_bias : s.source_bias;
    if (biases.data) bias_ = biases.data[h];
    first_ = scores.data + h;
    rows_ = unsigned(scores.rows);
    stride_ = unsigned(scores.stride);
  }

  /// The scores of row i, from the caller's columns of it. All lanes call it.
  __device__ void write(std::size_t i, const Real (&x)[per]) const {
    Real score = 0;
#pragma unroll
    for (unsigned k = 0; k < per; ++k) score += vector_[k] * x[k];
    score = sum_lanes(score, 1, lanes_);
    if (unsigned(i) < rows_) first_[wide_product(unsigned(i), stride_)] = score + bias_;
  }

 private:
  unsigned lanes_ = 1;  // of a head
  Real vector_[per] = {}, bias_ = 0;
  Real* first_ = nullptr;           // the score of row 0
  unsigned rows_ = 0, stride_ = 0;  // no rows: another lane writes the score
};

}  // namespace gnn::inline GNN_PRECISION::cuda
