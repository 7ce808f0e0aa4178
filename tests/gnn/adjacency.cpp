// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/adjacency.hpp>

#include <doctest/doctest.h>

#include <numeric>

#include "support/test_graphs.hpp"

using namespace gnn;
using Nodes = std::vector<NodeId>;
using Offsets = std::vector<EdgeOffset>;
using Ranks = std::vector<std::uint32_t>;

namespace {

Adjacency on_host(const graphs::Csr& graph) {
  return Adjacency(std::make_shared<Pool>(host_memory), graph);
}

template <class T>
std::vector<T> copy(const T* data, std::size_t count) {
  return data ? std::vector<T>(data, data + count) : std::vector<T>();
}

}  // namespace

TEST_CASE("adjacency: holds the edges by target and by source, and the way from one to the other") {
  // 0 -> 1, 2 -> 1, 2 -> 0, 1 -> 1
  const Adjacency adjacency = on_host(graphs::Csr::from_edges({3, {0, 2, 2, 1}, {1, 1, 0, 1}, {}}));
  const CsrView in = adjacency.in(), out = adjacency.out();
  CHECK(copy(in.offsets, 4) == Offsets{0, 1, 4, 4});
  CHECK(copy(in.columns, 4) == Nodes{2, 0, 1, 2});
  CHECK(in.edge == nullptr);
  CHECK(copy(out.offsets, 4) == Offsets{0, 1, 2, 4});
  CHECK(copy(out.columns, 4) == Nodes{1, 1, 0, 1});
  CHECK(copy(out.edge, 4) == Offsets{1, 2, 0, 3});
  CHECK(in.rank == nullptr);
  CHECK(adjacency.num_edges() == 4);
  CHECK(in.num_edges == 4);
}

TEST_CASE("adjacency: equal edges are ranked, the same in both directions") {
  // 2 -> 0 three times, 1 -> 0 once, 0 -> 2 twice
  const Adjacency adjacency =
      on_host(graphs::Csr::from_edges({3, {2, 0, 2, 1, 2, 0}, {0, 2, 0, 0, 0, 2}, {}}));
  const CsrView in = adjacency.in(), out = adjacency.out();
  CHECK(copy(in.columns, 6) == Nodes{1, 2, 2, 2, 0, 0});
  CHECK(copy(in.rank, 6) == Ranks{0, 0, 1, 2, 0, 1});
  CHECK(copy(out.columns, 6) == Nodes{2, 2, 0, 0, 0, 0});
  for (std::size_t k = 0; k < 6; ++k) CHECK(out.rank[k] == in.rank[out.edge[k]]);
}

