// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gat_layer.hpp>

#include <doctest/doctest.h>

#include <gnn/autograd/elementwise.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// Heads and channels: narrow and wide lanes, columns that do not fill them, several slices of heads.
constexpr std::size_t shapes[][2] = {{1, 1}, {1, 7}, {8, 8}, {3, 5}, {4, 16}, {8, 7}, {2, 64}, {4, 64}, {1, 40}, {6, 40}, {3, 200}};

using Form = decltype(&gat_layer);

// x, when dense, is the first input; then come the weights in their order, and a residual with its bias, if there is one.
Function layer(Form form, const Adjacency& adjacency, const SparseMatrix* sparse, const GatLayerOptions& options) {
  return [=](Tape&, const std::vector<Var>& x) {
    const std::size_t k = sparse ? 0 : 1;
    GatLayerWeights weights{x[k], x[k + 1], x[k + 2], x[k + 3], x[k + 4], x[k + 5]};
    if (x.size() > k + 6) {
      weights.residual = [&x, k](std::size_t columns) { return pad_heads(x[k + 6], 1, columns); };
      weights.residual_bias = x[k + 7];
    }
    return form(adjacency, sparse, sparse ? Var() : x[0], weights, options);
  };
}

SparseMatrix sparse_features(Context& ctx, std::size_t rows, std::size_t columns) {
  // Every third number, and a column that every row has.
  std::vector<std::int64_t> offsets = {0};
  std::vector<std::int32_t> indices;
  std::vector<float> values;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (c != 1 && (i * 7 + c * 5) % 3 != 0) continue;
      indices.push_back(std::int32_t(c));
      values.push_back(float((i + c) % 5) / 4 - 0.5f);
    }
    offsets.push_back(std::int64_t(indices.size()));
  }
  return SparseMatrix(ctx.pool(), columns, offsets, indices, values);
}

void check_equal(Context& ctx, const graphs::Csr& graph, std::size_t in, const std::size_t (&shape)[2], bool is_sparse, double p,
                 bool elu, bool mean = false, bool residual = false) {
  const std::size_t heads = shape[0], channels = shape[1], width = heads * channels, out = mean ? channels : width;
  CAPTURE(to_string(ctx.device()));
  CAPTURE(in);
  CAPTURE(heads);
  CAPTURE(channels);
  CAPTURE(is_sparse);
  CAPTURE(p);
  CAPTURE(mean);
  CAPTURE(residual);
  const std::size_t sources = std::size_t(graph.num_columns()), targets = std::size_t(graph.num_rows());
  const Adjacency adjacency(ctx.pool(), graph);
  std::vector<Matrix> inputs;
  if (!is_sparse) inputs.push_back(random_matrix(sources, in, 1));
  inputs.push_back(random_matrix(in, width, 2));
  inputs.push_back(random_matrix(heads, channels, 3));
  inputs.push_back(random_matrix(heads, channels, 4));
  inputs.push_back(random_matrix(1, heads, 7));
  inputs.push_back(random_matrix(1, heads, 8));
  inputs.push_back(random_matrix(1, out, 5));
  if (residual) {
    inputs.push_back(random_matrix(targets, out, 9));
    inputs.push_back(random_matrix(1, out, 10));
  }
  const SparseMatrix sparse = is_sparse ? sparse_features(ctx, sources, in) : SparseMatrix();
  GatLayerOptions options;
  options.dropout = options.attention_dropout = options.feature_dropout = p;
  options.masks = is_sparse ? heads : 1;
  options.mean = mean;
  options.elu = elu;
  const Function f = layer(gat_layer, adjacency, is_sparse ? &sparse : nullptr, options),
                 g = layer(composed_gat_layer, adjacency, is_sparse ? &sparse : nullptr, options);
  // Sums of up to 347 terms in two different orders, through products and logits of up to 30.
  CHECK(relative_error(value_of(ctx, f, inputs).values, value_of(ctx, g, inputs).values) <= tolerance(2e-5, 1e-12));
  const Matrix cotangent = random_matrix(targets, out, 6);
  const std::vector<bool> wanted(inputs.size(), true);
  const auto ours = gradients_of(ctx, f, inputs, cotangent, wanted), expected = gradients_of(ctx, g, inputs, cotangent, wanted);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    CAPTURE(k);
    CHECK(relative_error(ours[k], expected[k]) <= tolerance(1e-4, 1e-11));
  }
}

}  // namespace

TEST_CASE("gat_layer: equals its composition of small ops, values and gradients, sparse and dense") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& shape : shapes) {
      for (const double p : {0.0, 0.5}) {
        check_equal(ctx, graph, 21, shape, true, p, true);
        check_equal(ctx, graph, 21, shape, false, p, p == 0);
      }
    }
    check_equal(ctx, graph, 200, {4, 16}, false, 0.5, true);  // too wide for the small product
  }
}

TEST_CASE("gat_layer: equals its composition on a rectangular graph and on one without edges") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (const bool sparse : {false, true}) {
      check_equal(ctx, rectangular_graph(), 9, {8, 8}, sparse, 0.5, true);
      check_equal(ctx, graph_without_edges(70), 9, {2, 7}, sparse, 0.5, true);
    }
  }
}

TEST_CASE("gat_layer: equals its composition with a residual and with the mean of its heads") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const auto& shape : shapes) {
      for (const bool mean : {false, true}) {
        check_equal(ctx, graph, 21, shape, false, 0.5, mean, mean, true);
        check_equal(ctx, rectangular_graph(), 21, shape, true, 0, !mean, mean, true);
      }
      check_equal(ctx, graph, 200, shape, false, 0, true, true, false);
    }
  }
}

TEST_CASE("gat_layer: the same bits every time") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency adjacency(ctx.pool(), graph);
    const std::vector<Matrix> inputs = {random_matrix(347, 30, 1), random_matrix(30, 64, 2), random_matrix(8, 8, 3),
                                        random_matrix(8, 8, 4), random_matrix(1, 8, 7), random_matrix(1, 8, 8),
                                        random_matrix(1, 64, 5)};
    const Function f = layer(gat_layer, adjacency, nullptr, {.dropout = 0.5, .attention_dropout = 0.5, .elu = true});
    const Matrix cotangent = random_matrix(347, 64, 6);
    const auto first = gradients_of(ctx, f, inputs, cotangent, std::vector<bool>(7, true));
    for (int run = 0; run < 5; ++run) {
      const auto again = gradients_of(ctx, f, inputs, cotangent, std::vector<bool>(7, true));
      for (std::size_t k = 0; k < 7; ++k) CHECK(same_bits(again[k], first[k]));
    }
  }
}
