// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/links.hpp>
#include <gnn/autograd/supergat.hpp>

#include "op_checks.hpp"

namespace gnn::test {
namespace {

constexpr double p = 0.4, slope = 0.2;
constexpr std::uint32_t stream = 3;

using Inputs = const std::vector<Var>&;

std::size_t nodes(const graphs::Csr& graph) {
  return std::size_t(graph.num_rows());
}

OpCase make_mixed(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels) {
  const std::size_t n = nodes(graph);
  return {{random_matrix(n, heads * channels, 1), random_matrix(n, heads, 2, -2, 2),
           random_matrix(n, heads, 3, -2, 2)},
          [heads, adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return supergat_attention(adjacency, x[0], heads, x[1], x[2], 1, slope, p, stream);
          }};
}

OpCase make_product(Context& ctx, const graphs::Csr& graph, std::size_t heads, std::size_t channels,
                    double scale) {
  return {{random_matrix(nodes(graph), heads * channels, 1)},
          [heads, scale, adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return supergat_attention(adjacency, x[0], heads, {}, {}, scale, slope, p, stream);
          }};
}

// The pairs are drawn from the tape's seed and step, so that each call sees the same.
OpCase make_link_loss(Context& ctx, const graphs::Csr& graph, std::size_t columns, LinkLogit logit,
                      double edge_ratio) {
  return {{random_matrix(nodes(graph), columns, 1), random_matrix(nodes(graph), columns, 2)},
          [logit, edge_ratio, adjacency = Adjacency(ctx.pool(), graph)](Tape& tape, Inputs x) {
            return link_loss(draw_links(tape, adjacency, edge_ratio, 0.5, stream), x[0], x[1], logit, 0.7,
                             1.5);
          }};
}

const OpCheck checks[] = {
    {"supergat_attention", "MX, 3 x 5",
     [](Context& ctx, const graphs::Csr& g) { return make_mixed(ctx, g, 3, 5); }},
    {"supergat_attention", "MX, 8 x 8",
     [](Context& ctx, const graphs::Csr& g) { return make_mixed(ctx, g, 8, 8); }},
    {"supergat_attention", "MX, 1 x 1",
     [](Context& ctx, const graphs::Csr& g) { return make_mixed(ctx, g, 1, 1); }},
    {"supergat_attention", "DP, 3 x 5",
     [](Context& ctx, const graphs::Csr& g) { return make_product(ctx, g, 3, 5, 1); }},
    {"supergat_attention", "SD, 8 x 8",
     [](Context& ctx, const graphs::Csr& g) { return make_product(ctx, g, 8, 8, 0.35); }},
    {"supergat_attention", "SD, 2 x 40",
     [](Context& ctx, const graphs::Csr& g) { return make_product(ctx, g, 2, 40, 0.16); }},
    {"link_loss", "of products",
     [](Context& ctx, const graphs::Csr& g) { return make_link_loss(ctx, g, 11, LinkLogit::product, 0.8); }},
    {"link_loss", "of sums, all edges",
     [](Context& ctx, const graphs::Csr& g) { return make_link_loss(ctx, g, 3, LinkLogit::sum, 1); }},
    {"link_loss", "of a matrix with itself",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 16, 1)},
               [adjacency = Adjacency(ctx.pool(), g)](Tape& tape, Inputs x) {
                 return link_loss(draw_links(tape, adjacency, 0.8, 0.5, stream), x[0], x[0],
                                  LinkLogit::product, 0.3, 2);
               }};
     }},
};

}  // namespace

std::span<const OpCheck> supergat_checks() {
  return checks;
}

}  // namespace gnn::test
