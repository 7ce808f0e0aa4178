// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::uint64_t seed = 0x0123456789abcdefull;
constexpr std::uint32_t step = 42, stream = 9;
constexpr double p = 0.3;

// What a draw does to a one: written here anew, so that the library is not its own judge.
Real kept(PhiloxWords counter, std::uint64_t word) {
  const PhiloxWords words = philox(counter, std::uint32_t(seed), std::uint32_t(seed >> 32));
  return words[word % 4] < std::uint32_t(p * 4294967296.0) ? Real(0) : Real(1 / (1 - p));
}

Real kept_feature(std::uint64_t element) {
  return kept(feature_counter(element, stream, step), element);
}

Real kept_edge(NodeId target, NodeId source, std::uint32_t rank, std::uint32_t head) {
  return kept(edge_counter(std::uint32_t(target), std::uint32_t(source), rank, head, stream, step), head);
}

std::vector<Real> kept_edges(const graphs::Csr& graph, std::size_t heads) {
  std::vector<Real> expected;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    std::map<NodeId, std::uint32_t> seen;
    for (const NodeId j : graph.row(i)) {
      const std::uint32_t rank = seen[j]++;
      for (std::uint32_t h = 0; h < heads; ++h) expected.push_back(kept_edge(i, j, rank, h));
    }
  }
  return expected;
}

Matrix ones(std::size_t rows, std::size_t cols) {
  return {rows, cols, std::vector<Real>(rows * cols, 1)};
}

}  // namespace

TEST_CASE("dropout: element (row, column) draws word (row cols + column) masks + mask") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const std::size_t masks : {1u, 3u, 8u}) {
      for (const std::size_t mask : {std::size_t(0), masks - 1}) {
        const Tensor x = upload(ctx, ones(131, 37)), y = ctx.tensor(131, 37);
        kernels::dropout_forward(ctx, x, make_dropout(seed, stream, step, p), MaskPlace{mask, masks, nullptr},
                                 y);
        std::vector<Real> expected;
        for (std::size_t k = 0; k < y.size(); ++k) expected.push_back(kept_feature(k * masks + mask));
        CHECK(y.to_host() == expected);
      }
    }
  }
}

TEST_CASE("dropout: a row of a part of a graph draws what its node draws in the whole") {
  const std::vector<NodeId> nodes = {7, 0, 100000, 3};
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx, Tape::training, seed, step);
    const Var y =
        dropout(tape.constant(upload(ctx, ones(4, 13))), p, stream, Array<NodeId>(ctx.pool(), nodes));
    std::vector<Real> expected;
    for (const NodeId i : nodes) {
      for (std::size_t c = 0; c < 13; ++c) expected.push_back(kept_feature(std::size_t(i) * 13 + c));
    }
    CHECK(y.value().to_host() == expected);
  }
}

TEST_CASE("edge_dropout: an edge of a part of a graph draws by the numbers its ends have in the whole") {
  // Targets are nodes 40 and 5; sources 40, 5 and 900: edges 900 -> 40 twice, 40 -> 5.
  const graphs::Csr part(3, {0, 2, 3}, {2, 2, 0});
  const std::vector<NodeId> ids = {40, 5, 900};
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx, Tape::training, seed, step);
    const Var y =
        edge_dropout(Adjacency(ctx.pool(), part, ids), tape.constant(upload(ctx, ones(3, 2))), p, stream);
    CHECK(y.value().to_host() == std::vector<Real>{kept_edge(40, 900, 0, 0), kept_edge(40, 900, 0, 1),
                                                   kept_edge(40, 900, 1, 0), kept_edge(40, 900, 1, 1),
                                                   kept_edge(5, 40, 0, 0), kept_edge(5, 40, 0, 1)});
  }
}

