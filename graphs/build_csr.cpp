// SPDX-License-Identifier: Apache-2.0
#include <graphs/build_csr.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include <graphs/group_sort.hpp>
#include <graphs/huge_pages.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

/// Moves the self-loops behind the other edges; returns how many others there are.
std::size_t put_self_loops_last(EdgeList& edges) {
  std::size_t end = edges.source.size();
  for (std::size_t e = 0; e < end;) {
    if (edges.source[e] != edges.target[e]) {
      ++e;
      continue;
    }
    --end;
    std::swap(edges.source[e], edges.source[end]);
    std::swap(edges.target[e], edges.target[end]);
    if (edges.weighted()) std::swap(edges.weight[e], edges.weight[end]);
  }
  return end;
}

/// Appends without a detour over zeros; the two calls of one list may run at the same time.
template <class T>
void append(std::vector<T>& list, const T* first, std::size_t count) {
  list.insert(list.end(), first, first + count);
}

/// The nodes that get a self-loop.
std::vector<NodeId> nodes_without_loop(const EdgeList& edges, SelfLoops wish) {
  std::vector<NodeId> nodes;
  if (wish != SelfLoops::add && wish != SelfLoops::fill) return nodes;
  std::vector<char> has(std::size_t(edges.num_nodes), 0);
  for (std::size_t e = 0; wish == SelfLoops::fill && e < edges.source.size(); ++e) {
    if (edges.source[e] == edges.target[e]) has[std::size_t(edges.source[e])] = 1;
  }
  for (NodeId i = 0; i < edges.num_nodes; ++i) {
    if (!has[std::size_t(i)]) nodes.push_back(i);
  }
  return nodes;
}

/// Puts the list into its final length: self-loops as asked for, and both directions.
void complete(EdgeList& edges, const CsrOptions& options, BuiltCsr& result) {
  const std::size_t given = edges.source.size();
  std::size_t loops = 0;
  for (std::size_t e = 0; e < given; ++e) loops += edges.source[e] == edges.target[e];
  result.self_loops = EdgeOffset(loops);

  const bool weighted = edges.weighted();
  const std::size_t others = given - loops;
  const bool drops = options.self_loops == SelfLoops::add || options.self_loops == SelfLoops::remove;
  if (loops > 0 && (options.both_directions || drops)) put_self_loops_last(edges);
  if (drops) {
    result.self_loops_removed = EdgeOffset(loops);
    edges.source.resize(others);
    edges.target.resize(others);
    if (weighted) edges.weight.resize(others);
  }
  const std::size_t added = options.both_directions ? others : 0;
  const std::vector<NodeId> new_loops = nodes_without_loop(edges, options.self_loops);
  const std::size_t old = edges.source.size(), total = old + added + new_loops.size();
  to_edge_count(total);
  if (total == old) return;
  result.reversed = EdgeOffset(added);
  result.self_loops_added = EdgeOffset(new_loops.size());

  reserve_huge(edges.source, total);
  reserve_huge(edges.target, total);
  const NodeId* source = edges.source.data();
  const NodeId* target = edges.target.data();
  parallel_for(2, [&](std::size_t side) {
    auto& list = side == 0 ? edges.source : edges.target;
    append(list, side == 0 ? target : source, added);
    append(list, new_loops.data(), new_loops.size());
  });
  if (!weighted) return;
  edges.weight.resize(total, 1.0f);
  std::copy_n(edges.weight.begin(), added, edges.weight.begin() + std::ptrdiff_t(old));
}

[[noreturn]] void report(const Offence& offence, Duplicates duplicates) {
  if (duplicates == Duplicates::error) {
    fail(ErrorKind::input, "edge list: expected edge ", +offence.source, " -> ", offence.target, " once, found it ",
         offence.times, " times");
  }
  fail(ErrorKind::input, "edge list: expected weights of edge ", +offence.source, " -> ", offence.target,
       " whose sum float can hold, found ", offence.sum);
}

/// Moves what is left of every group to its place in the matrix. `to` is as long as `from`, or longer.
template <class T>
void gather(const Grouped& grouped, std::span<const SortedGroup> groups, std::span<const std::size_t> begins,
            const std::vector<T>& from, std::vector<T>& to) {
  parallel_for(grouped.num_groups, [&](std::size_t g) {
    auto place = to.begin() + std::ptrdiff_t(begins[g]);
    for_each_run(grouped, g, groups[g].size, [&](std::size_t begin, std::size_t end) {
      place = std::copy(from.begin() + std::ptrdiff_t(begin), from.begin() + std::ptrdiff_t(end), place);
    });
  });
}

/// Gives memory back when a good part of it is not needed.
template <class T>
void cut(std::vector<T>& values, std::size_t size) {
  const bool much = size < values.size() - values.size() / 16;
  values.resize(size);
  if (much) values.shrink_to_fit();
}

}  // namespace

BuiltCsr build_csr(EdgeList&& edges, const CsrOptions& options) {
  validate(edges);
  BuiltCsr result;
  complete(edges, options, result);

  const Grouped grouped = group_by_target(edges);
  const EqualEdges equal = options.duplicates == Duplicates::keep    ? EqualEdges::keep
                           : options.duplicates == Duplicates::merge ? EqualEdges::merge
                                                                     : EqualEdges::refuse;
  std::vector<EdgeOffset> offsets(grouped.num_rows + 1, 0);
  std::vector<SortedGroup> groups(grouped.num_groups);
  parallel_for(groups.size(), [&](std::size_t g) { groups[g] = sort_group(edges, grouped, g, equal, offsets); });

  std::vector<std::size_t> begins(groups.size() + 1, 0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].offence) report(*groups[g].offence, options.duplicates);
    begins[g + 1] = begins[g] + groups[g].size;
  }
  parallel_for(groups.size(), [&](std::size_t g) {
    const std::size_t first = grouped.first_row(g) + 1;
    for (std::size_t row = first; row < first + grouped.num_rows_of(g); ++row) {
      offsets[row] = EdgeOffset(offsets[row] + EdgeOffset(begins[g]));
    }
  });
  const std::size_t size = begins.back();
  result.merged = EdgeOffset(edges.source.size() - size);
  // The targets are in the offsets now: their array takes the sources.
  gather(grouped, groups, begins, edges.source, edges.target);
  edges.source = {};
  auto columns = std::move(edges.target);
  cut(columns, size);
  std::vector<float> weights;
  if (edges.weighted()) {
    reserve_huge(weights, size);
    weights.resize(size);
    gather(grouped, groups, begins, edges.weight, weights);
  }
  result.graph = Csr(edges.num_nodes, std::move(offsets), std::move(columns), std::move(weights));
  edges = {};
  return result;
}

}  // namespace gnn::graphs
