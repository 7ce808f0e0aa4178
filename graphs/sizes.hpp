// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include <graphs/error.hpp>
#include <graphs/types.hpp>

namespace gnn::graphs {

/// `count` as a number of nodes. Throws Error(input) when NodeId cannot hold it.
inline NodeId to_node_count(std::uint64_t count) {
  constexpr auto most = std::numeric_limits<NodeId>::max();
  // The plus sign prints a one-byte id as a number.
  if (count > std::uint64_t(most)) {
    fail(ErrorKind::input, "graph: ", count, " nodes are too many, this build holds at most ", +most);
  }
  return static_cast<NodeId>(count);
}

/// `count` as a number of edges. Throws Error(input) when EdgeOffset cannot hold it.
inline EdgeOffset to_edge_count(std::uint64_t count) {
  constexpr auto most = std::numeric_limits<EdgeOffset>::max();
  if (count > std::uint64_t(most)) {
    fail(ErrorKind::input, "graph: ", count, " edges are too many, this build holds at most ", +most);
  }
  return static_cast<EdgeOffset>(count);
}

}  // namespace gnn::graphs
