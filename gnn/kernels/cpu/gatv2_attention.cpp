// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/gatv2_attention.hpp>

#include <limits>

#include <gnn/kernels/cpu/gatv2_rows.hpp>
#include <gnn/kernels/cpu/padded.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>

// Plan: blocks of rows with about equal numbers of edges, one owner each; rows are targets forward and sources backward.
// In a block, chunks of edges: first every logit of the chunk, which gathers the rows of the sources, then weights and
// dropout multipliers, then the sums, which find those rows still in the cache. The softmax is online: a row that a chunk
// cuts keeps its maximum, and its sums are scaled down when a later chunk raises it. The arithmetic of a run of edges stands
// in gatv2_rows.cpp.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

using namespace gatv2;

// Numbers for the edges of one chunk, each edges x heads.
struct ChunkNumbers {
  explicit ChunkNumbers(std::size_t heads)
      : multiplier(edge_chunk * heads, Real(1)), weight(edge_chunk * heads), logit(edge_chunk * heads) {}
  std::vector<Real> multiplier, weight, logit;
};

// result[h] = <x, y> over the channels of head h.
GNN_SIMD void head_dots(const Real* x, const Real* y, std::size_t heads, std::size_t channels, Real* result) {
  for (std::size_t h = 0; h < heads; ++h) result[h] = dot_product(x + h * channels, y + h * channels, channels);
}

GNN_SIMD void add_row(const Real* x, std::size_t n, Real* sum) {
  for (std::size_t c = 0; c < n; ++c) sum[c] += x[c];
}

}  // namespace

void gatv2_attention(Context& ctx, CsrView in, ConstMat source, ConstMat target, ConstMat value, ConstMat a, Real slope,
                     Dropout dropout, Mat out, PairAttentionState state) {
  const PaddedHeads source_rows(ctx, source, a.rows), target_rows(ctx, target, a.rows), weights(ctx, as_row(a), a.rows);
  const PaddedHeads value_rows = value.data == source.data ? source_rows : PaddedHeads(ctx, value, a.rows);
  const PaddedSums sums(ctx, out, a.rows, PaddedSums::overwrite);
  const Shape shape{a.rows, weights.channels() / 8};
  const Scores scores{source_rows, target_rows, weights.row(0), slope};
  const Tensor maximum = ctx.tensor(out.rows, shape.heads), sum = ctx.tensor(out.rows, shape.heads);
  const auto row_of = [&](std::size_t i) { return TargetRow{sums.row(i), sum.mat().row(i), maximum.mat().row(i)}; };
  const std::size_t bytes = sign_bytes(shape.heads, 8 * shape.vectors);

  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const TargetRow row = row_of(i);
      std::fill_n(row.out, shape.width(), Real(0));
      std::fill_n(row.sum, shape.heads, Real(0));
      std::fill_n(row.maximum, shape.heads, std::numeric_limits<Real>::lowest());
    }
    return ChunkNumbers(shape.heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkNumbers& numbers) {
    Real* logit = state.alpha.data ? state.alpha.row(chunk.first) : numbers.logit.data();
    Real* weight = numbers.weight.data();
    score_chunk(shape, scores, chunk, logit, state.positive ? state.positive + chunk.first * bytes : nullptr);
    for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
      end = run_end(chunk, k);
      const bool fresh = chunk.first + k == std::size_t(in.offsets[chunk.row[k]]);
      raise_maximum(shape, row_of(chunk.row[k]), fresh, end - k, logit + k * shape.heads, weight + k * shape.heads);
    }
    exponentials(weight, chunk.count * shape.heads);
    if (dropout.active()) draw_edges(dropout, in, chunk, shape.heads, numbers.multiplier.data());
    for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
      end = run_end(chunk, k);
      add_edges(shape, {chunk, k, end}, weight, numbers.multiplier.data(), value_rows, row_of(chunk.row[k]));
    }
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t edge = std::size_t(in.offsets[i]), n = std::size_t(in.offsets[i + 1]) - edge;
      finish_row(shape, row_of(i), n, state.alpha.data ? state.alpha.row(edge) : nullptr);
    }
  };
  for_edge_chunks(ctx, in, true, begin, work, end);
  sums.finish(ctx);
}

