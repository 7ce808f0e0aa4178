// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gnn {

// 2^31 nodes are enough, 2^31 edges are not. A build may shrink both to provoke every overflow in the tests.
#ifndef GNN_NODE_ID
#define GNN_NODE_ID std::int32_t
#endif
#ifndef GNN_EDGE_OFFSET
#define GNN_EDGE_OFFSET std::int64_t
#endif

using NodeId = GNN_NODE_ID;          ///< a node: 0 to N-1; -1 marks "none"
using EdgeOffset = GNN_EDGE_OFFSET;  ///< a position in an array of edges: 0 to E

}  // namespace gnn
