// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <graphs/edge_list.hpp>
#include <graphs/shared_array.hpp>

namespace gnn::graphs {

/// Edges in compressed sparse rows: row i holds the edges into target i, sorted by source, then by weight.
///
/// An object of this class is always valid: offsets start at 0, never fall and end at num_edges(); columns
/// lie in [0, num_columns). It may be rectangular (targets and sources counted apart) and hold duplicates and
/// self-loops. It never changes, so copies share their arrays.
class Csr {
 public:
  Csr() : offsets_(std::vector<EdgeOffset>{0}) {}

  /// Takes ready arrays. Throws Error(input) when they do not form a CSR matrix. Rows need not be sorted.
  /// weights is empty or one finite number an edge.
  Csr(NodeId num_columns, std::vector<EdgeOffset> offsets, std::vector<NodeId> columns,
      std::vector<float> weights = {});

  /// The same over memory that another object may own: nothing is copied.
  Csr(NodeId num_columns, SharedArray<EdgeOffset> offsets, SharedArray<NodeId> columns,
      SharedArray<float> weights);

  /// Rows are targets. The order of the edges in the list has no influence on the result.
  /// position, when given, becomes for every edge of the list its place in columns(); equal edges keep their
  /// order.
  static Csr from_edges(const EdgeList& edges, std::vector<EdgeOffset>* position = nullptr);

  NodeId num_rows() const { return static_cast<NodeId>(offsets_.size() - 1); }
  NodeId num_columns() const { return num_columns_; }
  EdgeOffset num_edges() const { return offsets_.back(); }
  EdgeOffset degree(NodeId row) const {
    return static_cast<EdgeOffset>(offsets_[size_t(row) + 1] - offsets_[size_t(row)]);
  }

  std::span<const EdgeOffset> offsets() const { return offsets_; }
  std::span<const NodeId> columns() const { return columns_; }
  std::span<const float> weights() const { return weights_; }  ///< empty: all ones
  std::span<const NodeId> row(NodeId i) const {
    return columns().subspan(size_t(offsets_[size_t(i)]), size_t(degree(i)));
  }

  /// The same edges by source: row j holds the edges out of j. edge, when given, becomes for every place of
  /// the result its place in this matrix (the permutation between both directions).
  Csr transposed(std::vector<EdgeOffset>* edge = nullptr) const;

  /// Back to a list, in row order. The list of a rectangular matrix has as many nodes as the longer side.
  EdgeList to_edges() const;

 private:
  NodeId num_columns_ = 0;
  SharedArray<EdgeOffset> offsets_;
  SharedArray<NodeId> columns_;
  SharedArray<float> weights_;
};

}  // namespace gnn::graphs
