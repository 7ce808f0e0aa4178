// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include <gnn/autograd/links.hpp>
#include <gnn/kernels/edges.hpp>
#include <gnn/kernels/elementwise.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

// The pairs of nodes that an edge loss compares, and the loss over them.
using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::uint32_t stream = 2;

template <class T>
std::vector<T> to_host(Context& ctx, const T* data, std::size_t count) {
  std::vector<T> values(count);
  ctx.pool()->source().copy_out(values.data(), data, count * sizeof(T), ctx.pool()->ordinal());
  return values;
}

using PairList = std::vector<std::pair<NodeId, NodeId>>;  // (target, source), in the order of the rows

PairList list_of(Context& ctx, const CsrView& rows) {
  const auto offsets = to_host(ctx, rows.offsets, std::size_t(rows.num_rows) + 1);
  const auto columns = to_host(ctx, rows.columns, std::size_t(rows.num_edges));
  PairList pairs;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    for (auto e = offsets[i]; e < offsets[i + 1]; ++e) pairs.emplace_back(NodeId(i), columns[std::size_t(e)]);
  }
  return pairs;
}

// Nodes 0 to nodes - 1, all joined but for the given pairs (i, j), i < j.
graphs::Csr all_joined_but(NodeId nodes, const std::set<std::pair<NodeId, NodeId>>& missing) {
  graphs::EdgeList edges;
  edges.num_nodes = nodes;
  for (NodeId i = 0; i < nodes; ++i) {
    for (NodeId j = 0; j <= i; ++j) {
      if (missing.contains({j, i})) continue;
      edges.source.push_back(j);
      edges.target.push_back(i);
    }
  }
  return graphs::Csr::from_edges(edges);
}

}  // namespace

TEST_CASE("draw_links: negatives are pairs of different nodes that no edge joins in either direction") {
  const graphs::Csr graph = mixed_graph();
  std::set<std::pair<NodeId, NodeId>> joined;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    for (const NodeId j : graph.row(i)) joined.insert({i, j}), joined.insert({j, i});
  }
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), graph);
    Tape tape(ctx, Tape::training, 3, 1);
    const Links links = draw_links(tape, adjacency, 0.8, 20, stream);
    const PairList pairs = list_of(ctx, links.negative.in);
    CHECK(pairs.size() == std::size_t(std::floor(20 * 0.8 * double(graph.num_edges()))));
    std::vector<int> targets(std::size_t(graph.num_rows()));
    for (const auto& [i, j] : pairs) {
      CHECK_FALSE((i == j || joined.contains({i, j})));
      ++targets[std::size_t(i)];
    }
    // 24,400 pairs over 347 nodes: 70 for a node with few edges, and a tenth of that for the hubs. A draw
    // that missed nodes, or favoured some, would fall out of eight deviations.
    for (std::size_t i = 2; i < targets.size(); ++i) CHECK(std::abs(targets[i] - 70) < 70);
    CHECK(targets[0] < 25);
    CHECK(targets[0] > 0);
  }
}

TEST_CASE("draw_links: the rows by source hold the same pairs, with their places in the rows by target") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), graph);
    Tape tape(ctx, Tape::training, 3, 1);
    const Links links = draw_links(tape, adjacency, 0.8, 2, stream);
    const PairList by_target = list_of(ctx, links.negative.in), by_source = list_of(ctx, links.negative.out);
    REQUIRE(by_target.size() == by_source.size());
    const auto place = to_host(ctx, links.negative.out.edge, by_source.size());
    for (std::size_t p = 0; p < by_source.size(); ++p) {
      const auto& [i, j] = by_target[std::size_t(place[p])];
      CHECK(by_source[p] == std::pair{j, i});
      if (p > 0 && by_source[p].first == by_source[p - 1].first) CHECK(place[p] > place[p - 1]);
    }
  }
}

TEST_CASE("draw_links: every device and any number of threads draw the same, each step something else") {
  const graphs::Csr graph = mixed_graph();
  const auto draw = [&](Device device, int threads, std::uint32_t step) {
    Context ctx(device, threads);
    const Adjacency adjacency(ctx.pool(), graph);
    Tape tape(ctx, Tape::training, 3, step);
    const Links links = draw_links(tape, adjacency, 0.8, 3, stream);
    return std::pair{list_of(ctx, links.negative.in), links.kept.to_host()};
  };
  const auto expected = draw({}, 1, 1);
  for (const Device device : available_devices()) {
    for (const int threads : {1, 3}) CHECK(draw(device, threads, 1) == expected);
  }
  const auto later = draw({}, 1, 2);
  CHECK(later.first != expected.first);
  CHECK(later.second != expected.second);
}

TEST_CASE("draw_links: an edge is kept with the asked probability, by its ends and not by its place") {
  const graphs::EdgeList edges = mixed_edges(20000);
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const auto kept = [&](const graphs::EdgeList& list, double ratio) {
      const Adjacency adjacency(ctx.pool(), graphs::Csr::from_edges(list));
      Tape tape(ctx, Tape::training, 3, 1);
      return draw_links(tape, adjacency, ratio, 0, stream).kept;
    };
    const std::vector<Real> some = kept(edges, 0.8).to_host();
    double sum = 0;
    for (const Real k : some) {
      CHECK((k == 0 || k == 1));
      sum += double(k);
    }
    CHECK(sum / double(some.size()) == doctest::Approx(0.8).epsilon(0.015));  // four deviations
    CHECK(kept(shuffled_edges(edges, 4), 0.8).to_host() == some);
    CHECK_FALSE(kept(edges, 1).defined());
  }
}

