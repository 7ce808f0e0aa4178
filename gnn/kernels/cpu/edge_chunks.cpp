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
  std::uint32_t w[4][edge_chunk], rank[edge_chunk];
  for (std::size_t k = 0; k < chunk.count; ++k) rank[k] = rows.rank ? rows.rank[chunk.first + k] << 22 : 0;
  for (std::size_t head = 0; head < heads; head += 4) {
    const std::uint32_t stream = d.stream + (std::uint32_t(head / 4) << 12);
    for (std::size_t k = 0; k < chunk.count; ++k) {
      philox_words(chunk.target[k], chunk.source[k], stream + rank[k], d.step, d.key0(), d.key1(), w[0][k], w[1][k], w[2][k],
                   w[3][k]);
    }
    const std::size_t used = std::min<std::size_t>(4, heads - head);
    if (used == 4) {
      for (std::size_t k = 0; k < chunk.count; ++k) {
        for (std::size_t j = 0; j < 4; ++j) multiplier[k * heads + head + j] = w[j][k] >= d.threshold ? d.scale : 0;
      }
    } else {
      for (std::size_t j = 0; j < used; ++j) {
        for (std::size_t k = 0; k < chunk.count; ++k) multiplier[k * heads + head + j] = w[j][k] >= d.threshold ? d.scale : 0;
      }
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu
