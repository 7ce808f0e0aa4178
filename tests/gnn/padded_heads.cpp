// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gat_layer.hpp>
#include <gnn/autograd/gatv2_layer.hpp>
#include <gnn/autograd/narrow_gat.hpp>
#include <gnn/autograd/product.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace padded_heads {
namespace {

constexpr std::size_t nodes = 16400, in = 5, heads = 3, channels = 9;  // as many nodes as make a GPU pad heads
constexpr double slope = 0.2;

// One to seven edges into most nodes; what a block, and what several blocks of a GPU share, into two.
graphs::Csr large_graph() {
  graphs::EdgeList edges;
  edges.num_nodes = NodeId(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::size_t degree = i == 0 ? 700 : i == 1 ? 5000 : 1 + i % 7;
    for (std::size_t k = 0; k < degree; ++k) {
      edges.source.push_back(NodeId((i + k * 7) % nodes));
      edges.target.push_back(NodeId(i));
    }
  }
  return graphs::Csr::from_edges(edges);
}

std::vector<Matrix> inputs(std::size_t more) {
  std::vector<Matrix> all = {random_matrix(nodes, in, 1),    random_matrix(in, heads * channels, 2), random_matrix(heads, channels, 3),
                             random_matrix(1, channels, 4),  random_matrix(in, channels, 5)};
  if (more > 0) all.push_back(random_matrix(more, channels, 6));
  return all;
}

// Sums over 16400 rows in two orders.
void check_devices_agree(const std::function<Function(Context&)>& make, const std::vector<Matrix>& x, std::size_t width = channels) {
  const Matrix cotangent = random_matrix(nodes, width, 7);
  const std::vector<bool> all(x.size(), true);
  Context cpu({}, 2);
  const Function on_cpu = make(cpu);
  const Matrix y = value_of(cpu, on_cpu, x);
  const auto gradients = gradients_of(cpu, on_cpu, x, cotangent, all);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Function f = make(ctx);
    CHECK(relative_error(value_of(ctx, f, x).values, y.values) <= tolerance(4e-6, 1e-13));
    const auto ours = gradients_of(ctx, f, x, cotangent, all);
    for (std::size_t k = 0; k < x.size(); ++k) {
      CAPTURE(k);
      CHECK(relative_error(ours[k], gradients[k]) <= tolerance(4e-5, 1e-12));
    }
  }
}

}  // namespace

TEST_CASE("gat_layer: a large layer with heads of 9 channels, which a GPU pads, equals the CPU's") {
  const graphs::Csr graph = large_graph();
  for (const bool elu : {false, true}) {
    CAPTURE(elu);
    check_devices_agree(
        [&](Context& ctx) -> Function {
          return [adjacency = Adjacency(ctx.pool(), graph), elu](Tape&, const std::vector<Var>& x) {
            GatLayerWeights weights{x[1], x[2], x[5], {}, {}, x[3]};
            weights.residual = [&](std::size_t columns) { return matmul(x[0], pad_heads(x[4], 1, columns)); };
            return gat_layer(adjacency, nullptr, x[0], weights, {.slope = slope, .mean = true, .elu = elu});
          };
        },
        inputs(heads));
  }
}

TEST_CASE("gat_layer: a large layer with an input narrower than its heads together, which a GPU sums up first, equals the CPU's") {
  const graphs::Csr graph = large_graph();
  struct Shape {
    std::size_t in, heads, channels;
    double dropout;
  };
  // 8, 16 and 32 lanes a row; with and without zeros behind its columns; heads that are a slice, less, and more.
  for (const Shape& shape : {Shape{5, 2, 40, 0}, {30, 3, 40, 0.4}, {50, 6, 56, 0}, {100, 4, 80, 0.3}}) {
    const std::size_t width = shape.heads * shape.channels;
    const Matrix input = random_matrix(nodes, shape.in, 1);
    // Logits of about 1, of either sign: larger ones keep more of the rounding of what they are made of.
    const double size = 1 / std::sqrt(double(shape.in * shape.channels));
    const auto vectors = [&](std::uint64_t seed) { return random_matrix(shape.heads, shape.channels, seed, -4 * size, 4 * size); };
    const auto biases = [&](std::uint64_t seed) { return random_matrix(1, shape.heads, seed, -0.2, 0.2); };
    const std::vector<Matrix> weights = {random_matrix(shape.in, width, 2), vectors(3), vectors(4), biases(5), biases(6),
                                         random_matrix(1, width, 7), random_matrix(shape.in, width, 8), random_matrix(1, width, 9)};
    for (const bool elu : {false, true}) {
      CAPTURE(shape.in);
      CAPTURE(elu);
      check_devices_agree(
          [&](Context& ctx) -> Function {
            return [adjacency = Adjacency(ctx.pool(), graph), x = upload(ctx, input), elu, shape](Tape& tape, const std::vector<Var>& m) {
              const Var constant = tape.constant(x);
              GatLayerWeights all{m[0], m[1], m[2], m[3], m[4], m[5]};
              all.residual = [&](std::size_t) { return matmul(constant, m[6]); };
              all.residual_bias = m[7];
              const GatLayerOptions options{.slope = slope, .dropout = shape.dropout, .attention_dropout = 0.3, .elu = elu};
              CHECK(NarrowGat::fits(tape, constant, all, options) == (tape.context().device().kind == Device::cuda));
              return gat_layer(adjacency, nullptr, constant, all, options);
            };
          },
          weights, width);
    }
  }
}

TEST_CASE("gatv2_layer: a large layer with heads of 9 channels, padded on a GPU, equals the CPU's") {
  const graphs::Csr graph = large_graph();
  for (const bool elu : {false, true}) {
    CAPTURE(elu);
    check_devices_agree(
        [&](Context& ctx) -> Function {
          return [adjacency = Adjacency(ctx.pool(), graph), elu](Tape& tape, const std::vector<Var>& x) {
            const std::size_t padded = padded_channels(tape, nodes, channels);
            const Var ends = matmul(x[0], pad_heads(x[1], heads, padded));
            const GatV2End end = {.bias = x[3], .residual = [&](std::size_t columns) { return matmul(x[0], pad_heads(x[4], 1, columns)); },
                                  .mean = true, .elu = elu};
            return gatv2_layer(adjacency, ends, ends, pad_heads(x[2], 1, padded), slope, 0, 0, end);
          };
        },
        inputs(0));
  }
}

}  // namespace padded_heads
