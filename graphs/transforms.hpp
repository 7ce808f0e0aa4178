// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <graphs/edge_list.hpp>

namespace gnn::graphs {

/// What a transform returns: the new list, and how many edges it touched, for the report to the user.
struct Transformed {
  EdgeList edges;
  EdgeOffset count = 0;
};

// Every transform validates its list first, and throws Error(input) when the result has more edges than
// EdgeOffset can count.

/// Adds the reverse of every edge that is no self-loop, with the same weight, behind the edges given. An edge
/// whose reverse is in the list already gives duplicates: call merge_duplicates next. count: edges added.
Transformed symmetrise(const EdgeList& edges);

/// Keeps one edge for every pair of source and target, sorted by target, then by source. The weights of
/// duplicates add up; without weights duplicates collapse into one edge and the list stays unweighted. The
/// order of the list has no influence, rounding included. Throws Error(input) when a sum is too large for
/// float. count: edges removed.
Transformed merge_duplicates(const EdgeList& edges);

/// Throws Error(input) naming the first edge, by target and then by source, that occurs more than once.
void check_no_duplicates(const EdgeList& edges);

/// Drops the self-loops; the other edges keep their order. count: edges removed.
Transformed remove_self_loops(const EdgeList& edges);

/// Leaves every node with exactly one self-loop, of weight 1: the old ones are removed, the new ones stand
/// behind the other edges in the order of the nodes. count: self-loops removed.
Transformed add_self_loops(const EdgeList& edges);

/// Gives every node without a self-loop one of weight 1, behind the edges given, which stay as they are. count: self-loops
/// added.
Transformed fill_self_loops(const EdgeList& edges);

}  // namespace gnn::graphs