void gatv2_attention_backward(Context& ctx, CsrView in, CsrView out_edges, ConstMat source, ConstMat target, ConstMat value,
                              ConstMat a, Real slope, Dropout dropout, ConstMat out, PairAttentionState state, ConstMat dout,
                              Mat dsource, Mat dtarget, Mat dvalue, Mat da) {
  const PaddedHeads source_rows(ctx, source, a.rows), target_rows(ctx, target, a.rows), dout_rows(ctx, dout, a.rows),
      weights(ctx, as_row(a), a.rows);
  const PaddedHeads value_rows = value.data == source.data ? source_rows : PaddedHeads(ctx, value, a.rows);
  const PaddedSums source_sums(ctx, dsource, a.rows, PaddedSums::add), target_sums(ctx, dtarget, a.rows, PaddedSums::add),
      value_sums(ctx, dvalue, a.rows, PaddedSums::add), a_sums(ctx, as_row(da), a.rows, PaddedSums::add);
  const Shape shape{a.rows, weights.channels() / 8};
  const std::size_t width = shape.width(), channels = a.cols;
  const Tensor correction = ctx.tensor(out.rows, shape.heads), dlogit = ctx.tensor(std::size_t(in.num_edges), shape.heads);
  const GradientTerms terms{state.alpha, dout_rows, correction, state.positive, dlogit, weights.row(0), slope};
  // Each block of rows has its own part of da; they meet in the order of the blocks.
  const Tensor parts = ctx.tensor(out_edges.num_blocks + in.num_blocks, width);

  // Pass 1, per target: <dout, out>.
  parallel_ranges(ctx, out.rows, rows_per_piece(out.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      head_dots(dout.row(i), out.row(i), shape.heads, channels, correction.mat().row(i));
    }
  });

  // Pass 2, per source: one gather of dout.
  parallel_blocks(ctx, out_edges.num_blocks, [&](std::size_t b) {
    Real* part = parts.mat().row(b);
    std::fill_n(part, width, Real(0));
    std::vector<Real> multiplier(edge_chunk * shape.heads, Real(1)), sums(width + shape.heads);
    for_chunks_of_block(out_edges, b, false, [&](const EdgeChunk& chunk) {
      if (dropout.active()) draw_edges(dropout, out_edges, chunk, shape.heads, multiplier.data());
      for (std::size_t k = 0, end = 0; k < chunk.count; k = end) {
        end = run_end(chunk, k);
        const std::size_t j = chunk.row[k];
        const SourceRow row{source_rows.row(j), value_rows.row(j), source_sums.row(j), value_sums.row(j), part};
        add_source_gradients(shape, out_edges, {chunk, k, end}, multiplier.data(), terms, row, sums.data());
      }
    });
  });

  // Pass 3, per target: bits and numbers of its own edges, in their order.
  for_blocks(ctx, in, [&](std::size_t b, std::size_t first, std::size_t last) {
    Real* part = parts.mat().row(out_edges.num_blocks + b);
    std::fill_n(part, width, Real(0));
    std::vector<Real> sums(width);
    for (std::size_t i = first; i < last; ++i) {
      add_target_gradients(shape, std::size_t(in.offsets[i]), std::size_t(in.offsets[i + 1]), terms, target_rows.row(i),
                           target_sums.row(i), part, sums.data());
    }
  });

  for (std::size_t p = 0; p < parts.rows(); ++p) add_row(parts.mat().row(p), width, a_sums.row(0));
  for (const PaddedSums* sums : {&source_sums, &target_sums, &value_sums, &a_sums}) sums->finish(ctx);
}

}  // namespace gnn::inline GNN_PRECISION::cpu
