// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <graphs/csr.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::graphs {

enum class Duplicates { merge, keep, error };
enum class SelfLoops { keep, add, remove, fill };

struct CsrOptions {
  bool both_directions = false;  ///< adds the reverse of every edge that is no self-loop
  Duplicates duplicates = Duplicates::keep;
  SelfLoops self_loops = SelfLoops::keep;  ///< add: exactly one a node, of weight 1; fill: one for nodes without
};

/// A matrix, and what was done to get it.
struct BuiltCsr {
  Csr graph;
  EdgeOffset reversed = 0;            ///< edges added by both_directions
  EdgeOffset self_loops = 0;          ///< found in the list
  EdgeOffset self_loops_removed = 0;  ///< by add and remove
  EdgeOffset self_loops_added = 0;    ///< by add and fill
  EdgeOffset merged = 0;              ///< duplicates that are gone
};

/// The matrix of a list that is used up: its arrays are sorted in place and become those of the matrix, so that the peak
/// is the list, with both directions if asked for, and little more. Equals, bit for bit, symmetrise, then
/// remove_self_loops, add_self_loops or fill_self_loops, then merge_duplicates or check_no_duplicates, then Csr::from_edges; neither the
/// order of the list nor the number of threads has an influence. Throws Error(input) as those do.
BuiltCsr build_csr(EdgeList&& edges, const CsrOptions& options = {});

}  // namespace gnn::graphs
