// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <datasets/dataset.hpp>
#include <graphs/spans.hpp>

/// Data sets from arrays that the caller has. All functions throw Error(input), in one sentence, when the
/// arrays do not fit together, and make nothing then.
namespace gnn::datasets {

/// Features from a dense matrix, rows x columns, `stride` numbers from one row to the next (0: columns).
/// Zeros are not stored.
Features features_from_dense(std::span<const float> values, std::size_t rows, std::size_t columns,
                             std::size_t stride = 0);

/// Features from compressed sparse rows; offsets are one a row and one more, columns ascend in each row.
template <graphs::Index Offset, graphs::Index Column>
Features features_from_csr(std::size_t columns, std::span<const Offset> offsets,
                           std::span<const Column> indices, std::span<const float> values) {
  Features features;
  features.columns = columns;
  features.rows = offsets.empty() ? 0 : offsets.size() - 1;
  features.offsets.assign(offsets.begin(), offsets.end());
  features.indices.reserve(indices.size());
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (std::cmp_less(indices[k], 0) || std::cmp_greater_equal(indices[k], columns)) {
      fail(ErrorKind::input, "features: entry ", k, ": expected a column below ", columns, ", found ",
           +indices[k]);
    }
    features.indices.push_back(static_cast<std::int32_t>(indices[k]));
  }
  features.values.assign(values.begin(), values.end());
  return features;
}

/// What is known of the nodes of a graph.
struct NodeArrays {
  Features features{};
  std::span<const std::int32_t> labels{};  ///< empty, or a class from 0 or -1 (unknown) for each node
  Split split{};
  std::string name = "graph";
};

/// A valid data set; the number of classes is the largest label and one more. Most models want both
/// directions of every edge: see CsrOptions::both_directions. Throws as validate() does.
Dataset make_dataset(graphs::Csr graph, NodeArrays nodes);

}  // namespace gnn::datasets