TEST_CASE("edge_dropout: an edge draws by its ends, its rank among equal ones and its head") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const std::size_t heads : {1u, 3u, 6u}) {
      Tape tape(ctx, Tape::training, seed, step);
      const Var x = tape.constant(upload(ctx, ones(std::size_t(graph.num_edges()), heads)));
      const Var y = edge_dropout(Adjacency(ctx.pool(), graph), x, p, stream);
      CHECK(y.value().to_host() == kept_edges(graph, heads));
    }
  }
}

TEST_CASE("gat_attention: draws its dropout at the addresses of the edges") {
  // All scores zero: every edge into a node weighs 1 / degree. With one-hot values out[i,h,j] shows the edge
  // j -> i.
  const graphs::Csr graph =
      graphs::Csr::from_edges({9, {3, 3, 1, 8, 8, 8, 0, 5, 6}, {0, 0, 0, 4, 4, 2, 8, 5, 4}, {}});
  const std::size_t nodes = 9, heads = 6;
  std::vector<Real> expected(nodes * heads * nodes);
  const std::vector<Real> draws = kept_edges(graph, heads);
  std::size_t e = 0;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    for (const NodeId j : graph.row(i)) {
      for (std::size_t h = 0; h < heads; ++h) {
        expected[(std::size_t(i) * heads + h) * nodes + std::size_t(j)] +=
            draws[e * heads + h] / Real(graph.degree(i));
      }
      ++e;
    }
  }
  Matrix value{nodes, heads * nodes, std::vector<Real>(nodes * heads * nodes)};
  for (std::size_t j = 0; j < nodes; ++j) {
    for (std::size_t h = 0; h < heads; ++h) value.values[(j * heads + h) * nodes + j] = 1;
  }
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    Tape tape(ctx, Tape::training, seed, step);
    const Var zero = tape.constant(upload(ctx, {nodes, heads, std::vector<Real>(nodes * heads)}));
    const Var y = gat_attention(Adjacency(ctx.pool(), graph), zero, zero, tape.constant(upload(ctx, value)),
                                0.2, p, stream);
    CHECK(relative_error(y.value().to_host(), expected) < tolerance(1e-6, 1e-14));
  }
}

TEST_CASE("dropout: another step, stream or seed draws other masks") {
  Context ctx({}, 1);
  const auto draw = [&](std::uint64_t with_seed, std::uint32_t with_step, std::uint32_t with_stream) {
    Tape tape(ctx, Tape::training, with_seed, with_step);
    return dropout(tape.constant(upload(ctx, ones(20, 20))), p, with_stream).value().to_host();
  };
  CHECK(draw(1, 1, 1) == draw(1, 1, 1));
  CHECK(draw(1, 1, 1) != draw(2, 1, 1));
  CHECK(draw(1, 1, 1) != draw(1ull << 32 | 1, 1, 1));
  CHECK(draw(1, 1, 1) != draw(1, 2, 1));
  CHECK(draw(1, 1, 1) != draw(1, 1, 2));
}

TEST_CASE("dropout: drops about the share asked for") {
  Context ctx({}, 2);
  Tape tape(ctx, Tape::training, seed, step);
  const std::vector<Real> y =
      dropout(tape.constant(upload(ctx, ones(1000, 100))), p, stream).value().to_host();
  const double share = double(std::count(y.begin(), y.end(), Real(0))) / 1e5;
  // Four standard deviations of 100000 draws.
  CHECK(std::abs(share - p) < 4 * std::sqrt(p * (1 - p) / 1e5));
}

TEST_CASE("dropout: frozen multipliers stand in for the draw, in any mode") {
  for (const Tape::Mode mode : {Tape::training, Tape::inference}) {
    Context ctx({}, 1);
    Tape tape(ctx, mode, seed, step);
    tape.freeze(stream, upload(ctx, {1, 3, {2, 0, 4}}));
    CHECK(dropout(tape.constant(upload(ctx, ones(1, 3))), 0, stream).value().to_host() ==
          std::vector<Real>{2, 0, 4});
  }
}
