// SPDX-License-Identifier: Apache-2.0
#include <datasets/splits.hpp>

#include <algorithm>
#include <utility>

#include <datasets/csv_field.hpp>
#include <datasets/random.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// The nodes with a label, in a random order.
std::vector<NodeId> shuffled_nodes(std::span<const std::int32_t> labels, std::uint64_t seed) {
  std::vector<NodeId> nodes;
  for (std::size_t node = 0; node < labels.size(); ++node) {
    if (labels[node] >= 0) nodes.push_back(static_cast<NodeId>(node));
  }
  Random random(seed);
  for (std::size_t i = nodes.size(); i > 1; --i) std::swap(nodes[i - 1], nodes[random.below(i)]);
  return nodes;
}

void sort_parts(Split& split) {
  for (auto* part : {&split.train, &split.val, &split.test}) std::sort(part->begin(), part->end());
}

}  // namespace

void validate(const Split& split, NodeId num_nodes) {
  std::vector<bool> used(static_cast<std::size_t>(num_nodes));
  const auto check_part = [&](const char* name, const std::vector<NodeId>& part) {
    NodeId previous = -1;
    for (const NodeId node : part) {
      if (node < 0 || node >= num_nodes) {
        fail(ErrorKind::input, "split: ", name, ": expected nodes below ", +num_nodes, ", found ", +node);
      }
      if (node <= previous) {
        fail(ErrorKind::input, "split: ", name, ": expected ascending nodes, found ", +node, " after ",
             +previous);
      }
      if (used[static_cast<std::size_t>(node)]) {
        fail(ErrorKind::input, "split: ", name, ": expected nodes of no other part, found ", +node);
      }
      used[static_cast<std::size_t>(node)] = true;
      previous = node;
    }
  };
  check_part("train", split.train);
  check_part("val", split.val);
  if (split.test != split.val) check_part("test", split.test);
}

Split random_split(std::span<const std::int32_t> labels, std::size_t train, std::size_t val,
                   std::uint64_t seed) {
  const auto highest = std::max_element(labels.begin(), labels.end());
  const std::size_t num_classes = highest == labels.end() ? 0 : static_cast<std::size_t>(*highest + 1);
  std::vector<std::size_t> taken(num_classes);  // nodes of each class so far
  Split split;
  split.name = "random";
  for (const NodeId node : shuffled_nodes(labels, seed)) {
    const std::size_t rank = taken[static_cast<std::size_t>(labels[static_cast<std::size_t>(node)])]++;
    (rank < train ? split.train : rank < train + val ? split.val : split.test).push_back(node);
  }
  for (std::size_t c = 0; c < num_classes; ++c) {
    check(taken[c] >= train + val, "random split: expected at least ", train + val,
          " nodes in each class, found ", taken[c], " in class ", c);
  }
  sort_parts(split);
  return split;
}

Split ratio_split(std::span<const std::int32_t> labels, double train, double val, std::uint64_t seed) {
  // 0.7 + 0.3 may exceed 1 by a rounding.
  check(train >= 0 && val >= 0 && train + val <= 1 + 1e-9,
        "ratio split: expected shares of at least 0 with a sum of at most 1, got ", train, " and ", val);
  const std::vector<NodeId> nodes = shuffled_nodes(labels, seed);
  const auto count = [&](double share) {
    return std::min(nodes.size(), static_cast<std::size_t>(share * static_cast<double>(nodes.size()) + 0.5));
  };
  const auto val_begin = nodes.begin() + static_cast<std::ptrdiff_t>(count(train));
  const auto test_begin =
      nodes.begin() + static_cast<std::ptrdiff_t>(std::max(count(train), count(train + val)));
  Split split{"ratio", {nodes.begin(), val_begin}, {val_begin, test_begin}, {test_begin, nodes.end()}};
  sort_parts(split);
  return split;
}

std::vector<Split> kfold_splits(std::span<const std::int32_t> labels, std::size_t k, std::uint64_t seed) {
  const std::vector<NodeId> nodes = shuffled_nodes(labels, seed);
  check(k >= 3 && k <= nodes.size(), "k-fold split: expected 3 to ", nodes.size(), " folds, got ", k);
  std::vector<Split> splits(k);
  for (std::size_t fold = 0; fold < k; ++fold) {
    Split& split = splits[fold];
    split.name = "kfold-" + std::to_string(fold);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::size_t part = i % k;
      (part == fold ? split.test : part == (fold + 1) % k ? split.val : split.train).push_back(nodes[i]);
    }
    sort_parts(split);
  }
  return splits;
}

Split graph_split(std::span<const std::int32_t> graph_id, double train, double val, std::uint64_t seed) {
  check(!graph_id.empty(), "graph split: expected nodes of several graphs, got none");
  // A graph is drawn like a node, then stands for all of its nodes.
  const std::vector<std::int32_t> graphs(static_cast<std::size_t>(graph_id.back()) + 1, 0);
  const Split drawn = ratio_split(graphs, train, val, seed);
  std::vector<int> part(graphs.size());
  for (const NodeId g : drawn.val) part[static_cast<std::size_t>(g)] = 1;
  for (const NodeId g : drawn.test) part[static_cast<std::size_t>(g)] = 2;
  Split split;
  split.name = "graph";
  for (std::size_t node = 0; node < graph_id.size(); ++node) {
    const int where = part[static_cast<std::size_t>(graph_id[node])];
    (where == 0 ? split.train : where == 1 ? split.val : split.test).push_back(static_cast<NodeId>(node));
  }
  return split;
}

std::string to_csv(const Split& split, std::span<const std::string> node_names) {
  std::vector<std::pair<NodeId, const char*>> rows;
  for (const NodeId node : split.train) rows.emplace_back(node, "train");
  for (const NodeId node : split.val) rows.emplace_back(node, "val");
  for (const NodeId node : split.test) rows.emplace_back(node, "test");
  std::sort(rows.begin(), rows.end());
  std::string text = "node,split\n";
  for (const auto& [node, part] : rows) {
    text += node_names.empty() ? std::to_string(node) : csv_field(node_names[static_cast<std::size_t>(node)]);
    text += ',';
    text += part;
    text += '\n';
  }
  return text;
}

}  // namespace gnn::datasets
