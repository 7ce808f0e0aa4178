// SPDX-License-Identifier: Apache-2.0
// Built with one-byte node ids and two-byte edge offsets: 127 nodes and 32767 edges are the most.
#include <doctest/doctest.h>

#include <graphs/csr.hpp>
#include <graphs/error.hpp>
#include <graphs/generators.hpp>
#include <graphs/sizes.hpp>
#include <graphs/stats.hpp>
#include <graphs/transforms.hpp>

using namespace gnn::graphs;
using gnn::EdgeOffset;
using gnn::NodeId;

static_assert(sizeof(NodeId) == 1 && sizeof(EdgeOffset) == 2);

namespace {

EdgeList repeated_edge(size_t count) {
  return {127, std::vector<NodeId>(count, 126), std::vector<NodeId>(count, 125), {}};
}

constexpr const char* too_many = "graph: 32768 edges are too many, this build holds at most 32767";

}  // namespace

TEST_CASE("small types: counts are checked") {
  CHECK(to_node_count(127) == 127);
  CHECK(to_edge_count(32767) == 32767);
  CHECK_THROWS_WITH_AS(to_node_count(128), "graph: 128 nodes are too many, this build holds at most 127",
                       gnn::Error);
  CHECK_THROWS_WITH_AS(to_edge_count(32768), too_many, gnn::Error);
}

TEST_CASE("small types: the largest list works") {
  const EdgeList edges = repeated_edge(32767);
  const Csr graph = Csr::from_edges(edges);
  CHECK(graph.num_edges() == 32767);
  CHECK(graph.degree(125) == 32767);
  CHECK(graph.transposed().degree(126) == 32767);
  CHECK(statistics(graph).max_degree == 32767);
  CHECK(statistics(graph).num_isolated == 125);
  CHECK(merge_duplicates(edges).count == 32766);
}

TEST_CASE("small types: one edge more is an error") {
  const EdgeList edges = repeated_edge(32768);
  CHECK_THROWS_WITH_AS(validate(edges), too_many, gnn::Error);
  CHECK_THROWS_WITH_AS(Csr::from_edges(edges), too_many, gnn::Error);
  CHECK_THROWS_WITH_AS(merge_duplicates(edges), too_many, gnn::Error);
}

TEST_CASE("small types: a matrix with too many rows or edges is an error") {
  CHECK(Csr(1, std::vector<EdgeOffset>(128, 0), {}).num_rows() == 127);
  CHECK_THROWS_WITH_AS(Csr(1, std::vector<EdgeOffset>(129, 0), {}),
                       "graph: 128 nodes are too many, this build holds at most 127", gnn::Error);
  CHECK_THROWS_WITH_AS(Csr(1, {0, 32767}, std::vector<NodeId>(32768, 0)),
                       "csr: offsets end at 32767, there are 32768 columns", gnn::Error);
}

TEST_CASE("small types: a transform that adds too many edges is an error") {
  CHECK(symmetrise(repeated_edge(16383)).edges.num_edges() == 32766);
  CHECK_THROWS_WITH_AS(symmetrise(repeated_edge(16384)), too_many, gnn::Error);
  CHECK(add_self_loops(repeated_edge(32767 - 127)).edges.num_edges() == 32767);
  CHECK_THROWS_WITH_AS(add_self_loops(repeated_edge(32768 - 127)), too_many, gnn::Error);
}

TEST_CASE("small types: generators fill the types, and refuse more") {
  CHECK(ring(127).num_edges() == 127);
  CHECK(star(127).num_edges() == 126);
  CHECK(erdos_renyi(127, 127 * 126, 1).num_edges() == 127 * 126);
  CHECK(rmat(6, 32767, 1).num_nodes == 64);
  CHECK_THROWS_WITH_AS(rmat(7, 1, 1), "graph: 128 nodes are too many, this build holds at most 127",
                       gnn::Error);
  CHECK(planted_partition(127, 63, 32767, 0.5, 1).edges.num_edges() == 32767);
}

TEST_CASE("small types: messages show ids as numbers") {
  CHECK_THROWS_WITH_AS(validate({65, {66}, {64}, {}}),
                       "edge list: edge 0 goes from 66 to 64, the graph has 65 nodes", gnn::Error);
}