TEST_CASE("draw_links: graphs side by side draw as many as they do alone, and none between them") {
  const graphs::EdgeList one = mixed_edges();
  const NodeId n = one.num_nodes;
  graphs::EdgeList two = one;
  two.num_nodes = 2 * n;
  for (std::size_t e = 0; e < one.source.size(); ++e) {
    two.source.push_back(one.source[e] + n);
    two.target.push_back(one.target[e] + n);
  }
  const std::vector<NodeId> first_nodes = {0, n};
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const auto draw = [&](const Adjacency& adjacency) {
      Tape tape(ctx, Tape::training, 3, 1);
      return list_of(ctx, draw_links(tape, adjacency, 0.8, 2, stream).negative.in);
    };
    const PairList alone = draw(Adjacency(ctx.pool(), graphs::Csr::from_edges(one)));
    const PairList both = draw(Adjacency(ctx.pool(), graphs::Csr::from_edges(two), {}, first_nodes));
    REQUIRE(both.size() == 2 * alone.size());
    // The first one starts at node 0 in both, so that it draws the same pairs.
    CHECK(PairList(both.begin(), both.begin() + std::ptrdiff_t(alone.size())) == alone);
    for (const auto& [i, j] : both) CHECK((i < n) == (j < n));
  }
}

TEST_CASE(
    "draw_links: a dense graph draws all pairs that are left, in both directions; a complete one is "
    "refused") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx, Tape::training, 3, 1);
    const Adjacency adjacency(ctx.pool(), all_joined_but(30, {{3, 7}, {0, 29}}));
    std::map<std::pair<NodeId, NodeId>, int> drawn;
    for (const auto& pair : list_of(ctx, draw_links(tape, adjacency, 1, 1, stream).negative.in))
      ++drawn[pair];
    CHECK(drawn.size() == 4);
    for (const auto& [pair, times] : drawn) {
      CHECK((pair == std::pair{NodeId(3), NodeId(7)} || pair == std::pair{NodeId(7), NodeId(3)} ||
             pair == std::pair{NodeId(0), NodeId(29)} || pair == std::pair{NodeId(29), NodeId(0)}));
      CHECK(times > 70);  // of 463 pairs, a quarter each
    }
    const Adjacency complete(ctx.pool(), all_joined_but(5, {}));
    CHECK_THROWS_WITH_AS(
        draw_links(tape, complete, 1, 1, stream),
        "edge loss: every pair of the graph's 5 nodes has an edge, so that there are no others to tell "
        "edges from: set neg-ratio or edge-loss to 0",
        Error);
    CHECK(draw_links(tape, complete, 1, 0, stream).negative.in.num_edges == 0);
  }
}

TEST_CASE("link_loss: is the mean cross entropy over kept edges and drawn pairs, large logits included") {
  const graphs::Csr graph = mixed_graph();
  const std::size_t nodes = std::size_t(graph.num_rows());
  const double scale = 0.5, factor = 3;
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), graph);
    for (const LinkLogit kind : {LinkLogit::product, LinkLogit::sum}) {
      for (const double range : {1.0, 30.0}) {
        const Matrix x = random_matrix(nodes, 6, 1, -range, range),
                     y = random_matrix(nodes, 6, 2, -range, range);
        Tape tape(ctx, Tape::training, 3, 1);
        const Links links = draw_links(tape, adjacency, 0.7, 0.5, stream);
        const Var loss = link_loss(links, tape.constant(upload(ctx, x)), tape.constant(upload(ctx, y)), kind,
                                   scale, factor);
        double sum = 0, count = 0;
        const auto add = [&](const std::pair<NodeId, NodeId>& pair, double label, double kept) {
          double logit = 0;
          for (std::size_t c = 0; c < 6; ++c) {
            const double a = double(x.values[std::size_t(pair.second) * 6 + c]),
                         b = double(y.values[std::size_t(pair.first) * 6 + c]);
            logit += scale * (kind == LinkLogit::product ? a * b : a + b);
          }
          const double wrong = label > 0 ? -logit : logit;
          sum += kept * (std::max(wrong, 0.0) + std::log1p(std::exp(-std::abs(wrong))));
          count += kept;
        };
        const std::vector<Real> kept = links.kept.to_host();
        const PairList positive = list_of(ctx, links.positive.in);
        for (std::size_t e = 0; e < positive.size(); ++e) add(positive[e], 1, double(kept[e]));
        for (const auto& pair : list_of(ctx, links.negative.in)) add(pair, 0, 1);
        CHECK(double(loss.value().to_host()[0]) ==
              doctest::Approx(factor * sum / count).epsilon(tolerance(1e-6, 1e-13)));
      }
    }
  }
}

TEST_CASE("draw_links: ratios out of range and parts of a graph are refused with their value") {
  Context ctx({}, 1);
  Tape tape(ctx, Tape::training, 3, 1);
  const Adjacency adjacency(ctx.pool(), mixed_graph());
  CHECK_THROWS_WITH_AS(draw_links(tape, adjacency, 0, 0.5, stream), "edge-ratio: must be in (0, 1], got 0",
                       Error);
  CHECK_THROWS_WITH_AS(draw_links(tape, adjacency, 1.5, 0.5, stream),
                       "edge-ratio: must be in (0, 1], got 1.5", Error);
  CHECK_THROWS_WITH_AS(draw_links(tape, adjacency, 1, -1, stream), "neg-ratio: must be 0 or greater, got -1",
                       Error);
  const std::vector<EdgeOffset> offsets = {0, 1};
  const std::vector<NodeId> columns = {2};
  CHECK_THROWS_WITH_AS(
      draw_links(tape, Adjacency(ctx.pool(), graphs::Csr(3, offsets, columns)), 1, 1, stream),
      "draw_links: expected a whole graph, got 1 targets and 3 sources", Error);
}
