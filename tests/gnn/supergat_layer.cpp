// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/supergat_layer.hpp>

#include <doctest/doctest.h>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// Heads and channels: a head in a lane and in many, columns that do not fill them, several slices of heads, and rows wider than a
// warp's registers.
constexpr std::size_t shapes[][2] = {{1, 1}, {1, 7}, {8, 8}, {3, 5}, {4, 16}, {8, 7}, {2, 64}, {1, 150}, {6, 40}, {4, 80}};

using Form = decltype(&supergat_layer);

struct Outcome {
  std::vector<Real> y, gradients[5];  // gradients of x and the weights
  double loss = 0;
};

// What of the two results is sent back.
enum class Wanted { y, loss, both };

Outcome run(Context& ctx, Form form, const Adjacency& adjacency, const std::vector<Matrix>& inputs, const SuperGatLayerOptions& options,
            Wanted wanted, Tape::Mode mode = Tape::training) {
  Tape tape(ctx, mode, 7, 3);
  std::vector<Var> x;
  for (const Matrix& input : inputs) x.push_back(input.values.empty() ? Var() : tape.leaf(upload(ctx, input)));
  begin_supergat_layer(tape, adjacency, x[1].cols() / options.heads, options);
  const SuperGatLayerResult result = form(adjacency, nullptr, x[0], {x[1], x[2], x[3], x[4]}, options);
  Outcome outcome;
  outcome.y = result.y.value().to_host();
  if (result.loss.defined()) outcome.loss = double(result.loss.value().to_host()[0]);
  if (mode == Tape::inference) return outcome;
  const Var weights = tape.constant(upload(ctx, random_matrix(result.y.cols(), 1, 5)));
  const Var ones = tape.constant(upload(ctx, {1, result.y.rows(), std::vector<Real>(result.y.rows(), 1)}));
  const Var of_y = wanted == Wanted::loss ? Var() : matmul(ones, matmul(result.y, weights));
  tape.backward(wanted == Wanted::y ? of_y : wanted == Wanted::loss ? result.loss : tape.add_losses(result.loss, of_y));
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (x[k].defined()) outcome.gradients[k] = tape.grad(x[k]).to_host();
  }
  return outcome;
}

// Features in: with those of `shapes` this makes small products, tiles with whole fours and without, and large ones.
std::vector<Matrix> inputs_of(std::size_t nodes, const std::size_t (&shape)[2], bool vectors, bool mean, std::size_t in) {
  const std::size_t heads = shape[0], channels = shape[1];
  return {random_matrix(nodes, in, 1), random_matrix(in, heads * channels, 2, -0.3, 0.3), vectors ? random_matrix(heads, channels, 3) : Matrix{},
          vectors ? random_matrix(heads, channels, 4) : Matrix{}, random_matrix(1, mean ? channels : heads * channels, 6)};
}

void check_equal(Context& ctx, const graphs::Csr& graph, const std::size_t (&shape)[2], bool vectors, bool mean, double p, double edge_loss,
                 Wanted wanted) {
  CAPTURE(to_string(ctx.device()));
  CAPTURE(shape[0]);
  CAPTURE(shape[1]);
  CAPTURE(vectors);
  CAPTURE(mean);
  CAPTURE(p);
  CAPTURE(edge_loss);
  CAPTURE(int(wanted));
  SuperGatLayerOptions options;
  options.heads = shape[0];
  options.dot_scale = 0.3;
  options.dropout = options.attention_dropout = p;
  options.stream = mean ? 4 : 0;  // a second layer draws ahead, a first one as it goes
  options.mean = mean;
  options.elu = !mean;
  options.edge_loss = edge_loss;
  options.edge_ratio = 0.8;
  const Adjacency adjacency(ctx.pool(), graph);
  const std::vector<Matrix> inputs = inputs_of(std::size_t(graph.num_rows()), shape, vectors, mean, vectors ? 32 : mean ? 29 : 9);
  const Outcome ours = run(ctx, supergat_layer, adjacency, inputs, options, wanted),
                expected = run(ctx, composed_supergat_layer, adjacency, inputs, options, wanted);
  // Sums of up to 310 terms in two different orders, through products and gates.
  CHECK(relative_error(ours.y, expected.y) <= tolerance(2e-5, 1e-12));
  CHECK(ours.loss == doctest::Approx(expected.loss).epsilon(tolerance(1e-5, 1e-12)));
  for (std::size_t k = 0; k < 5; ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours.gradients[k], expected.gradients[k]) <= tolerance(1e-4, 1e-11));
  }
}

}  // namespace

TEST_CASE("supergat_layer: equals its composition of small ops, values, losses and gradients") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& shape : shapes) {
      for (const bool vectors : {true, false}) {
        for (const bool mean : {true, false}) {
          check_equal(ctx, graph, shape, vectors, mean, 0.5, 4, Wanted::both);
          check_equal(ctx, graph, shape, vectors, mean, 0, 4, Wanted::loss);
          check_equal(ctx, graph, shape, vectors, mean, 0.3, 4, Wanted::y);
          check_equal(ctx, graph, shape, vectors, mean, 0, 0, Wanted::y);
        }
      }
    }
  }
}

TEST_CASE("supergat_layer: a graph without edges has no loss, and gives its bias") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    check_equal(ctx, graph_without_edges(70), {8, 7}, true, true, 0.5, 4, Wanted::y);
    check_equal(ctx, graph_without_edges(70), {2, 7}, false, false, 0, 4, Wanted::y);
  }
}

TEST_CASE("supergat_layer: the same bits every time, and in inference those of training without dropout") {
  const graphs::Csr graph = mixed_graph();
  const std::vector<Matrix> inputs = inputs_of(std::size_t(graph.num_rows()), {8, 8}, true, false, 32);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), graph);
    SuperGatLayerOptions options;
    options.heads = 8;
    options.edge_loss = 4;
    options.edge_ratio = 0.8;
    options.attention_dropout = options.dropout = 0.5;
    const Outcome once = run(ctx, supergat_layer, adjacency, inputs, options, Wanted::both);
    for (int k = 0; k < 5; ++k) {
      const Outcome again = run(ctx, supergat_layer, adjacency, inputs, options, Wanted::both);
      CHECK(same_bits(again.y, once.y));
      CHECK(again.loss == once.loss);
      for (std::size_t g = 0; g < 5; ++g) CHECK(same_bits(again.gradients[g], once.gradients[g]));
    }
    options.attention_dropout = options.dropout = 0;
    CHECK(same_bits(run(ctx, supergat_layer, adjacency, inputs, options, Wanted::both, Tape::inference).y,
                    run(ctx, supergat_layer, adjacency, inputs, options, Wanted::both).y));
  }
}
