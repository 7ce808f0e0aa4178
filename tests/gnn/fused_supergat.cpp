// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/autograd/supergat.hpp>
#include <gnn/kernels/edges.hpp>
#include <gnn/kernels/elementwise.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::uint32_t stream = 5;
constexpr double slope = 0.2;
constexpr std::size_t shapes[][2] = {{1, 1}, {1, 7}, {8, 8}, {3, 5}, {4, 16}, {8, 3}, {2, 64}, {1, 150}};

// g[e,h] = <z_j, z_i>, E x heads.
Var edge_products(const Adjacency& adjacency, const Var& z, std::size_t heads) {
  Tape& tape = z.tape();
  Context& ctx = tape.context();
  const Var to = top_rows(z, adjacency.num_targets());
  const Tensor g = ctx.tensor(adjacency.num_edges(), heads);
  kernels::fill(ctx, g, Real(0));
  kernels::propagate_weight_gradient(ctx, adjacency.in(), z.value(), to.value(), g);
  return tape.record(g, {z, to}, [=, &tape, &ctx](const Tensor& dg) {
    kernels::propagate_input_gradient(ctx, adjacency.out(), dg, to.value(), tape.grad(z));
    const Tensor dto = ctx.tensor(to.rows(), to.cols());
    kernels::propagate(ctx, adjacency.in(), dg, z.value(), dto);
    kernels::add_scaled(ctx, Real(1), dto, tape.grad(to));
  });
}

// f(g) or, with w, w f(g), number by number on the host.
Var edgewise(const Var& g, const Var& w, double (*f)(double), double (*derivative)(double)) {
  Tape& tape = g.tape();
  const std::vector<Real> x = g.value().to_host(),
                          factor = w.defined() ? w.value().to_host() : std::vector<Real>(x.size(), 1);
  Matrix y{g.rows(), g.cols(), x};
  for (std::size_t k = 0; k < x.size(); ++k) y.values[k] = Real(double(factor[k]) * f(double(x[k])));
  return tape.record(upload(tape.context(), y), {g, w}, [=, &tape](const Tensor& dy) {
    Matrix dg{g.rows(), g.cols(), dy.to_host()}, dw = dg;
    for (std::size_t k = 0; k < x.size(); ++k) {
      dg.values[k] *= Real(double(factor[k]) * derivative(double(x[k])));
      dw.values[k] *= Real(f(double(x[k])));
    }
    tape.add_grad(g, upload(tape.context(), dg));
    if (w.defined()) tape.add_grad(w, upload(tape.context(), dw));
  });
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double sigmoid_derivative(double x) {
  return sigmoid(x) * (1 - sigmoid(x));
}
// What SD does to a product of 7 channels, whatever their number here.
constexpr double scale = 0.378;
double scaled(double x) {
  return scale * x;
}
double scaled_derivative(double) {
  return scale;
}

Function fused(const Adjacency& adjacency, std::size_t heads, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    return x.size() == 1 ? supergat_attention(adjacency, x[0], heads, {}, {}, scale, slope, p, stream)
                         : supergat_attention(adjacency, x[0], heads, x[1], x[2], scale, slope, p, stream);
  };
}

// The same by the steps of the paper.
Function composed(const Adjacency& adjacency, std::size_t heads, double p) {
  return [=](Tape&, const std::vector<Var>& x) {
    const Var g = edge_products(adjacency, x[0], heads);
    const Var u = x.size() == 1
                      ? edgewise(g, {}, scaled, scaled_derivative)
                      : edgewise(g, edge_scores(adjacency, x[1], x[2]), sigmoid, sigmoid_derivative);
    const Var alpha = edge_softmax(adjacency, leaky_relu(u, slope));
    return propagate(adjacency, edge_dropout(adjacency, alpha, p, stream), x[0]);
  };
}

