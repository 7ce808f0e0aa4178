// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/supergat.hpp>

#include <algorithm>
#include <limits>

#include <gnn/kernels/cpu/padded.hpp>
#include <gnn/kernels/cpu/row_blocks.hpp>
#include <gnn/kernels/cpu/supergat_rows.hpp>

// Plan: as for GAT, blocks of rows with one owner each, and in them chunks of edges: first all dot products and
// logits of a chunk, in loops over edges x heads without a branch, then the sums, for which the features that the
// dot products brought are still in the cache. Heads have whole vectors of 8 channels (padded.hpp).
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

using namespace supergat;

// Calls work(first, last) for the runs of a chunk's edges that share a row.
template <class Work>
void for_runs(const EdgeChunk& chunk, const Work& work) {
  for (std::size_t k = 0; k < chunk.count;) {
    const std::size_t end = run_end(chunk, k);
    work(k, end);
    k = end;
  }
}

}  // namespace

void supergat_attention(Context& ctx, CsrView in, SimilarityScore score, Dropout dropout, Mat out,
                        SoftmaxState state) {
  const std::size_t heads = score.heads;
  const PaddedHeads z(ctx, score.z, heads);
  const PaddedSums sums(ctx, out, heads, PaddedSums::overwrite);
  const std::size_t channels = z.channels();
  score.z = z;
  const auto row_of = [&](std::size_t i) {
    return TargetRow{sums.row(i), state.maximum.row(i), state.sum.row(i)};
  };
  const auto begin = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const bool empty = in.offsets[i] == in.offsets[i + 1];
      std::fill_n(state.maximum.row(i), heads, empty ? Real(0) : std::numeric_limits<Real>::lowest());
      std::fill_n(state.sum.row(i), heads, Real(0));
      std::fill_n(sums.row(i), heads * channels, Real(0));
    }
    return ChunkScores(heads);
  };
  const auto work = [&](const EdgeChunk& chunk, ChunkScores& w) {
    score_chunk(score, chunk, w);
    for_runs(chunk, [&](std::size_t k, std::size_t end) {
      raise_maximum(w.weight, k, end, heads, channels, row_of(chunk.target[k]));
    });
    weigh_chunk(chunk, state.maximum, heads, w.weight);
    if (dropout.active()) draw_edges(dropout, in, chunk, heads, w.multiplier);
    for_runs(chunk, [&](std::size_t k, std::size_t end) {
      add_edges(chunk, w, k, end, heads, channels, score.z, row_of(chunk.target[k]));
    });
  };
  const auto end = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) normalise_row(heads, channels, row_of(i));
  };
  for_edge_chunks(ctx, in, true, begin, work, end);
  sums.finish(ctx);
}

void supergat_attention_backward(Context& ctx, CsrView in, CsrView out_edges, SimilarityScore score,
                                 Dropout dropout, ConstMat out, SoftmaxState state, ConstMat dout, Mat dz,
                                 Mat dsource_score, Mat dtarget_score) {
  const std::size_t heads = score.heads, own = score.z.cols / heads, edges = std::size_t(in.num_edges);
  const bool scores = score.source_score.data != nullptr;
  const PaddedHeads z(ctx, score.z, heads), gradient(ctx, dout, heads);
  const PaddedSums sums(ctx, dz, heads, PaddedSums::add);
  score.z = z;
  const Tensor inverse_sum = ctx.tensor(out.rows, heads), delta = ctx.tensor(out.rows, heads);
  const Tensor active = ctx.tensor(out.rows, 1);
  const Tensor dg = ctx.tensor(edges, heads), dw = ctx.tensor(scores ? edges : 0, heads);

  // Pass 1, per target: what needs no edge, and whether there is a gradient at all.
  parallel_ranges(ctx, out.rows, rows_per_piece(out.cols), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Real* row = dout.row(i);
      active.data()[i] = std::any_of(row, row + dout.cols, [](Real x) { return x != 0; }) ? Real(1) : Real(0);
      for (std::size_t h = 0; h < heads; ++h) {
        const Real sum = state.sum.row(i)[h];
        inverse_sum.mat().row(i)[h] = sum > 0 ? 1 / sum : 0;
        delta.mat().row(i)[h] = dot_product(row + h * own, out.row(i) + h * own, own);
      }
    }
  });

  // Pass 2, per source: one gather of dout and z over the edges out of it.
  const NodeTerms node{inverse_sum, delta};
  for_edge_chunks(
      ctx, out_edges, false, [&](std::size_t, std::size_t) { return ChunkScores(heads); },
      [&](const EdgeChunk& all, ChunkScores& w) {
        if (dropout.active()) draw_edges(dropout, out_edges, all, heads, w.multiplier);
        keep_active(all, active, heads, w);
        const EdgeChunk& chunk = w.kept;
        score_chunk(score, chunk, w);
        weigh_chunk(chunk, state.maximum, heads, w.weight);
        for_runs(chunk, [&](std::size_t k, std::size_t end) {
          const std::size_t j = chunk.source[k];
          add_gradients(score, chunk, w, k, end, node, gradient, {score.z.row(j), sums.row(j)});
        });
        for (std::size_t k = 0; k < chunk.count; ++k) {
          const std::size_t e = std::size_t(out_edges.edge[all.first + w.place[k]]);
          std::copy_n(&w.weight[k * heads], heads, dg.mat().row(e));
          if (!scores) continue;
          std::copy_n(&w.derivative[k * heads], heads, dw.mat().row(e));
          Real* dsource = dsource_score.row(chunk.source[k]);
          for (std::size_t h = 0; h < heads; ++h) dsource[h] += w.derivative[k * heads + h];
        }
      },
      [](std::size_t, std::size_t) {});

  // Pass 3, per target: one gather of z over the edges into it.
  for_rows(ctx, in, [&](std::size_t i) {
    if (active.data()[i] == 0) return;
    const std::size_t first = std::size_t(in.offsets[i]), last = std::size_t(in.offsets[i + 1]);
    add_target_gradients(in, first, last, dg, score.z, sums.row(i));
    for (std::size_t e = first; scores && e < last; ++e) {
      for (std::size_t h = 0; h < heads; ++h) dtarget_score.row(i)[h] += dw.mat().row(e)[h];
    }
  });
  sums.finish(ctx);
}

void supergat_attention_weights(Context& ctx, CsrView in, SimilarityScore score, SoftmaxState state,
                                Mat alpha) {
  const std::size_t heads = score.heads;
  const PaddedHeads z(ctx, score.z, heads);
  score.z = z;
  for_edge_chunks(
      ctx, in, true, [&](std::size_t, std::size_t) { return ChunkScores(heads); },
      [&](const EdgeChunk& chunk, ChunkScores& w) {
        score_chunk(score, chunk, w);
        weigh_chunk(chunk, state.maximum, heads, w.weight);
        for (std::size_t k = 0; k < chunk.count; ++k) {
          for (std::size_t h = 0; h < heads; ++h) {
            alpha.row(chunk.first + k)[h] = w.weight[k * heads + h] / state.sum.row(chunk.target[k])[h];
          }
        }
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace gnn::inline GNN_PRECISION::cpu
