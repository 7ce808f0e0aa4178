// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/loss.hpp>
#include <gnn/autograd/product.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;
using Numbers = std::vector<Real>;

namespace {

// A tape whose constants are written row by row.
struct Sheet {
  explicit Sheet(Device device = {}) : ctx(device, 1), tape(ctx) {}
  Var operator()(std::size_t rows, std::size_t cols, const Numbers& values) {
    return tape.constant(Tensor::from(ctx.pool(), rows, cols, values));
  }
  Adjacency adjacency(const graphs::EdgeList& edges) {
    return Adjacency(ctx.pool(), graphs::Csr::from_edges(edges));
  }

  Context ctx;
  Tape tape;
};

// A handful of roundings.
const double few_roundings = tolerance(1e-6, 1e-14);

void check_values(const Var& y, const Numbers& expected) {
  CHECK_MESSAGE(relative_error(y.value().to_host(), expected) < few_roundings,
                "value differs from the one by hand");
}

}  // namespace

TEST_CASE("ops: values by hand") {
  for (const Device device : available_devices()) {
    Sheet m(device);
    check_values(add(m(1, 2, {1, 2}), m(1, 2, {10, 20})), {11, 22});
    check_values(add_bias(m(2, 2, {1, 2, 3, 4}), m(1, 2, {10, 20})), {11, 22, 13, 24});
    check_values(elu(m(1, 3, {2, 0, -1})), {2, 0, Real(std::exp(-1.0) - 1)});
    check_values(leaky_relu(m(1, 3, {2, 0, -1}), 0.2), {2, 0, Real(-0.2)});
    check_values(mean_heads(m(1, 4, {1, 2, 5, 8}), 2), {3, 5});
    check_values(pad_heads(m(1, 4, {1, 2, 5, 8}), 2, 3), {1, 2, 0, 5, 8, 0});
    check_values(top_rows(m(3, 2, {1, 2, 3, 4, 5, 6}), 2), {1, 2, 3, 4});
    check_values(matmul(m(2, 2, {1, 2, 3, 4}), m(2, 1, {5, 6})), {17, 39});
    // Two heads of two channels: <(1, 2), (1, 10)>, <(3, 4), (100, 1000)>.
    check_values(head_scores(m(1, 4, {1, 2, 3, 4}), m(2, 2, {1, 10, 100, 1000})), {21, 4300});
    check_values(head_scores(m(1, 2, {1, 2}), m(1, 2, {1, 10}), m(1, 1, {5})), {26});
  }
}

TEST_CASE("edge ops: values by hand on 1 -> 0, 2 -> 0, 0 -> 1") {
  const Real third = Real(1.0 / 3), log2 = Real(std::log(2.0));
  for (const Device device : available_devices()) {
    Sheet m(device);
    const Adjacency adjacency = m.adjacency({3, {1, 2, 0}, {0, 0, 1}, {}});
    check_values(edge_scores(adjacency, m(3, 1, {1, 2, 3}), m(3, 1, {10, 20, 30})), {12, 13, 21});
    check_values(edge_softmax(adjacency, m(3, 1, {0, log2, 7})), {third, 2 * third, 1});
    check_values(propagate(adjacency, m(3, 1, {1, 2, 3}), m(3, 2, {1, 2, 3, 4, 5, 6})), {13, 16, 3, 6, 0, 0});
    const Var source = m(3, 1, {5, 0, log2}), target = m(3, 1, {0, 0, 0});
    // Weights 1/3 and 2/3 into node 0, 1 into node 1, nothing into node 2.
    check_values(gat_attention(adjacency, source, target, m(3, 1, {9, 3, 6}), 0.2, 0, 0), {5, 9, 0});
    CHECK(relative_error(gat_attention_weights(adjacency, source, target, 0.2).to_host(),
                         Numbers{third, 2 * third, 1}) < few_roundings);
  }
}

TEST_CASE("edge_softmax: weights into a node sum to one, also for logits near 1000") {
  Sheet m;
  const Adjacency adjacency = m.adjacency({3, {0, 1, 2, 0}, {0, 0, 0, 2}, {}});
  const Numbers alpha = edge_softmax(adjacency, m(4, 1, {1000, 999, -1000, -5000})).value().to_host();
  CHECK(double(alpha[0] + alpha[1] + alpha[2]) == doctest::Approx(1));
  CHECK(double(alpha[3]) == 1);
}