TEST_CASE("adjacency: on a large graph the permutation leads to the same edge") {
  const graphs::Csr graph = test::mixed_graph();
  const Adjacency adjacency = on_host(graph);
  const CsrView in = adjacency.in(), out = adjacency.out();
  Nodes target(std::size_t(in.num_edges));
  for (NodeId i = 0; i < in.num_rows; ++i) {
    for (EdgeOffset e = in.offsets[i]; e < in.offsets[i + 1]; ++e) target[std::size_t(e)] = i;
  }
  std::size_t wrong = 0;
  std::vector<bool> seen(target.size());
  for (NodeId j = 0; j < out.num_rows; ++j) {
    for (EdgeOffset k = out.offsets[j]; k < out.offsets[j + 1]; ++k) {
      const std::size_t e = std::size_t(out.edge[k]);
      wrong += seen[e] || in.columns[e] != j || target[e] != out.columns[k] || in.rank[e] != out.rank[k];
      seen[e] = true;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("adjacency: weights lie beside the edges in both directions") {
  // 0 -> 1, 2 -> 1, 2 -> 0, 1 -> 1
  const Adjacency adjacency = on_host(graphs::Csr::from_edges({3, {0, 2, 2, 1}, {1, 1, 0, 1}, {1, 2, 3, 4}}));
  CHECK(copy(adjacency.in().weights, 4) == std::vector<Real>{3, 1, 4, 2});
  CHECK(copy(adjacency.out().weights, 4) == std::vector<Real>{1, 4, 3, 2});
  CHECK(on_host(test::mixed_graph()).in().weights == nullptr);
}

TEST_CASE("adjacency: is symmetric when every edge has its reverse, as often and with the same weight") {
  CHECK(on_host(graphs::Csr::from_edges({3, {0, 1, 2, 2}, {1, 0, 2, 2}, {}})).is_symmetric());
  CHECK_FALSE(on_host(graphs::Csr::from_edges({3, {0, 1, 0}, {1, 0, 1}, {}})).is_symmetric());
  CHECK(on_host(graphs::Csr::from_edges({2, {0, 1}, {1, 0}, {5, 5}})).is_symmetric());
  CHECK_FALSE(on_host(graphs::Csr::from_edges({2, {0, 1}, {1, 0}, {5, 6}})).is_symmetric());
  CHECK_FALSE(on_host(test::mixed_graph()).is_symmetric());
}

TEST_CASE("adjacency: may be rectangular") {
  // Two targets, three sources: 0 -> 0, 2 -> 0, 2 -> 1.
  const Adjacency adjacency = on_host(graphs::Csr(3, {0, 2, 3}, {0, 2, 2}));
  CHECK(adjacency.num_targets() == 2);
  CHECK(adjacency.num_sources() == 3);
  CHECK(adjacency.out().num_rows == 3);
  CHECK(adjacency.out().num_columns == 2);
  CHECK(copy(adjacency.out().offsets, 4) == Offsets{0, 1, 1, 3});
}

TEST_CASE("adjacency: an empty one has no nodes and no edges") {
  CHECK(Adjacency().num_targets() == 0);
  CHECK(Adjacency().num_edges() == 0);
  const Adjacency none = on_host(test::graph_without_edges(0));
  CHECK(none.num_targets() == 0);
  CHECK(none.in().num_blocks == 0);
}

TEST_CASE("balanced_blocks: cover all rows once, and cut the work evenly") {
  const graphs::Csr graph = graphs::Csr::from_edges(test::mixed_edges(20000));
  const std::vector<NodeId> blocks = balanced_blocks(graph.offsets());
  REQUIRE(blocks.size() > 4);
  CHECK(blocks.front() == 0);
  CHECK(blocks.back() == graph.num_rows());
  for (std::size_t b = 1; b < blocks.size(); ++b) {
    CHECK(blocks[b - 1] < blocks[b]);
    const auto edges = graph.offsets()[std::size_t(blocks[b])] - graph.offsets()[std::size_t(blocks[b - 1])];
    // 1024 units of work a block, and at most the last row of it, a hub of about 400, beyond that.
    CHECK(edges <= 1024 + 400);
  }
}

TEST_CASE("balanced_blocks: are one block for a small graph and none without rows") {
  CHECK(balanced_blocks(Offsets{0, 1, 2}) == Nodes{0, 2});
  CHECK(balanced_blocks(Offsets{0}) == Nodes{0});
}

TEST_CASE("adjacency: long rows fall into parts, and those of rows with several have slots one behind the other") {
  // Rows of 3, 40, 17, 16 and 700 edges.
  const Offsets offsets = {0, 3, 43, 60, 76, 776};
  std::size_t slots = 0;
  const std::vector<RowPart> parts = long_row_parts(offsets, 16, 256, slots);
  const auto is = [](const RowPart& part, NodeId row, std::uint32_t number, std::uint32_t count, EdgeOffset first, EdgeOffset last) {
    return part.row == row && part.part == number && part.parts == count && part.slot == 0 && part.first == first && part.last == last;
  };
  CHECK(parts.size() == 5);
  CHECK(is(parts[0], 1, 0, 1, 3, 43));
  CHECK(is(parts[1], 2, 0, 1, 43, 60));
  CHECK(is(parts[2], 4, 0, 3, 76, 310));
  CHECK(is(parts[3], 4, 1, 3, 310, 544));
  CHECK(is(parts[4], 4, 2, 3, 544, 776));
  CHECK(slots == 3);
}
