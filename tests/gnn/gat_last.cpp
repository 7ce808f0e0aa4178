// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gat_last.hpp>

#include <doctest/doctest.h>

#include <gnn/autograd/loss.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

struct Numbers {
  bool found = false;  // with the logits
  Score score;
  std::vector<std::vector<Real>> all;  // logits, and the gradients of x, w, a_s, a_t, bias, b_s, b_t
};

// The last layer of a model and its loss. With `awaits` the layer knows the loss beforehand.
Numbers run(Context& ctx, const graphs::Csr& graph, std::size_t in, std::size_t classes, double p, bool biases, bool awaits) {
  const Adjacency adjacency(ctx.pool(), graph);
  const std::size_t sources = adjacency.num_sources(), targets = adjacency.num_targets();
  std::vector<NodeId> nodes;
  std::vector<std::int32_t> known;
  for (std::size_t i = 0; i < targets; ++i) {
    nodes.push_back(NodeId(i));
    known.push_back(std::int32_t(i * 5 % classes));
  }
  const Labels labels(ctx.pool(), nodes, known);
  Tape tape(ctx, Tape::training, 3, 2);
  std::vector<Var> x;
  for (const Matrix& m : {random_matrix(sources, in, 1), random_matrix(in, classes, 2), random_matrix(1, classes, 3), random_matrix(1, classes, 4),
                          random_matrix(1, classes, 5), random_matrix(1, 1, 6), random_matrix(1, 1, 7)}) {
    x.push_back(tape.leaf(upload(ctx, m)));
  }
  if (!biases) x.resize(5);
  GatLayerWeights weights{x[1], x[2], x[3], biases ? x[5] : Var(), biases ? x[6] : Var(), x[4]};
  GatLayerOptions options;
  options.dropout = options.attention_dropout = options.feature_dropout = p;
  if (awaits) await_cross_entropy(tape, labels);
  tape.reach_last_layer();
  const Var y = gat_layer(adjacency, nullptr, x[0], weights, options);
  Numbers numbers;
  numbers.found = tape.awaited() && tape.awaited()->loss.defined();
  tape.backward(cross_entropy(y, labels, &numbers.score));
  numbers.all.push_back(y.value().to_host());
  for (const Var& v : x) numbers.all.push_back(tape.grad(v).to_host());
  return numbers;
}

void check_equal(Context& ctx, const graphs::Csr& graph, std::size_t in, std::size_t classes, double p, bool biases) {
  CAPTURE(to_string(ctx.device()));
  CAPTURE(in);
  CAPTURE(classes);
  CAPTURE(p);
  const Numbers ours = run(ctx, graph, in, classes, p, biases, true), expected = run(ctx, graph, in, classes, p, biases, false);
  CHECK(!expected.found);
  CHECK(ours.score.loss == doctest::Approx(expected.score.loss).epsilon(1e-6));
  CHECK(ours.score.accuracy == expected.score.accuracy);
  for (std::size_t k = 0; k < ours.all.size(); ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours.all[k], expected.all[k]) <= tolerance(1e-4, 1e-11));
  }
}

}  // namespace

TEST_CASE("gat: a last layer that knows its loss equals one that does not, on every device") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const double p : {0.0, 0.5}) {
      for (const std::size_t classes : std::initializer_list<std::size_t>{1, 3, 7, 8}) {
        check_equal(ctx, mixed_graph(), 64, classes, p, true);
        check_equal(ctx, rectangular_graph(), 20, classes, p, classes > 3);
      }
      check_equal(ctx, graph_without_edges(70), 4, 7, p, true);
      check_equal(ctx, mixed_graph(), 24, 9, p, true);  // more classes than the kernel takes
    }
  }
}

TEST_CASE("gat: a last layer that knows its loss gives the same bits every time") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Numbers first = run(ctx, mixed_graph(), 64, 7, 0.5, true, true);
    CHECK((device.kind == Device::cpu || first.found));
    for (int again = 0; again < 5; ++again) {
      const Numbers next = run(ctx, mixed_graph(), 64, 7, 0.5, true, true);
      CHECK(next.score.loss == first.score.loss);
      for (std::size_t k = 0; k < first.all.size(); ++k) CHECK(same_bits(next.all[k], first.all[k]));
    }
  }
}
