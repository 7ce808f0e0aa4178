// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::uint32_t stream = 5;
constexpr double slope = 0.2;
constexpr std::size_t shapes[][2] = {{1, 1}, {1, 7}, {8, 8}, {3, 5}, {4, 16}, {8, 3}, {2, 64}};

Function fused(const Adjacency& adjacency, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    return gat_attention(adjacency, x[0], x[1], x[2], slope, p, stream);
  };
}

// The same by the steps of the paper.
Function composed(const Adjacency& adjacency, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    const Var alpha = edge_softmax(adjacency, leaky_relu(edge_scores(adjacency, x[0], x[1]), slope));
    return propagate(adjacency, edge_dropout(adjacency, alpha, p, stream), x[2]);
  };
}

void check_equal(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels, double p) {
  // A row sums up to 310 terms in two different orders; gradients pass three such sums.
  const double in_value = tolerance(2e-6, 1e-13), in_gradient = tolerance(1e-5, 1e-12);
  const std::size_t nodes = std::size_t(graph.num_rows());
  const std::vector<Matrix> inputs = {random_matrix(nodes, heads, 1, -3, 3),
                                      random_matrix(nodes, heads, 2, -3, 3),
                                      random_matrix(nodes, heads * channels, 3)};
  const Matrix cotangent = random_matrix(nodes, heads * channels, 4);
  const Adjacency adjacency(ctx.pool(), graph);
  const Function f = fused(adjacency, p), g = composed(adjacency, p);
  CAPTURE(heads);
  CAPTURE(channels);
  CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= in_value);
  const auto ours = gradients_of(ctx, f, inputs, cotangent, {true, true, true});
  const auto expected = gradients_of(ctx, g, inputs, cotangent, {true, true, true});
  for (std::size_t k = 0; k < 3; ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours[k], expected[k]) <= in_gradient);
  }
}

}  // namespace

TEST_CASE(
    "gat_attention: equals its composition of small ops, values and gradients, with and without dropout") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& [heads, channels] : shapes) {
      for (const double p : {0.0, 0.5}) check_equal(ctx, graph, heads, channels, p);
    }
  }
}

TEST_CASE("gat_attention: equals its composition on a rectangular graph") {
  const graphs::Csr graph = rectangular_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const Adjacency adjacency(ctx.pool(), graph);
    const std::vector<Matrix> inputs = {random_matrix(90, 3, 1), random_matrix(40, 3, 2),
                                        random_matrix(90, 15, 3)};
    const Matrix cotangent = random_matrix(40, 15, 4);
    const auto ours = gradients_of(ctx, fused(adjacency, 0.5), inputs, cotangent, {true, true, true});
    const auto expected = gradients_of(ctx, composed(adjacency, 0.5), inputs, cotangent, {true, true, true});
    for (std::size_t k = 0; k < 3; ++k) CHECK(relative_error(ours[k], expected[k]) <= tolerance(1e-5, 1e-12));
  }
}

TEST_CASE("gat_attention: logits near 1000 stay accurate") {
  // Scores are multiples of 1/16, so that logits are exact in float too; alpha is then good to a few
  // roundings.
  const graphs::Csr graph = mixed_graph();
  const std::size_t nodes = std::size_t(graph.num_rows());
  Matrix source = random_matrix(nodes, 1, 1), target = random_matrix(nodes, 1, 2);
  for (Real& v : source.values) v = 500 + std::round(v * 64) / 16;
  for (Real& v : target.values) v = 500 + std::round(v * 64) / 16;
  const Matrix value = random_matrix(nodes, 3, 3, 0.5, 1);

  std::vector<Real> expected(nodes * 3), expected_alpha;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    const auto logit = [&](NodeId j) {
      return double(source.values[std::size_t(j)]) + double(target.values[std::size_t(i)]);
    };
    double most = 0, sum = 0;
    for (const NodeId j : graph.row(i)) most = std::max(most, logit(j));
    for (const NodeId j : graph.row(i)) sum += std::exp(logit(j) - most);
    std::vector<double> out(3);
    for (const NodeId j : graph.row(i)) {
      const double alpha = std::exp(logit(j) - most) / sum;
      expected_alpha.push_back(Real(alpha));
      for (std::size_t c = 0; c < 3; ++c) out[c] += alpha * double(value.values[std::size_t(j) * 3 + c]);
    }
    for (std::size_t c = 0; c < 3; ++c) expected[std::size_t(i) * 3 + c] = Real(out[c]);
  }
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Tape tape(ctx);
    const Adjacency adjacency(ctx.pool(), graph);
    const Var s = tape.leaf(upload(ctx, source)), t = tape.leaf(upload(ctx, target)),
              v = tape.leaf(upload(ctx, value));
    const Var y = gat_attention(adjacency, s, t, v, slope, 0, stream);
    CHECK(relative_error(y.value().to_host(), expected) < tolerance(1e-6, 1e-13));
    CHECK(relative_error(gat_attention_weights(adjacency, s, t, slope).to_host(), expected_alpha) <
          tolerance(1e-6, 1e-13));
    tape.backward(y, upload(ctx, random_matrix(nodes, 3, 4)));
    CHECK(all_finite(tape.grad(s).to_host()));
    // All logits are positive, so adding a constant to a row's logits changes nothing.
    CHECK(largest(tape.grad(t).to_host()) < tolerance(1e-5, 1e-13));
  }
}
