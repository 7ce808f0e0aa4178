// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cpu/edge_chunks.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

GNN_SIMD void draw_edges(const Dropout& d, const CsrView& rows, const EdgeChunk& chunk, std::size_t heads, Real* multiplier) {
  if (d.frozen) {
    for (std::size_t k = 0; k < chunk.count; ++k) {
      const std::size_t e = rows.edge ? std::size_t(rows.edge[chunk.first + k]) : chunk.first + k;
      for (std::size_t h = 0; h < heads; ++h) multiplier[k * heads + h] = d.frozen[e * heads + h];
    }
    return;
  }
  Draws draws;
  Real drawn[4 * edge_chunk];
  std::uint32_t rank[edge_chunk];
  for (std::size_t k = 0; k < chunk.count; ++k) rank[k] = rows.rank ? rows.rank[chunk.first + k] << 22 : 0;
  for (std::size_t head = 0; head < heads; head += 4) {
    const std::uint32_t stream = d.stream + (std::uint32_t(head / 4) << 12);
    for (std::size_t k = 0; k < chunk.count; ++k) {
      const std::uint32_t target = rows.ids ? std::uint32_t(rows.ids[chunk.target[k]]) : chunk.target[k];
      const std::uint32_t source = rows.ids ? std::uint32_t(rows.ids[chunk.source[k]]) : chunk.source[k];
      draws.set(k, target | std::uint64_t(source) << 32, stream + rank[k]);
    }
    draw(d, chunk.count, draws);
    keep_or_drop(d, draws, chunk.count, drawn);
    if (head + 4 <= heads) {
      for (std::size_t k = 0; k < chunk.count; ++k) std::copy_n(drawn + 4 * k, 4, multiplier + k * heads + head);
    } else {
      for (std::size_t k = 0; k < chunk.count; ++k) {
        for (std::size_t j = 0; head + j < heads; ++j) multiplier[k * heads + head + j] = drawn[4 * k + j];
      }
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu
