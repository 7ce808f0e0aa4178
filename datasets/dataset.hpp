// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <graphs/csr.hpp>

namespace gnn::datasets {

/// Node features in compressed sparse rows: row i holds the non-zero features of node i, columns ascending.
/// A dense matrix is the case that every entry is stored.
struct Features {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<std::int64_t> offsets = {0};
  std::vector<std::int32_t> indices;
  std::vector<float> values;

  std::size_t num_nonzero() const { return values.size(); }
  double density() const {
    return rows && columns ? double(values.size()) / double(rows) / double(columns) : 0;
  }
};

/// Which nodes train, choose the epoch, and give the score. Ascending, disjoint; nodes may be in none. Only val and test may
/// be the same nodes, for sets whose authors chose the epoch by the score that they report.
struct Split {
  std::string name;  ///< "public", "random", ...
  std::vector<NodeId> train, val, test;
};

struct TypedDataset;

/// A graph plus what is known about its nodes.
struct Dataset {
  std::string name;                  ///< "cora"
  graphs::Csr graph;                 ///< N x N, both directions of every undirected edge, no duplicates
  Features features;                 ///< N rows, as stored; normalisation is part of the model
  std::vector<std::int32_t> labels;  ///< N; class 0 to num_classes-1, or -1: unknown
  /// Empty, or N x num_classes zeros and ones: a node may be in any number of classes. Then `labels` is 0 where a node's
  /// row is known and -1 where it is not.
  std::vector<std::uint8_t> targets;
  std::int32_t num_classes = 0;
  std::vector<std::string> class_names;  ///< empty or num_classes names
  Split split;
  std::vector<std::string> node_names;   ///< empty, or N names as the user wrote them
  std::vector<std::int32_t> graph_id;    ///< empty: one graph; else N, never falling: which of many graphs a node is in
  std::vector<std::uint8_t> exact_rows;  ///< empty, or N: 0 where the known label is an estimate
  /// The typed graph of whose target these are the nodes (see target_nodes()): `graph` then has no edges. Null: a plain graph.
  std::shared_ptr<const TypedDataset> typed;
  std::vector<std::string> notes;  ///< what was found and done while reading: "302 duplicate entries merged"

  NodeId num_nodes() const { return graph.num_rows(); }
  bool multi_label() const { return !targets.empty(); }
};

/// Throws Error(input) when sizes, labels or split do not fit together, or an edge joins two of many graphs.
void validate(const Dataset& data);

}  // namespace gnn::datasets
