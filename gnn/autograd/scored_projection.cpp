// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/scored_projection.hpp>

#include <gnn/autograd/product.hpp>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/project_tiles.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/product.hpp>

namespace gnn::inline GNN_PRECISION {

bool ScoredProjection::is_small() const { return dense.defined() && cuda::is_small_projection(dense.rows(), dense.cols(), w.cols()); }

bool ScoredProjection::is_tile() const { return dense.defined() && cuda::is_tile_projection(dense.rows(), dense.cols(), w.cols()); }

Tensor ScoredProjection::forward(const ProjectedScores& scores) {
  Context& ctx = tape.context();
  const Tensor z = ctx.tensor(is_sparse() ? sparse.rows() : dense.rows(), w.cols());
  const bool tile = is_tile() && !scores.value.data;  // a tile makes no value of its own
  const bool scored = is_sparse() ? cuda::scores_fit(w.cols(), masks) : is_small() || tile;
  const ProjectedScores along = scored ? scores : ProjectedScores{};
  if (is_sparse()) {
    cuda::project_sparse(ctx, sparse.view(), w.value(), drop, masks, ids.data(), false, z, along);
  } else if (is_small()) {
    cuda::project_dense(ctx, dense.value(), w.value(), drop, ids.data(), z, along);
  } else if (tile) {
    cuda::project_tiles(ctx, dense.value(), w.value(), drop, ids.data(), z, along);
  } else {
    masked = dense.value();
    if (drop.active()) {
      masked = ctx.tensor(dense.rows(), dense.cols());
      kernels::dropout_forward(ctx, dense.value(), drop, MaskPlace{0, 1, ids.data()}, masked);
    }
    kernels::matmul(ctx, masked, w.value(), z);
  }
  if (!scored && scores.source_vector.data) cuda::gat_scores(ctx, z, ids.data(), scores);
  return z;
}

void ScoredProjection::backward(const Tensor& dz) const {
  Context& ctx = tape.context();
  if (is_sparse()) return tape.add_weight_gradient({sparse, dz, drop, masks, ids, nullptr, {}}, w);
  if (is_small() || is_tile()) {
    const Tensor dx = dense.needs_grad() ? ctx.tensor(dense.rows(), dense.cols()) : Tensor();
    const std::size_t pieces = is_small() ? cuda::num_projection_pieces(dense.rows()) : cuda::num_tile_pieces(dense.rows());
    const Tensor dw = ctx.tensor(pieces, w.rows() * w.cols());
    const auto back = is_small() ? cuda::project_dense_backward : cuda::project_tiles_backward;
    back(ctx, dense.value(), w.value(), dz, drop, ids.data(), dx, dw);
    tape.add_pieces(dw, w);
    if (dx.defined()) tape.add_grad(dense, dx);
    return;
  }
  if (w.needs_grad()) kernels::matmul_weight_gradient(ctx, masked, dz, tape.grad(w));
  if (!dense.needs_grad()) return;
  if (!drop.active()) return add_input_gradient(dz, w, dense);
  const Tensor dx = ctx.tensor(dense.rows(), dense.cols());
  kernels::fill(ctx, dx, Real(0));
  kernels::matmul_input_gradient(ctx, dz, w.value(), dx);
  kernels::dropout_backward(ctx, dx, drop, MaskPlace{0, 1, ids.data()}, tape.grad(dense));
}

}  // namespace gnn::inline GNN_PRECISION
