// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gat_layer.hpp>

#include "op_checks.hpp"

namespace gnn::test {
namespace {

using Form = decltype(&gat_layer);

// x and the weights in their order.
OpCase make(Context& ctx, const graphs::Csr& graph, Form form, std::size_t heads, std::size_t channels) {
  constexpr std::size_t in = 6;
  return {{random_matrix(std::size_t(graph.num_rows()), in, 1), random_matrix(in, heads * channels, 2), random_matrix(heads, channels, 3),
           random_matrix(heads, channels, 4), random_matrix(1, heads, 7), random_matrix(1, heads, 8), random_matrix(1, heads * channels, 5)},
          [form, adjacency = Adjacency(ctx.pool(), graph)](Tape&, const std::vector<Var>& x) {
            const GatLayerOptions options = {.dropout = 0.4, .attention_dropout = 0.4, .feature_dropout = 0.4, .stream = 3,
                                             .attention_stream = 4, .feature_stream = 5, .elu = true};
            return form(adjacency, nullptr, x[0], {x[1], x[2], x[3], x[4], x[5], x[6]}, options);
          }};
}

const OpCheck checks[] = {
    {"gat_layer", "3 x 5", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, gat_layer, 3, 5); }},
    {"gat_layer", "8 x 8", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, gat_layer, 8, 8); }},
    {"composed_gat_layer", "3 x 5", [](Context& ctx, const graphs::Csr& g) { return make(ctx, g, composed_gat_layer, 3, 5); }},
};

}  // namespace

std::span<const OpCheck> gat_layer_checks() {
  return checks;
}

}  // namespace gnn::test
