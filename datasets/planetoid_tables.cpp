// SPDX-License-Identifier: Apache-2.0
#include <datasets/planetoid_tables.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <graphs/error.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are read as little-endian numbers");

template <class T>
T load(const pickle::Array& array, std::size_t i) {
  T number;
  std::memcpy(&number, array.bytes.data() + i * sizeof(T), sizeof(T));
  return number;
}

double number_at(const pickle::Array& array, std::size_t i) {
  switch (array.dtype) {
    case pickle::Dtype::int32:
      return load<std::int32_t>(array, i);
    case pickle::Dtype::int64:
      return static_cast<double>(load<std::int64_t>(array, i));
    case pickle::Dtype::float32:
      return static_cast<double>(load<float>(array, i));
    case pickle::Dtype::float64:
      break;
  }
  return load<double>(array, i);
}

std::vector<std::int64_t> integers(const pickle::Array& array, const std::string& file, const char* entry) {
  std::vector<std::int64_t> numbers(array.size());
  if (array.dtype == pickle::Dtype::int32) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = load<std::int32_t>(array, i);
  } else if (array.dtype == pickle::Dtype::int64) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = load<std::int64_t>(array, i);
  } else {
    fail(ErrorKind::input, file, ": ", entry, ": expected integers, found floating-point numbers");
  }
  return numbers;
}

/// indptr of `rows` rows and `nonzeros` entries: from 0 to nonzeros, never falling.
std::vector<std::int64_t> read_offsets(const pickle::CsrMatrix& matrix, const std::string& file) {
  if (matrix.indptr.size() != matrix.rows + 1) {
    fail(ErrorKind::input, file, ": indptr: expected ", matrix.rows + 1,
         " numbers, one more than rows, found ", matrix.indptr.size());
  }
  std::vector<std::int64_t> offsets = integers(matrix.indptr, file, "indptr");
  const auto nonzeros = static_cast<std::int64_t>(matrix.indices.size());
  if (offsets.front() != 0 || offsets.back() != nonzeros) {
    fail(ErrorKind::input, file, ": indptr: expected offsets from 0 to ", nonzeros, ", found ",
         offsets.front(), " to ", offsets.back());
  }
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    if (offsets[row + 1] < offsets[row]) {
      fail(ErrorKind::input, file, ": indptr: expected offsets that never fall, found ", offsets[row + 1],
           " at the end of row ", row, ", which starts at ", offsets[row]);
    }
  }
  return offsets;
}

}  // namespace

Features to_features(const pickle::Value& value, const std::string& file) {
  const auto* held = value.as<std::unique_ptr<pickle::CsrMatrix>>();
  if (!held)
    fail(ErrorKind::input, file, ": expected a sparse matrix (csr_matrix), found another kind of value");
  const pickle::CsrMatrix& matrix = **held;
  if (matrix.data.size() != matrix.indices.size()) {
    fail(ErrorKind::input, file, ": data: expected ", matrix.indices.size(),
         " numbers, as many as indices, found ", matrix.data.size());
  }
  Features features;
  features.rows = matrix.rows;
  features.columns = matrix.columns;
  features.offsets = read_offsets(matrix, file);

  const std::vector<std::int64_t> indices = integers(matrix.indices, file, "indices");
  features.indices.resize(indices.size());
  features.values.resize(indices.size());
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    std::int64_t previous = -1;
    for (auto i = static_cast<std::size_t>(features.offsets[row]);
         i < static_cast<std::size_t>(features.offsets[row + 1]); ++i) {
      if (indices[i] < 0 || static_cast<std::size_t>(indices[i]) >= matrix.columns) {
        fail(ErrorKind::input, file, ": indices: row ", row, ": expected columns below ", matrix.columns,
             ", found ", indices[i]);
      }
      if (indices[i] <= previous) {
        fail(ErrorKind::input, file, ": indices: row ", row, ": expected ascending columns, found ",
             indices[i], " after ", previous);
      }
      previous = indices[i];
      features.indices[i] = static_cast<std::int32_t>(indices[i]);
      const double number = number_at(matrix.data, i);
      // Also false for NaN.
      if (!(std::abs(number) <= static_cast<double>(std::numeric_limits<float>::max()))) {
        fail(ErrorKind::input, file, ": data: row ", row, ", column ", indices[i],
             ": expected a finite number in the range of float, found ", number);
      }
      features.values[i] = static_cast<float>(number);
    }
  }
  return features;
}

OneHotLabels to_labels(const pickle::Value& value, const std::string& file) {
  const pickle::Array* array = value.as<pickle::Array>();
  if (!array || array->dimensions != 2) {
    fail(ErrorKind::input, file, ": expected an array with 2 dimensions, found another kind of value");
  }
  // Without columns the bytes say nothing about the number of rows.
  if (array->columns == 0) fail(ErrorKind::input, file, ": expected a column for each class, found none");
  OneHotLabels labels;
  labels.num_classes = static_cast<std::int32_t>(array->columns);
  labels.classes.assign(array->rows, -1);
  for (std::size_t row = 0; row < array->rows; ++row) {
    for (std::size_t column = 0; column < array->columns; ++column) {
      const double number = number_at(*array, row * array->columns + column);
      if (number == 0) continue;
      if (number != 1 || labels.classes[row] != -1) {
        fail(ErrorKind::input, file, ": row ", row, ", column ", column,
             ": expected a single 1 and otherwise 0 in a row, found ", number == 1 ? "a second " : "",
             number);
      }
      labels.classes[row] = static_cast<std::int32_t>(column);
    }
  }
  return labels;
}

graphs::EdgeList to_edges(const pickle::Value& value, const std::string& file) {
  const auto* held = value.as<std::unique_ptr<pickle::Lists>>();
  if (!held)
    fail(ErrorKind::input, file, ": expected a dictionary of neighbour lists, found another kind of value");
  const pickle::Lists& lists = **held;
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(lists.keys.size());
  edges.source.reserve(lists.items.size());
  edges.target.reserve(lists.items.size());

  // As many different keys as nodes, all in range: then every node has its list.
  const std::size_t last = lists.keys.size() - 1;
  std::vector<bool> seen(lists.keys.size());
  for (std::size_t k = 0; k < lists.keys.size(); ++k) {
    const std::int32_t node = lists.keys[k];
    if (node < 0 || static_cast<std::size_t>(node) > last) {
      fail(ErrorKind::input, file, ": expected each node from 0 to ", last, " once as a key, found ", node);
    }
    if (seen[static_cast<std::size_t>(node)]) {
      fail(ErrorKind::input, file, ": expected each node once as a key, found ", node, " twice");
    }
    seen[static_cast<std::size_t>(node)] = true;
    for (std::size_t i = lists.offsets[k]; i < lists.offsets[k + 1]; ++i) {
      const std::int32_t neighbour = lists.items[i];
      if (neighbour < 0 || static_cast<std::size_t>(neighbour) > last) {
        fail(ErrorKind::input, file, ": node ", node, ": expected neighbours from 0 to ", last, ", found ",
             neighbour);
      }
      edges.source.push_back(static_cast<NodeId>(node));
      edges.target.push_back(static_cast<NodeId>(neighbour));
    }
  }
  return edges;
}

}  // namespace gnn::datasets
