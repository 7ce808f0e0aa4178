// SPDX-License-Identifier: Apache-2.0
#include <graphs/generators.hpp>

#include <random>
#include <unordered_set>

#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

/// The standard fixes the numbers of this engine, but not those of its distributions: hence the two below.
using Random = std::mt19937_64;

/// Uniform in [0, n), without bias.
std::uint64_t uniform_below(Random& random, std::uint64_t n) {
  // 2^64 mod n: with this many values refused, a multiple of n remains.
  const std::uint64_t refused = (0 - n) % n;
  std::uint64_t value = random();
  while (value < refused) value = random();
  return value % n;
}

/// Uniform in [0, 1), a multiple of 2^-53.
double uniform_real(Random& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

EdgeList empty_list(NodeId num_nodes, EdgeOffset num_edges) {
  check(num_nodes >= 0, "generator: the number of nodes is ", +num_nodes);
  check(num_edges >= 0, "generator: the number of edges is ", num_edges);
  EdgeList edges;
  edges.num_nodes = num_nodes;
  edges.source.reserve(size_t(num_edges));
  edges.target.reserve(size_t(num_edges));
  return edges;
}

void add_edge(EdgeList& edges, std::uint64_t source, std::uint64_t target) {
  edges.source.push_back(static_cast<NodeId>(source));
  edges.target.push_back(static_cast<NodeId>(target));
}

}  // namespace

EdgeList ring(NodeId num_nodes) {
  EdgeList edges = empty_list(num_nodes, num_nodes);
  const auto n = std::uint64_t(num_nodes);
  for (std::uint64_t i = 0; i < n; ++i) add_edge(edges, i, (i + 1) % n);
  return edges;
}

EdgeList star(NodeId num_nodes) {
  EdgeList edges = empty_list(num_nodes, num_nodes);
  for (std::uint64_t i = 1; i < std::uint64_t(num_nodes); ++i) add_edge(edges, i, 0);
  return edges;
}

EdgeList erdos_renyi(NodeId num_nodes, EdgeOffset num_edges, std::uint64_t seed) {
  EdgeList edges = empty_list(num_nodes, num_edges);
  const auto n = std::uint64_t(num_nodes);
  const std::uint64_t possible = n == 0 ? 0 : n * (n - 1);
  check(std::uint64_t(num_edges) <= possible, "erdos_renyi: ", +num_nodes, " nodes have ", possible,
        " possible edges, asked for ", num_edges);

  // Floyd's way to draw a set: each step adds one number below last + 1, taking `last` when the draw is in
  // already.
  Random random(seed);
  std::unordered_set<std::uint64_t> drawn;
  drawn.reserve(size_t(num_edges));
  for (std::uint64_t last = possible - std::uint64_t(num_edges); last < possible; ++last) {
    std::uint64_t pair = uniform_below(random, last + 1);
    if (!drawn.insert(pair).second) {
      pair = last;
      drawn.insert(pair);
    }
    // A source has n - 1 possible targets: all but itself.
    const std::uint64_t source = pair / (n - 1);
    const std::uint64_t target = pair % (n - 1);
    add_edge(edges, source, target < source ? target : target + 1);
  }
  return edges;
}

EdgeList rmat(int scale, EdgeOffset num_edges, std::uint64_t seed, const RmatOptions& options) {
  const auto [a, b, c] = options;
  check(scale >= 0 && scale < 63, "rmat: scale must be in [0, 63), got ", scale);
  check(a >= 0 && b >= 0 && c >= 0 && a + b + c <= 1,
        "rmat: chances must be positive and add up to at most 1, got ", a, ", ", b, ", ", c);
  EdgeList edges = empty_list(to_node_count(std::uint64_t(1) << scale), num_edges);
  Random random(seed);
  for (EdgeOffset e = 0; e < num_edges; ++e) {
    std::uint64_t source = 0;
    std::uint64_t target = 0;
    for (int level = 0; level < scale; ++level) {
      const double draw = uniform_real(random);
      const bool source_high = draw >= a + b;
      const bool target_high = source_high ? draw >= a + b + c : draw >= a;
      source = 2 * source + source_high;
      target = 2 * target + target_high;
    }
    add_edge(edges, source, target);
  }
  return edges;
}

PlantedPartition planted_partition(NodeId num_nodes, NodeId num_blocks, EdgeOffset num_edges, double inside,
                                   std::uint64_t seed) {
  check(num_blocks >= 2 && num_nodes / 2 >= num_blocks,
        "planted_partition: needs two blocks of two nodes, got ", +num_blocks, " blocks and ", +num_nodes,
        " nodes");
  check(inside >= 0 && inside <= 1, "planted_partition: inside must be in [0, 1], got ", inside);
  PlantedPartition result{empty_list(num_nodes, num_edges), {}};
  const auto n = std::uint64_t(num_nodes);
  const auto blocks = std::uint64_t(num_blocks);
  const auto start = [&](std::uint64_t block) { return block * n / blocks; };
  for (std::uint64_t b = 0; b < blocks; ++b) {
    result.block.insert(result.block.end(), start(b + 1) - start(b), static_cast<std::int32_t>(b));
  }

  Random random(seed);
  for (EdgeOffset e = 0; e < num_edges; ++e) {
    const std::uint64_t target = uniform_below(random, n);
    const auto block = std::uint64_t(result.block[target]);
    const std::uint64_t begin = start(block);
    const std::uint64_t size = start(block + 1) - begin;
    std::uint64_t source;
    if (uniform_real(random) < inside) {
      source = begin + uniform_below(random, size - 1);
      if (source >= target) ++source;
    } else {
      source = uniform_below(random, n - size);
      if (source >= begin) source += size;
    }
    add_edge(result.edges, source, target);
  }
  return result;
}

}  // namespace gnn::graphs
