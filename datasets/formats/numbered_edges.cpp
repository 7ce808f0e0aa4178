// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/numbered_edges.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::uint64_t most_ids = std::uint64_t(std::numeric_limits<NodeId>::max());

using Place = std::function<std::string(std::size_t, bool)>;

/// Calls visit(edge, is_target, number) in the order of the file's edges.
template <class Visit>
void for_each_number(const std::vector<std::int64_t>& source, const std::vector<std::int64_t>& target,
                     Visit visit) {
  for (std::size_t e = 0; e < source.size(); ++e) {
    visit(e, false, source[e]);
    visit(e, true, target[e]);
  }
}

/// Nodes are those that occur, in ascending order of their numbers, which become their names.
void relabel(const std::vector<std::int64_t>& source, const std::vector<std::int64_t>& target, RawEdges& raw,
             const std::string& where) {
  std::vector<std::int64_t> ids(source);
  ids.insert(ids.end(), target.begin(), target.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() > most_ids) {
    fail(ErrorKind::input, where, ": expected at most ", most_ids, " nodes, found ", ids.size());
  }
  const auto number_of = [&](std::int64_t id) {
    return static_cast<NodeId>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  };
  for_each_number(source, target, [&](std::size_t, bool is_target, std::int64_t id) {
    (is_target ? raw.edges.target : raw.edges.source).push_back(number_of(id));
  });
  for (const std::int64_t id : ids) raw.node_names.push_back(std::to_string(id));
  raw.edges.num_nodes = static_cast<NodeId>(ids.size());
}

}  // namespace

std::uint64_t most_nodes(std::uint64_t entries) {
  const std::uint64_t by_entries = entries > most_ids / 64 ? most_ids : 64 * entries;
  return std::min(most_ids, std::max(std::uint64_t(1) << 20, by_entries));
}

void check_node_count(std::uint64_t nodes, std::uint64_t entries, const std::string& where) {
  if (nodes <= most_nodes(entries)) return;
  throw Error(ErrorKind::input,
              where + ": expected at most " + std::to_string(most_nodes(entries)) + " nodes in a file of " +
                  std::to_string(entries) + " edges, found " + std::to_string(nodes),
              "--relabel keeps only the nodes that occur");
}

RawEdges number_edges(const std::vector<std::int64_t>& source, const std::vector<std::int64_t>& target,
                      std::vector<float> weights, std::uint64_t declared, const EdgeOptions& options,
                      const std::string& where, const Place& place) {
  RawEdges raw;
  raw.edges.weight = std::move(weights);
  const std::int64_t base = options.index_base.value_or(0);
  raw.edges.source.reserve(source.size());
  raw.edges.target.reserve(source.size());
  for_each_number(source, target, [&](std::size_t e, bool is_target, std::int64_t id) {
    if (id >= base) return;
    fail(ErrorKind::input, place(e, is_target), ": expected a node number from ", base, ", found ", id);
  });
  if (options.relabel) {
    relabel(source, target, raw, where);
    return raw;
  }

  // Either the options or the file bound the numbers, or the number of edges does.
  std::uint64_t bound = options.num_nodes > 0 ? std::uint64_t(options.num_nodes) : declared;
  if (declared > bound) {
    fail(ErrorKind::input, where, ": expected at most ", bound, " nodes, as asked for, found ", declared);
  }
  if (bound > 0) check_node_count(bound, options.num_nodes > 0 ? most_ids : source.size(), where);
  const std::uint64_t most = bound > 0 ? bound : most_nodes(source.size());
  std::uint64_t count = bound;
  for_each_number(source, target, [&](std::size_t e, bool is_target, std::int64_t id) {
    const auto number = static_cast<std::uint64_t>(id - base);
    if (number >= most) {
      throw Error(ErrorKind::input,
                  place(e, is_target) + ": expected a node number up to " +
                      std::to_string(most - 1 + std::uint64_t(base)) +
                      (bound > 0 ? "" : " in a file of " + std::to_string(source.size()) + " edges") +
                      ", found " + std::to_string(id),
                  bound > 0 ? "" : "--relabel keeps only the nodes that occur");
    }
    count = std::max(count, number + 1);
    (is_target ? raw.edges.target : raw.edges.source).push_back(static_cast<NodeId>(number));
  });
  raw.edges.num_nodes = static_cast<NodeId>(count);
  return raw;
}

}  // namespace gnn::datasets