TEST_CASE("cross_entropy: mean over the labelled nodes, and the share whose largest logit is right") {
  for (const Device device : available_devices()) {
    Sheet m(device);
    const std::vector<NodeId> nodes = {0, 1, 2, 3};
    const std::vector<std::int32_t> classes = {0, 1, -1, 0};  // node 2 is unknown
    const Labels labels(m.ctx.pool(), nodes, classes);
    CHECK(labels.count() == 3);
    const Real log3 = Real(std::log(3.0));
    // Node 0: 3/4 for its class; node 1: equal logits, the first counts as largest; node 3: 1/4.
    const Var logits = m(4, 2, {log3, 0, 5, 5, 100, 0, 0, log3});
    Score score;
    const Var loss = cross_entropy(logits, labels, &score);
    const double expected = (std::log(4.0 / 3) + std::log(2.0) + std::log(4.0)) / 3;
    CHECK(score.loss == doctest::Approx(expected).epsilon(few_roundings));
    CHECK(score.accuracy == doctest::Approx(1.0 / 3));
    check_values(loss, {Real(expected)});
    CHECK(evaluate(m.ctx, logits.value(), labels).loss == score.loss);
  }
}

TEST_CASE("cross_entropy: stays finite for logits near 1000") {
  Sheet m;
  const std::vector<NodeId> nodes = {0};
  const std::vector<std::int32_t> classes = {1};
  Score score;
  cross_entropy(m(1, 2, {1000, 0}), Labels(m.ctx.pool(), nodes, classes), &score);
  CHECK(score.loss == doctest::Approx(1000));
}

TEST_CASE("ops: in inference dropout changes nothing and nothing is recorded") {
  Context ctx({}, 1);
  Tape tape(ctx, Tape::inference);
  const Var x = tape.leaf(Tensor::from(ctx.pool(), 1, 2, Numbers{1, 2}));
  CHECK_FALSE(x.needs_grad());
  CHECK(dropout(x, 0.5, 0).value().to_host() == Numbers{1, 2});
}

TEST_CASE("ops: shapes and values that do not fit are refused with the numbers given") {
  Sheet m;
  const auto ones = [&](std::size_t rows, std::size_t cols) {
    return m(rows, cols, Numbers(rows * cols, 1));
  };
  const Adjacency g = m.adjacency({2, {0}, {1}, {}});
  const auto refuses = [](auto call, const char* text) { CHECK_THROWS_WITH_AS(call(), text, Error); };
  refuses([&] { add(ones(2, 3), ones(2, 4)); }, "add: shapes differ: 2x3 and 2x4");
  refuses([&] { add_bias(ones(2, 3), ones(1, 2)); }, "add_bias: expected a bias of 1x3, got 1x2");
  refuses([&] { dropout(ones(1, 1), 1.5, 0); }, "dropout: must be in [0, 1), got 1.5");
  refuses([&] { dropout(ones(1, 1), 0.5, 4096); }, "dropout: stream must be below 4096, got 4096");
  refuses([&] { top_rows(ones(2, 3), 3); }, "top_rows: expected at most 2 rows, got 3");
  refuses([&] { dropout(ones(2, 1), 0.5, 0, Array<NodeId>(m.ctx.pool(), std::vector<NodeId>{1})); },
          "dropout: 2 rows but 1 ids");
  refuses([&] { mean_heads(ones(2, 3), 2); }, "mean_heads: 3 columns do not divide among 2 heads");
  refuses([&] { pad_heads(ones(2, 4), 2, 1); }, "pad_heads: expected at least 2 channels, got 1");
  refuses([&] { matmul(ones(2, 3), ones(4, 2)); }, "matmul: inner sizes differ: x is 2x3, w is 4x2");
  refuses([&] { dropout_matmul(ones(2, 3), ones(3, 4), 0.5, 0, 3); },
          "dropout_matmul: 4 columns do not divide among 3 masks");
  refuses([&] { head_scores(ones(2, 3), ones(2, 2)); }, "head_scores: z has 3 columns, a is 2x2");
  refuses([&] { head_scores(ones(2, 4), ones(2, 2), ones(1, 3)); }, "head_scores: expected a bias of 1x2");
  refuses([&] { gat_attention(g, ones(3, 1), ones(2, 1), ones(2, 1), 0.2, 0, 0); },
          "gat_attention: scores have 3 source and 2 target rows, the graph has 2 and 2");
  refuses([&] { gat_attention(g, ones(2, 2), ones(2, 2), ones(2, 3), 0.2, 0, 0); },
          "gat_attention: value is 2x3, expected 2 rows and a multiple of 2 columns");
  refuses([&] { edge_scores(g, ones(2, 1), ones(3, 1)); },
          "edge_scores: scores are 2x1 and 3x1, the graph has 2 sources and 2 targets");
  refuses([&] { edge_softmax(g, ones(3, 1)); }, "edge_softmax: weight has 3 rows, the graph has 1 edges");
  refuses([&] { edge_dropout(g, ones(3, 1), 0.5, 0); },
          "edge_dropout: weight has 3 rows, the graph has 1 edges");
  refuses([&] { propagate(g, ones(3, 1), ones(2, 1)); },
          "propagate: weight has 3 rows, the graph has 1 edges");
  refuses([&] { propagate(g, ones(1, 2), ones(2, 3)); },
          "propagate: x is 2x3, expected 2 rows and a multiple of 2 columns");
  refuses([&] { cross_entropy(ones(2, 2), Labels()); }, "cross_entropy: there are no labelled nodes");
}

