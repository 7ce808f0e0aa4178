// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <gnn/core/array.hpp>
#include <graphs/csr.hpp>

namespace gnn::inline GNN_PRECISION {

/// Some of the edges of a long row, as many as a worker of its own deserves: part number `part` of `parts` equal ones.
struct alignas(16) RowPart {
  NodeId row;
  std::uint32_t part, parts;
  std::uint32_t slot;  ///< of part 0 among the parts of all rows that have several; those behind it follow
  EdgeOffset first, last;  ///< its edges: places first to last - 1
};

/// Compressed sparse rows as a kernel sees them.
struct CsrView {
  NodeId num_rows = 0, num_columns = 0;
  const EdgeOffset* offsets = nullptr;  ///< num_rows + 1
  const NodeId* columns = nullptr;
  const EdgeOffset* edge = nullptr;   ///< for every place its place in the rows by target; null: the place itself
  const std::uint32_t* rank = nullptr;  ///< how many equal edges come before; null: there are no duplicates
  const Real* weights = nullptr;        ///< of the edges at their places; null: all ones
  const NodeId* ids = nullptr;        ///< which node of the whole graph each source is, targets first; null: itself
  const NodeId* blocks = nullptr;     ///< num_blocks + 1 row boundaries of about equal work
  std::size_t num_blocks = 0;
  EdgeOffset num_edges = 0;
  bool ascending = false;  ///< the columns of every row do; looked at on a GPU only, as are the parts
  /// The parts of rows with more than longest_short edges, which deserve several workers; 0: nobody has looked.
  const RowPart* parts = nullptr;
  std::size_t num_parts = 0, num_slots = 0;
  EdgeOffset longest_short = 0;
};

/// One direction of a sparse matrix on a device.
struct CsrArrays {
  CsrArrays() = default;
  CsrArrays(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const EdgeOffset> edge,
            std::span<const std::uint32_t> rank);
  /// longest_short: of a small matrix, see CsrView.
  CsrArrays(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const EdgeOffset> edge,
            std::span<const std::uint32_t> rank, EdgeOffset longest_short);

  CsrView view() const;

  NodeId num_columns = 0;
  Array<EdgeOffset> offsets, edge;
  Array<NodeId> columns, blocks;
  Array<RowPart> parts;
  std::size_t num_slots = 0;
  EdgeOffset longest_short = 0;
  bool ascending = false;
  Array<std::uint32_t> rank;
  Array<Real> weights;
};

/// One of the graphs that stand side by side in an adjacency, without an edge between them.
struct GraphPart {
  NodeId first_node = 0, num_nodes = 0;
  EdgeOffset num_edges = 0;
  NodeId first_id = 0;  ///< which node of the whole data the first one is
  /// Of a dense graph, where few pairs have no edge, these pairs: target, source, target, ...
  bool dense = false;
  Array<NodeId> non_edges;
};

/// Edges on a device, rows by target (`in`) and by source (`out`): the forward pass gathers over the edges into a node,
/// the backward pass over the edges out of it, so each result has one owner. R targets, S sources; a plain graph has
/// R = S = N, a relation of a typed graph or a part of a graph need not. Copies share the arrays.
///
/// A part of a graph knows which node of the whole graph each source is (ids), because dropout is drawn for nodes by
/// that number; its targets are the first R sources.
class Adjacency {
 public:
  Adjacency() = default;
  /// first_nodes: the first node of each of several graphs side by side, ascending from 0; empty: it is one graph.
  explicit Adjacency(const std::shared_ptr<Pool>& pool, const graphs::Csr& csr, std::span<const NodeId> ids = {},
                     std::span<const NodeId> first_nodes = {});

  CsrView in() const { return view(in_); }
  CsrView out() const { return view(out_); }
  const Array<NodeId>& ids() const { return ids_; }  ///< empty: each node is itself
  std::span<const GraphPart> graphs() const { return graphs_ ? std::span(*graphs_) : std::span<const GraphPart>(); }
  std::size_t num_targets() const { return in_.offsets.size() ? in_.offsets.size() - 1 : 0; }
  std::size_t num_sources() const { return std::size_t(in_.num_columns); }
  std::size_t num_edges() const { return in_.columns.size(); }

  /// Every edge has its reverse, as often and with the same weight: both directions have the same offsets, columns and
  /// weights, and place p of a row by source holds the reverse of the edge at place p of the row by target.
  bool is_symmetric() const { return symmetric_; }

 private:
  CsrView view(const CsrArrays& arrays) const {
    CsrView view = arrays.view();
    view.ids = ids_.data();
    return view;
  }

  CsrArrays in_, out_;
  Array<NodeId> ids_;
  std::shared_ptr<const std::vector<GraphPart>> graphs_;
  bool symmetric_ = false;
};

/// Row boundaries that cut the work (edges, and a little for every row) into pieces of about equal size. They depend
/// on the matrix only, never on the number of threads: with them, sums come out the same bits on any machine load.
std::vector<NodeId> balanced_blocks(std::span<const EdgeOffset> offsets);

/// The parts of all rows with more than longest_short edges, of about `most` edges or, in a large matrix, a 4096th of all.
/// slots: how many parts belong to rows that have several.
std::vector<RowPart> long_row_parts(std::span<const EdgeOffset> offsets, EdgeOffset longest_short, EdgeOffset most, std::size_t& slots);

}  // namespace gnn::inline GNN_PRECISION
