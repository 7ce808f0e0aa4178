// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/pieces.hpp>

namespace gnn::inline GNN_PRECISION::cpu {

void add_pieces(Context&, std::span<const PieceSum> sums) {
  for (const PieceSum& s : sums) {
    for (std::size_t k = 0; k < s.pieces.cols; ++k) {
      Real sum = 0;
      for (std::size_t p = 0; p < s.pieces.rows; ++p) sum += s.pieces.row(p)[k];
      s.result.data[k] += sum;
    }
  }
}

}  // namespace gnn::inline GNN_PRECISION::cpu