void check_equal(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels, double p,
                 bool scores, std::size_t labelled = 1) {
  // A row sums up to 310 terms in two different orders; gradients pass three such sums.
  const double in_value = tolerance(2e-6, 1e-13), in_gradient = tolerance(2e-5, 1e-12);
  const std::size_t targets = std::size_t(graph.num_rows()), sources = std::size_t(graph.num_columns());
  std::vector<Matrix> inputs = {random_matrix(sources, heads * channels, 1)};
  if (scores) inputs.push_back(random_matrix(sources, heads, 2, -3, 3));
  if (scores) inputs.push_back(random_matrix(targets, heads, 3, -3, 3));
  Matrix cotangent = random_matrix(targets, heads * channels, 4);
  for (std::size_t k = 0; k < cotangent.values.size(); ++k) {
    if (k / cotangent.cols % labelled != 0) cotangent.values[k] = 0;
  }
  const Adjacency adjacency(ctx.pool(), graph);
  const Function f = fused(adjacency, heads, p), g = composed(adjacency, heads, p);
  CAPTURE(heads);
  CAPTURE(channels);
  CAPTURE(scores);
  CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= in_value);
  const std::vector<bool> all(inputs.size(), true);
  const auto ours = gradients_of(ctx, f, inputs, cotangent, all),
             expected = gradients_of(ctx, g, inputs, cotangent, all);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours[k], expected[k]) <= in_gradient);
  }
}

}  // namespace

TEST_CASE(
    "supergat_attention: equals its composition of small ops, values and gradients, with and without "
    "dropout") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& [heads, channels] : shapes) {
      for (const double p : {0.0, 0.5}) {
        for (const bool scores : {true, false}) check_equal(ctx, graph, heads, channels, p, scores);
      }
    }
  }
}

TEST_CASE("supergat_attention: equals its composition when few targets have a gradient") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& [heads, channels] : shapes) {
      for (const bool scores : {true, false}) {
        check_equal(ctx, graph, heads, channels, 0.5, scores, 5);
        check_equal(ctx, graph, heads, channels, 0, scores, 1000);
      }
    }
  }
}

TEST_CASE("supergat_attention: equals its composition on a rectangular graph") {
  // 40 targets, the first of 90 sources, every seventh pair.
  std::vector<EdgeOffset> offsets = {0};
  std::vector<NodeId> columns;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 90; ++j) {
      if ((i + j) % 7 == 0) columns.push_back(j);
    }
    offsets.push_back(EdgeOffset(columns.size()));
  }
  const graphs::Csr graph(90, offsets, columns);
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (const bool scores : {true, false}) check_equal(ctx, graph, 3, 5, 0.5, scores);
  }
}

TEST_CASE("supergat_attention: logits near 1000 give finite weights that sum to one") {
  const graphs::Csr graph = mixed_graph();
  const std::size_t nodes = std::size_t(graph.num_rows());
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const Adjacency adjacency(ctx.pool(), graph);
    Tape tape(ctx);
    const Var z = tape.leaf(upload(ctx, random_matrix(nodes, 16, 1, -15, 15)));
    const Var y = supergat_attention(adjacency, z, 2, {}, {}, 1, slope, 0, stream);
    CHECK(all_finite(y.value().to_host()));
    const std::vector<Real> alpha = supergat_attention_weights(adjacency, z, 2, {}, {}, 1, slope).to_host();
    for (std::size_t i = 0; i < nodes; ++i) {
      double sum = 0;
      const std::size_t first = std::size_t(graph.offsets()[i]), last = std::size_t(graph.offsets()[i + 1]);
      for (std::size_t e = first; e < last; ++e) sum += double(alpha[2 * e]);
      if (first < last) CHECK(sum == doctest::Approx(1).epsilon(tolerance(1e-5, 1e-13)));
    }
    tape.backward(y, upload(ctx, random_matrix(nodes, 16, 4)));
    CHECK(all_finite(tape.grad(z).to_host()));
  }
}
