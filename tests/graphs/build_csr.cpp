// SPDX-License-Identifier: Apache-2.0
#include <graphs/build_csr.hpp>

#include <doctest/doctest.h>

#include <string>

#include <graphs/error.hpp>
#include <graphs/transforms.hpp>

#include "random_edges.hpp"

using namespace gnn::graphs;
using gnn::EdgeOffset;
using gnn::NodeId;

namespace {

/// The same by the way of lists. A position is asked for, so that this path of from_edges shares nothing with build_csr.
Csr by_transforms(EdgeList edges, const CsrOptions& options) {
  if (options.both_directions) edges = symmetrise(edges).edges;
  if (options.self_loops == SelfLoops::remove) edges = remove_self_loops(edges).edges;
  if (options.self_loops == SelfLoops::add) edges = add_self_loops(edges).edges;
  if (options.self_loops == SelfLoops::fill) edges = fill_self_loops(edges).edges;
  std::vector<EdgeOffset> position;
  Csr graph = Csr::from_edges(edges, &position);
  if (options.duplicates != Duplicates::merge) return graph;
  EdgeList merged{edges.num_nodes, {}, {}, {}};
  for (NodeId target = 0; target < graph.num_rows(); ++target) {
    for (EdgeOffset e = graph.offsets()[size_t(target)]; e < graph.offsets()[size_t(target) + 1]; ++e) {
      const NodeId source = graph.columns()[size_t(e)];
      const bool again = !merged.target.empty() && merged.target.back() == target && merged.source.back() == source;
      if (!again) {
        merged.source.push_back(source);
        merged.target.push_back(target);
        if (edges.weighted()) merged.weight.push_back(0);
      }
      if (edges.weighted()) merged.weight.back() += graph.weights()[size_t(e)];
    }
  }
  return Csr::from_edges(merged, &position);
}

template <class T>
std::vector<T> copied(std::span<const T> values) {
  return {values.begin(), values.end()};
}

void check_equal(const Csr& a, const Csr& b) {
  CHECK(a.num_columns() == b.num_columns());
  CHECK(copied(a.offsets()) == copied(b.offsets()));
  CHECK(copied(a.columns()) == copied(b.columns()));
  CHECK(copied(a.weights()) == copied(b.weights()));
}

std::string message_of(EdgeList edges, const CsrOptions& options) {
  try {
    build_csr(std::move(edges), options);
  } catch (const gnn::Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("build_csr: equals the transforms for random lists and all options") {
  std::mt19937_64 random(7);
  for (const NodeId nodes : {2, 9, 255, 256, 257, 3000}) {
    for (const size_t count : {size_t(0), size_t(1), size_t(300), size_t(20000)}) {
      for (int options_number = 0; options_number < 32; ++options_number) {
        const EdgeList edges = random_edges(nodes, count, options_number % 2 == 0, random);
        CsrOptions options;
        options.both_directions = options_number / 2 % 2 == 0;
        options.duplicates = options_number / 4 % 2 == 0 ? Duplicates::merge : Duplicates::keep;
        options.self_loops = SelfLoops(options_number / 8);
        CAPTURE(nodes);
        CAPTURE(count);
        CAPTURE(options_number);
        const BuiltCsr built = build_csr(EdgeList(edges), options);
        check_equal(built.graph, by_transforms(edges, options));
        check_equal(build_csr(shuffled(edges, random), options).graph, built.graph);
        const EdgeOffset before = edges.num_edges() + built.reversed - built.self_loops_removed;
        const EdgeOffset loops = options.self_loops == SelfLoops::add    ? EdgeOffset(nodes)
                                 : options.self_loops == SelfLoops::fill ? fill_self_loops(edges).count
                                                                         : EdgeOffset(0);
        CHECK(built.graph.num_edges() == before + loops - built.merged);
      }
    }
  }
}

TEST_CASE("build_csr: a row of every edge is sorted in linear time") {
  std::mt19937_64 random(8);
  for (const bool weighted : {false, true}) {
    EdgeList edges = random_edges(60000, 300000, weighted, random);
    std::fill(edges.target.begin(), edges.target.end(), NodeId(1));
    CsrOptions options;
    options.duplicates = Duplicates::merge;
    check_equal(build_csr(EdgeList(edges), options).graph, by_transforms(edges, options));
  }
}

TEST_CASE("build_csr: counts what it does") {
  CsrOptions options;
  options.both_directions = true;
  options.duplicates = Duplicates::merge;
  options.self_loops = SelfLoops::remove;
  const BuiltCsr built = build_csr({3, {0, 1, 2, 2}, {1, 0, 2, 1}, {}}, options);
  CHECK(built.reversed == 3);
  CHECK(built.self_loops == 1);
  CHECK(built.self_loops_removed == 1);
  CHECK(built.merged == 2);
  CHECK(built.graph.num_edges() == 4);
}

TEST_CASE("build_csr: refuses what the transforms refuse, naming the first edge") {
  CsrOptions options;
  options.duplicates = Duplicates::error;
  CHECK(message_of({700, {2, 0, 0, 2, 2}, {600, 1, 1, 600, 600}, {}}, options) == "edge list: expected edge 0 -> 1 once, found it 2 times");
  CHECK(message_of({2, {0, 1}, {1, 0}, {}}, options) == "no error");
  options.duplicates = Duplicates::merge;
  CHECK(message_of({2, {1, 1}, {0, 0}, {3e38f, 3e38f}}, options) ==
        "edge list: expected weights of edge 1 -> 0 whose sum float can hold, found 6e+38");
  CHECK(message_of({1, {0}, {1}, {}}, options) == "edge list: edge 0 goes from 0 to 1, the graph has 1 nodes");
}
