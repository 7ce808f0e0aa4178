// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <datasets/formats/array_tables.hpp>
#include <datasets/formats/feature_matrix.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

void expect_list(const NpyArray& array, std::size_t size, const std::string& why) {
  if (array.shape.size() == 1 && array.shape[0] == size) return;
  fail(ErrorKind::input, array.name, ": expected ", size, " entries, ", why, ", found ", shape_text(array));
}

void read_shape(const NpyArray& array, CsrArrays& csr) {
  const auto numbers = to_integers(array);
  if (numbers.size() != 2) {
    fail(ErrorKind::input, array.name, ": expected 2 numbers, rows and columns, found ", numbers.size());
  }
  for (const std::int64_t number : numbers) {
    if (number >= 0 && number <= std::numeric_limits<NodeId>::max()) continue;
    fail(ErrorKind::input, array.name, ": expected numbers from 0 to ", +std::numeric_limits<NodeId>::max(),
         ", found ", number);
  }
  csr.rows = std::size_t(numbers[0]);
  csr.columns = std::size_t(numbers[1]);
}

/// From 0 to the number of indices, never falling.
void check_offsets(const CsrArrays& csr, const std::string& where) {
  if (csr.offsets.front() != 0) {
    fail(ErrorKind::input, where, ": position 0: expected 0, found ", csr.offsets.front());
  }
  for (std::size_t i = 1; i < csr.offsets.size(); ++i) {
    if (csr.offsets[i] >= csr.offsets[i - 1]) continue;
    fail(ErrorKind::input, where, ": position ", i, ": expected numbers that never fall, found ",
         csr.offsets[i], " after ", csr.offsets[i - 1]);
  }
  if (std::size_t(csr.offsets.back()) != csr.indices.size()) {
    fail(ErrorKind::input, where, ": position ", csr.offsets.size() - 1, ": expected ", csr.indices.size(),
         ", the number of indices, found ", csr.offsets.back());
  }
}

}  // namespace

CsrArrays csr_of_npz(Npz& npz, const std::string& prefix) {
  CsrArrays csr;
  read_shape(npz.array(prefix + "shape"), csr);
  const NpyArray offsets = npz.array(prefix + "indptr"), indices = npz.array(prefix + "indices");
  // The length is compared before anything is made of the number of rows.
  expect_list(offsets, csr.rows + 1, "one more than there are rows");
  expect_list(indices, indices.size(), "in one row");
  csr.offsets = to_integers(offsets);
  csr.indices = to_integers(indices);
  check_offsets(csr, offsets.name);
  for (std::size_t e = 0; e < csr.indices.size(); ++e) {
    if (csr.indices[e] >= 0 && std::size_t(csr.indices[e]) < csr.columns) continue;
    fail(ErrorKind::input, indices.name, ": position ", e, ": expected a number from 0 to ",
         std::int64_t(csr.columns) - 1, ", found ", csr.indices[e]);
  }
  const NpyArray data = npz.array(prefix + "data");
  expect_list(data, csr.indices.size(), "as many as there are indices");
  csr.values = to_floats(data);
  for (const char* part : {"shape", "indptr", "indices", "data"}) npz.release(prefix + part);
  return csr;
}

Features csr_features(Npz& npz, const std::string& prefix) {
  const CsrArrays csr = csr_of_npz(npz, prefix);
  std::vector<NodeId> row;
  row.reserve(csr.indices.size());
  for (std::size_t i = 0; i < csr.rows; ++i) row.resize(std::size_t(csr.offsets[i + 1]), NodeId(i));
  const std::vector<NodeId> column(csr.indices.begin(), csr.indices.end());
  return features_of_entries(csr.rows, csr.columns, row, column, csr.values, npz.file() + ": entry " + prefix + "indices");
}

}  // namespace gnn::datasets
