// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <doctest/doctest.h>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::uint32_t stream = 5;
constexpr double slope = 0.2;
// The last two are wider than the registers that a GPU's lanes have for one head.
constexpr std::size_t shapes[][2] = {{1, 1},  {1, 7},  {8, 8},  {3, 5},   {4, 16},  {8, 3},
                                     {2, 64}, {3, 72}, {5, 24}, {2, 45}, {3, 121}, {1, 300}, {2, 1030}};

Function fused(const Adjacency& adjacency, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    return gatv2_attention(adjacency, x[0], x[1], x[2], x[3], slope, p, stream);
  };
}

// The same by the steps of the paper, with an array of edges x heads x channels.
Function composed(const Adjacency& adjacency, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    const Var logits = head_scores(leaky_relu(edge_scores(adjacency, x[0], x[1]), slope), x[3]);
    return propagate(adjacency, edge_dropout(adjacency, edge_softmax(adjacency, logits), p, stream), x[2]);
  };
}

void check_equal(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels, double p,
                 double size_of_a = 2) {
  // A row sums up to 310 terms in two different orders; gradients pass three such sums.
  const double in_value = tolerance(4e-6, 1e-13), in_gradient = tolerance(2e-5, 1e-12);
  const std::size_t width = heads * channels, targets = std::size_t(graph.num_rows()),
                    sources = std::size_t(graph.num_columns());
  const std::vector<Matrix> inputs = {random_matrix(sources, width, 1), random_matrix(targets, width, 2),
                                      random_matrix(sources, width, 3),
                                      random_matrix(heads, channels, 4, -size_of_a, size_of_a)};
  const Matrix cotangent = random_matrix(targets, width, 5);
  const Adjacency adjacency(ctx.pool(), graph);
  const Function f = fused(adjacency, p), g = composed(adjacency, p);
  CAPTURE(heads);
  CAPTURE(channels);
  CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= in_value);
  const auto ours = gradients_of(ctx, f, inputs, cotangent, {true, true, true, true});
  const auto expected = gradients_of(ctx, g, inputs, cotangent, {true, true, true, true});
  for (std::size_t k = 0; k < 4; ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours[k], expected[k]) <= in_gradient);
  }
}

}  // namespace

TEST_CASE(
    "gatv2_attention: equals its composition of small ops, values and gradients, with and without dropout") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& [heads, channels] : shapes) {
      for (const double p : {0.0, 0.5}) check_equal(ctx, graph, heads, channels, p, channels < 24 ? 2 : 0.2);
    }
  }
}

TEST_CASE("gatv2_attention: equals its composition where source and value are one matrix, in which a GPU takes wide heads by fours") {
  const double in_value = tolerance(4e-6, 1e-13), in_gradient = tolerance(2e-5, 1e-12);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), mixed_graph());
    const std::size_t nodes = std::size_t(adjacency.num_targets());
    const auto one_matrix = [](const Function& f) {
      return [f](Tape& tape, const std::vector<Var>& x) { return f(tape, {x[0], x[1], x[0], x[2]}); };
    };
    for (const auto& shape : {std::array<std::size_t, 2>{4, 64}, {1, 40}, {2, 256}, {3, 32}, {1, 136}, {2, 72}, {5, 128}, {9, 128}}) {
      const std::size_t heads = shape[0], channels = shape[1];
      for (const double p : {0.0, 0.5}) {
        CAPTURE(heads);
        CAPTURE(channels);
        const std::size_t width = heads * channels;
        const std::vector<Matrix> inputs = {random_matrix(nodes, width, 1), random_matrix(nodes, width, 2),
                                            random_matrix(heads, channels, 4, -0.2, 0.2)};
        const Matrix cotangent = random_matrix(nodes, width, 5);
        const Function f = one_matrix(fused(adjacency, p)), g = one_matrix(composed(adjacency, p));
        CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= in_value);
        const auto ours = gradients_of(ctx, f, inputs, cotangent, {true, true, true});
        const auto expected = gradients_of(ctx, g, inputs, cotangent, {true, true, true});
        for (std::size_t k = 0; k < 3; ++k) {
          CAPTURE(k);
          CHECK(relative_error(ours[k], expected[k]) <= in_gradient);
        }
      }
    }
  }
}

TEST_CASE("gatv2_attention: equals its composition on a rectangular graph") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    check_equal(ctx, rectangular_graph(), 3, 5, 0.5);
  }
}

TEST_CASE("gatv2_attention: a softmax that later edges raise by hundreds stays exact") {
  // Node 0 has 1000 edges whose logits grow from edge to edge, so that each piece of the row outweighs all
  // before it.
  constexpr int many = 1000;
  graphs::EdgeList edges;
  edges.num_nodes = many + 1;
  for (int k = 1; k <= many; ++k) {
    edges.source.push_back(k);
    edges.target.push_back(0);
  }
  const graphs::Csr graph = graphs::Csr::from_edges(edges);
  Matrix source{many + 1, 1, std::vector<Real>(many + 1)}, target = source, value = source;
  for (std::size_t k = 0; k <= many; ++k) {
    source.values[k] = Real(k);
    value.values[k] = Real(k % 7);
  }
  double sum = 0, expected = 0;
  for (std::size_t k = 1; k <= many; ++k) {
    sum += std::exp(double(k) - many);
    expected += std::exp(double(k) - many) * double(k % 7);
  }
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx);
    const Adjacency adjacency(ctx.pool(), graph);
    const Var s = tape.leaf(upload(ctx, source)), t = tape.leaf(upload(ctx, target)),
              v = tape.leaf(upload(ctx, value)), a = tape.leaf(upload(ctx, {1, 1, {1}}));
    const Var y = gatv2_attention(adjacency, s, t, v, a, slope, 0, stream);
    CHECK(double(y.value().to_host()[0]) == doctest::Approx(expected / sum).epsilon(tolerance(1e-6, 1e-13)));
    const std::vector<Real> alpha = gatv2_attention_weights(adjacency, s, t, a, slope).to_host();
    CHECK(double(alpha[many - 1]) == doctest::Approx(1 / sum).epsilon(tolerance(1e-6, 1e-13)));
    CHECK(double(alpha[0]) < 1e-30);
  }
}

TEST_CASE("gatv2_attention: targets rank the same sources differently, which GAT cannot") {
  // Two sources and two targets, all four edges: channel 0 asks whether source and target are both high,
  // channel 1 whether both are low, so each target looks at the source that is like itself.
  const graphs::Csr graph(2, {0, 2, 4}, {0, 1, 0, 1});
  const Matrix ends{2, 2, {1, -1, -1, 1}}, a{1, 2, {1, 1}};
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx);
    const Adjacency adjacency(ctx.pool(), graph);
    const Var x = tape.constant(upload(ctx, ends));
    const std::vector<Real> alpha =
        gatv2_attention_weights(adjacency, x, x, tape.constant(upload(ctx, a)), 0.2).to_host();
    CHECK(alpha[0] > alpha[1]);
    CHECK(alpha[2] < alpha[3]);
  }
}

TEST_CASE("gatv2_attention: the text of an error") {
  Context ctx({}, 1);
  Tape tape(ctx);
  const Adjacency adjacency(ctx.pool(), graph_without_edges(5));
  const Var x = tape.leaf(ctx.tensor(5, 6)), short_one = tape.leaf(ctx.tensor(4, 6)),
            a = tape.leaf(ctx.tensor(2, 3));
  CHECK_THROWS_WITH_AS(gatv2_attention(adjacency, x, short_one, x, a, slope, 0, stream),
                       "gatv2_attention: target is 4x6, expected 5x6", Error);
}
