// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <graphs/csr.hpp>

namespace gnn::graphs {

/// Edges with a number each.
struct NumberedEdges {
  Csr edges;
  std::vector<double> values;  ///< one an edge, in the order of the columns
};

/// The same edges once each and in ascending order, every one with the value 1.
NumberedEdges simple_edges(const Csr& edges);

/// Paths of two edges, first through b, then through a: the product
///
///   A D^-1 B,   D_k = size of A's column k + size of B's row k     (0 where that is 0)
///
/// of LATTE (Tran and Gao 2020), after the index of Adamic and Adar: a path counts less where many meet. a: R x K, b: K x S;
/// the result is R x S, its rows ascending. A row has one owner and adds up in the order of a's columns, so the bits do
/// not depend on the threads. Throws Error(usage) when the inner sizes differ.
enum class JoinSize {
  entries,  ///< a size is the number of edges
  values,   ///< a size is the sum of their values
};
NumberedEdges join(const NumberedEdges& a, const NumberedEdges& b, JoinSize size);

/// Those edges for which keep[e] is not 0.
NumberedEdges some_edges(const NumberedEdges& all, std::span<const char> keep);

}  // namespace gnn::graphs
