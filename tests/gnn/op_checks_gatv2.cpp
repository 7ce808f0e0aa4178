// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/autograd/gatv2_layer.hpp>

#include "op_checks.hpp"

namespace gnn::test {
namespace {

constexpr double p = 0.4, slope = 0.2;
constexpr std::uint32_t stream = 3;

using Inputs = const std::vector<Var>&;

// Source, target and value apart.
OpCase make(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels) {
  const std::size_t n = std::size_t(graph.num_rows()), width = heads * channels;
  return {{random_matrix(n, width, 1), random_matrix(n, width, 2), random_matrix(n, width, 3),
           random_matrix(heads, channels, 4, -2, 2)},
          [adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return gatv2_attention(adjacency, x[0], x[1], x[2], x[3], slope, p, stream);
          }};
}

// Source, target, a, bias and a residual with its bias.
OpCase make_layer(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels, bool mean, bool elu) {
  const std::size_t n = std::size_t(graph.num_rows()), width = heads * channels, out = mean ? channels : width;
  return {{random_matrix(n, width, 1), random_matrix(n, width, 2), random_matrix(heads, channels, 4, -2, 2), random_matrix(1, out, 5),
           random_matrix(n, out, 6), random_matrix(1, out, 7)},
          [mean, elu, adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            const GatV2End end = {.bias = x[3], .residual = [&](std::size_t columns) { return pad_heads(x[4], 1, columns); },
                                  .residual_bias = x[5], .mean = mean, .elu = elu};
            return gatv2_layer(adjacency, x[0], x[1], x[2], slope, p, stream, end);
          }};
}

const OpCheck checks[] = {
    {"gatv2_layer", "3 x 5, ELU", [](Context& ctx, const graphs::Csr& g) { return make_layer(ctx, g, 3, 5, false, true); }},
    {"gatv2_layer", "2 x 32", [](Context& ctx, const graphs::Csr& g) { return make_layer(ctx, g, 2, 32, false, false); }},
    {"gatv2_layer", "mean of 3 x 5, ELU", [](Context& ctx, const graphs::Csr& g) { return make_layer(ctx, g, 3, 5, true, true); }},
    {"gatv2_layer", "mean of 2 x 32", [](Context& ctx, const graphs::Csr& g) { return make_layer(ctx, g, 2, 32, true, false); }},
    {"gatv2_attention", "3 x 5", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, 3, 5); }},
    {"gatv2_attention", "8 x 8", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, 8, 8); }},
    {"gatv2_attention", "3 x 24", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, 3, 24); }},
    {"gatv2_attention", "2 x 32", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, 2, 32); }},
    {"gatv2_attention", "1 x 1", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, 1, 1); }},
    {"gatv2_attention", "one matrix of a wide head for source, target and value",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(std::size_t(g.num_rows()), 40, 1), random_matrix(1, 40, 2, -2, 2)},
               [adjacency = Adjacency(ctx.pool(), g)](Tape&, Inputs x) {
                 return gatv2_attention(adjacency, x[0], x[0], x[0], x[1], slope, p, stream);
               }};
     }},
    {"gatv2_attention", "one matrix for source, target and value",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(std::size_t(g.num_rows()), 14, 1), random_matrix(2, 7, 2, -2, 2)},
               [adjacency = Adjacency(ctx.pool(), g)](Tape&, Inputs x) {
                 return gatv2_attention(adjacency, x[0], x[0], x[0], x[1], slope, p, stream);
               }};
     }},
};

}  // namespace

std::span<const OpCheck> gatv2_checks() {
  return checks;
}

}  // namespace gnn::test