TEST_CASE("tape: refuses a gradient that nobody recorded") {
  Sheet m;
  const Var constant = m(1, 1, {1});
  CHECK_THROWS_WITH_AS(m.tape.backward(constant), "backward: nothing that leads to this value is trained",
                       Error);
  CHECK_THROWS_WITH_AS(m.tape.grad(constant), "grad: this value has no gradient", Error);
  const Var x = m.tape.leaf(Tensor::from(m.ctx.pool(), 1, 2, Numbers{1, 2}));
  CHECK_THROWS_WITH_AS(m.tape.backward(x), "backward: a loss is 1x1, got 1x2", Error);
}

TEST_CASE("tape: a value that is used twice gets the sum of both gradients") {
  Sheet m;
  const Var x = m.tape.leaf(Tensor::from(m.ctx.pool(), 1, 1, Numbers{3}));
  m.tape.backward(add(add(x, x), leaky_relu(x, 0.5)));
  CHECK(m.tape.grad(x).to_host() == Numbers{3});
}

TEST_CASE("tape: matrices that two ops share get the sum of both gradients, on every device") {
  const Matrix x = random_matrix(70, 6, 1);
  std::vector<Numbers> products, biases;
  for (const Device device : available_devices()) {
    Sheet m(device);
    const Var w = m.tape.leaf(upload(m.ctx, random_matrix(6, 3, 2))), b = m.tape.leaf(upload(m.ctx, random_matrix(1, 3, 3)));
    const auto layer = [&](Real factor) {
      Numbers scaled = x.values;
      for (Real& v : scaled) v *= factor;
      return add_bias(matmul(m(70, 6, scaled), w), b);
    };
    const Var y = add(layer(1), layer(2));
    m.tape.backward(y, Tensor::from(m.ctx.pool(), 70, 3, Numbers(210, Real(1))));
    products.push_back(m.tape.grad(w).to_host());
    biases.push_back(m.tape.grad(b).to_host());
    // Every column of w gets three times the sums of x's columns.
    for (std::size_t k = 0; k < 18; ++k) {
      Real sum = 0;
      for (std::size_t i = 0; i < 70; ++i) sum += 3 * x.values[i * 6 + k / 3];
      CHECK(products.back()[k] == doctest::Approx(double(sum)).epsilon(1e-4));
    }
    CHECK(biases.back() == Numbers(3, Real(140)));
  }
}

TEST_CASE("labels: refuse a node outside the graph") {
  Context ctx({}, 1);
  const std::vector<NodeId> nodes = {0, 2};
  const std::vector<std::int32_t> classes = {0, 1};
  CHECK_THROWS_WITH_AS(Labels(ctx.pool(), nodes, classes), "labels: expected a node below 2, found 2", Error);
}

TEST_CASE("backward: a loss that counts several times has the gradient that many times, and the next tape starts anew") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (int pass = 0; pass < 2; ++pass) {
      Tape tape(ctx);
      const Var x = tape.leaf(Tensor::from(ctx.pool(), 1, 1, Numbers{5}));
      const Var twice = add(x, x);
      tape.backward(add(twice, add(x, twice)));
      CHECK(tape.grad(x).to_host() == Numbers{5});
      CHECK(ctx.one().to_host() == Numbers{1});
    }
  }
}

TEST_CASE("cross_entropy: over all rows a loss sent back twice has twice the gradient of one sent back alone") {
  const std::vector<NodeId> nodes = {0, 1, 2};
  const std::vector<std::int32_t> classes = {0, 1, 1};
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const Labels labels(ctx.pool(), nodes, classes);
    const auto gradient = [&](int times) {
      Tape tape(ctx);
      const Var logits = tape.leaf(upload(ctx, random_matrix(3, 2, 1)));
      Var loss = unread_cross_entropy(logits, labels, nullptr);
      if (times == 2) loss = add(loss, loss);
      tape.backward(loss);
      return tape.grad(logits).to_host();
    };
    const Numbers once = gradient(1);
    Numbers half = gradient(2);
    for (Real& v : half) v /= 2;
    CHECK(relative_error(half, once) < few_roundings);
    CHECK(largest(once) > 0);
  }
}
