// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/gat_narrow.hpp>

#include <gnn/kernels/cuda/launch.cuh>

// Plan: a thread owns a number of the result, of repeated rows those of all heads.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

__global__ void repeat_for_heads_elements(Follows before, ConstMat x, unsigned heads, unsigned columns, Mat y) {
  before.wait();
  const std::size_t k = thread_index(), i = k / columns, c = k % columns;
  if (i >= y.rows) return;
  const Real value = c < x.cols ? row(x, i)[c] : Real(0);
  for (unsigned h = 0; h < heads; ++h) row(y, i)[h * columns + c] = value;
}

__global__ void turn_scores_elements(Follows before, ConstMat scores, Mat vectors) {
  before.wait();
  const std::size_t k = thread_index(), h = k / vectors.cols, f = k % vectors.cols;
  if (h < vectors.rows) row(vectors, h)[f] = f < scores.rows ? row(scores, f)[h] : Real(0);
}

__global__ void turn_vectors_elements(Follows before, ConstMat vectors, Mat scores) {
  before.wait();
  const std::size_t k = thread_index(), f = k / scores.cols, h = k % scores.cols;
  if (f < scores.rows) row(scores, f)[h] = row(vectors, h)[f];
}

}  // namespace

void repeat_for_heads(Context& ctx, ConstMat x, std::size_t heads, Mat y) {
  launch(ctx, repeat_for_heads_elements, y.rows * (y.cols / heads), x, unsigned(heads), unsigned(y.cols / heads), y);
}

void turn_scores(Context& ctx, ConstMat scores, Mat vectors) { launch(ctx, turn_scores_elements, vectors.size(), scores, vectors); }

void turn_vectors(Context& ctx, ConstMat vectors, Mat scores) { launch(ctx, turn_vectors_elements, scores.size(), vectors, scores); }

}  // namespace gnn::inline GNN_PRECISION::cuda
