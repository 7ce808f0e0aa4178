// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <graphs/edge_list.hpp>

namespace gnn::graphs {

/// A list whose targets are put into groups of 2^shift neighbouring rows. The list is cut into parts, each of which is
/// grouped in place, so that a group is one run of edges in every part.
struct Grouped {
  int shift = 0;
  std::size_t num_rows = 0, num_groups = 0;
  std::vector<std::vector<std::size_t>> runs;  ///< of each part: where each group begins, and the end

  std::size_t first_row(std::size_t group) const { return group << shift; }
  std::size_t num_rows_of(std::size_t group) const;
  std::size_t size(std::size_t group) const;  ///< in edges
};

/// Changes the order of the list, and nothing else. All work is linear; sizes alone decide how it is cut.
Grouped group_by_target(EdgeList& edges);

/// What to do with runs of equal edges.
enum class EqualEdges { keep, merge, refuse };

/// An edge that must not be: it occurs more than once, or the sum of its weights is too large.
struct Offence {
  std::size_t target = 0;
  NodeId source = 0;
  std::size_t times = 0;
  double sum = 0;
};

struct SortedGroup {
  std::size_t size = 0;            ///< edges left
  std::optional<Offence> offence;  ///< the first one
};

/// Sorts a group by target, source and weight (-0 before 0), merges equal edges if asked to (weights are added in double,
/// in ascending order), and leaves sources and weights at the front of the group's runs. ends[row + 1] becomes the number
/// of the group's edges up to the end of that row.
SortedGroup sort_group(EdgeList& edges, const Grouped& grouped, std::size_t group, EqualEdges equal,
                       std::vector<EdgeOffset>& ends);

/// Calls visit(begin, end) for the places where the first `size` edges of the group stand.
template <class Visit>
void for_each_run(const Grouped& grouped, std::size_t group, std::size_t size, Visit visit) {
  for (const auto& part : grouped.runs) {
    const std::size_t length = part[group + 1] - part[group] < size ? part[group + 1] - part[group] : size;
    visit(part[group], part[group] + length);
    size -= length;
  }
}

}  // namespace gnn::graphs
