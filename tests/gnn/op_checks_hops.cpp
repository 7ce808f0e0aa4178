// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/adaptive_hops.hpp>
#include <gnn/autograd/aero_hops.hpp>
#include <graphs/transforms.hpp>

#include "op_checks.hpp"

namespace gnn::test {
namespace {

using Inputs = const std::vector<Var>&;

graphs::Csr with_weights(const graphs::Csr& g) {
  std::vector<float> weights(std::size_t(g.num_edges()));
  for (std::size_t e = 0; e < weights.size(); ++e) weights[e] = 0.25f + float(e % 7) / 4;
  return graphs::Csr(g.num_columns(), {g.offsets().begin(), g.offsets().end()},
                     {g.columns().begin(), g.columns().end()}, weights);
}

graphs::Csr in_both_directions(const graphs::Csr& g) {
  return graphs::Csr::from_edges(graphs::symmetrise(g.to_edges()).edges);
}

OpCase make_adaptive_hops(Context& ctx, const graphs::Csr& graph, std::size_t channels) {
  return {{random_matrix(std::size_t(graph.num_rows()), channels, 1, -2, 2), random_matrix(1, channels, 2),
           random_matrix(1, 1, 3)},
          [adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return adaptive_hops(adjacency, x[0], x[1], x[2], 3);
          }};
}

OpCase make_aero_hops(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels,
                      bool concat) {
  constexpr std::size_t hops = 3;
  const std::size_t width = heads * channels;
  return {{random_matrix(std::size_t(graph.num_rows()), width, 1),
           random_matrix(hops, concat ? 2 * width : width, 2), random_matrix(heads, channels, 3),
           random_matrix(hops, 2 * width, 4), random_matrix(hops + 1, heads, 5)},
          [concat, adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return aero_hops(adjacency, x[0], {x[1], x[2], x[3], x[4]}, 0.5, concat);
          }};
}

const OpCheck checks[] = {
    {"adaptive_hops", "", [](Context& ctx, const graphs::Csr& g) { return make_adaptive_hops(ctx, g, 5); }},
    {"adaptive_hops", "with weights",
     [](Context& ctx, const graphs::Csr& g) { return make_adaptive_hops(ctx, with_weights(g), 8); }},
    {"aero_hops", "sum, 2 x 5",
     [](Context& ctx, const graphs::Csr& g) { return make_aero_hops(ctx, g, 2, 5, false); }},
    {"aero_hops", "sum, 1 x 64",
     [](Context& ctx, const graphs::Csr& g) { return make_aero_hops(ctx, g, 1, 64, false); }},
    {"aero_hops", "sum, symmetric, 2 x 5",
     [](Context& ctx, const graphs::Csr& g) {
       return make_aero_hops(ctx, in_both_directions(g), 2, 5, false);
     }},
    {"aero_hops", "sum, symmetric, 1 x 64",
     [](Context& ctx, const graphs::Csr& g) {
       return make_aero_hops(ctx, in_both_directions(g), 1, 64, false);
     }},
    {"aero_hops", "concat, 2 x 5",
     [](Context& ctx, const graphs::Csr& g) { return make_aero_hops(ctx, g, 2, 5, true); }},
    {"aero_hops", "concat, symmetric, 1 x 9",
     [](Context& ctx, const graphs::Csr& g) {
       return make_aero_hops(ctx, in_both_directions(g), 1, 9, true);
     }},
};

}  // namespace

std::span<const OpCheck> hops_checks() {
  return checks;
}

}  // namespace gnn::test
