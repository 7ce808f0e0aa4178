// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gatv2_layer.hpp>

#include <doctest/doctest.h>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace gatv2_layers {
namespace {

// The second and third are those for which a GPU has kernels of their own in a small graph.
constexpr std::size_t shapes[][2] = {{1, 1}, {1, 7}, {8, 8}, {3, 5}, {8, 7}, {4, 64}};
constexpr double slope = 0.2;
constexpr std::uint32_t stream = 3;

// Inputs: source, the vectors, a bias, and target unless it is source.
Function layer(const Adjacency& adjacency, double p, bool elu, bool composed) {
  return [=](Tape&, const std::vector<Var>& x) {
    const Var& target = x.size() > 3 ? x[3] : x[0];
    if (!composed) return gatv2_layer(adjacency, x[0], target, x[1], slope, p, stream, {.bias = x[2], .elu = elu});
    const Var y = add_bias(gatv2_attention(adjacency, x[0], top_rows(target, adjacency.num_targets()), x[0], x[1], slope, p, stream), x[2]);
    return elu ? gnn::elu(y) : y;
  };
}

void check_equal(Context& ctx, const graphs::Csr& graph, const std::size_t (&shape)[2], double p, bool elu, bool same) {
  const std::size_t width = shape[0] * shape[1], sources = std::size_t(graph.num_columns()), targets = std::size_t(graph.num_rows());
  CAPTURE(to_string(ctx.device()));
  CAPTURE(shape[0]);
  CAPTURE(shape[1]);
  CAPTURE(p);
  CAPTURE(elu);
  CAPTURE(same);
  const Adjacency adjacency(ctx.pool(), graph);
  std::vector<Matrix> inputs = {random_matrix(sources, width, 1), random_matrix(shape[0], shape[1], 2, -0.5, 0.5), random_matrix(1, width, 3)};
  if (!same) inputs.push_back(random_matrix(targets + 5, width, 4));
  const Function f = layer(adjacency, p, elu, false), g = layer(adjacency, p, elu, true);
  // Sums of up to 347 terms in two orders.
  CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= tolerance(4e-6, 1e-13));
  const Matrix cotangent = random_matrix(targets, width, 5);
  const std::vector<bool> all(inputs.size(), true);
  const auto ours = gradients_of(ctx, f, inputs, cotangent, all), expected = gradients_of(ctx, g, inputs, cotangent, all);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours[k], expected[k]) <= tolerance(2e-5, 1e-12));
  }
}

}  // namespace

TEST_CASE("gatv2_layer: equals its composition of small ops, values and gradients") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& shape : shapes) {
      for (const bool elu : {false, true}) {
        for (const bool same : {false, true}) {
          check_equal(ctx, mixed_graph(), shape, elu ? 0.5 : 0, elu, same);
          check_equal(ctx, rectangular_graph(), shape, 0.3, !elu, same);
        }
      }
    }
  }
}

TEST_CASE("gatv2_layer: the same bits every time, on a graph without edges too") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const graphs::Csr& graph : {mixed_graph(), graph_without_edges(70)}) {
      const std::size_t nodes = std::size_t(graph.num_rows());
      const Adjacency adjacency(ctx.pool(), graph);
      const std::vector<Matrix> inputs = {random_matrix(nodes, 64, 1), random_matrix(8, 8, 2), random_matrix(1, 64, 3)};
      const Function f = layer(adjacency, 0.5, true, false);
      const Matrix cotangent = random_matrix(nodes, 64, 4);
      const auto first = gradients_of(ctx, f, inputs, cotangent, {true, true, true});
      for (int run = 0; run < 3; ++run) {
        const auto again = gradients_of(ctx, f, inputs, cotangent, {true, true, true});
        for (std::size_t k = 0; k < 3; ++k) CHECK(same_bits(again[k], first[k]));
      }
    }
  }
}

}  // namespace gatv2_layers
