// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <datasets/formats/line_scanner.hpp>
#include <graphs/types.hpp>

namespace gnn::datasets {

enum class MatrixValues { pattern, real, integer };

/// What banner and size line of a Matrix Market file say.
struct MatrixMarketHeader {
  bool coordinate = false;  ///< else array: every entry, column after column
  bool symmetric = false;
  MatrixValues values = MatrixValues::real;
  std::uint64_t rows = 0, columns = 0;
  std::uint64_t entries = 0;      ///< as declared; rows * columns of an array
  std::size_t size_line = 0;      ///< where the sizes stand
  std::size_t second_column = 1;  ///< where the number of columns begins in that line
  std::string_view body;          ///< the text behind the size line
};

/// Entries in the order of the file, rows and columns from 0. `value` is empty for a pattern.
struct MatrixEntries {
  std::vector<NodeId> row, column;
  std::vector<float> value;
};

/// Throws LineError when the banner or the sizes are malformed, complex, skew-symmetric or hermitian.
MatrixMarketHeader read_matrix_market_header(std::string_view text);

/// The entries of a coordinate file; indices are counted from `base`. Throws LineError when an entry is
/// malformed or outside, or their number is not the one declared.
MatrixEntries read_matrix_entries(const MatrixMarketHeader& header, std::uint64_t base);

/// The values of an array file, column after column.
std::vector<float> read_matrix_array(const MatrixMarketHeader& header);

}  // namespace gnn::datasets
