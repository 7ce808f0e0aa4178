// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gates.hpp>
#include <gnn/autograd/pairs.hpp>

#include "op_checks.hpp"

namespace gnn::test {
namespace {

using Inputs = const std::vector<Var>&;

std::size_t nodes(const graphs::Csr& graph) {
  return std::size_t(graph.num_rows());
}

OpCase make_loss(Context& ctx, const graphs::Csr& graph, bool weighted, double sign) {
  const Tensor weight = weighted ? upload(ctx, random_matrix(nodes(graph), 1, 2, 0, 1)) : Tensor();
  return {{random_matrix(nodes(graph), 1, 1, -3, 3)},
          [=](Tape&, Inputs x) { return log_sigmoid_loss(x[0], weight, sign, 0.25); }};
}

const OpCheck checks[] = {
    {"row_softmax", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 5, 1, -2, 2)}, [](Tape&, Inputs x) { return row_softmax(x[0]); }};
     }},
    {"gated_sum", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 3, 1), random_matrix(nodes(g), 13, 2), random_matrix(nodes(g), 13, 3),
                random_matrix(nodes(g), 13, 4)},
               [](Tape&, Inputs x) { return gated_sum(x[0], std::span(x).subspan(1)); }};
     }},
    {"gated_sum", "of one matrix twice",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 2, 1), random_matrix(nodes(g), 40, 2)},
               [](Tape&, Inputs x) { return gated_sum(x[0], std::vector<Var>{x[1], x[1]}); }};
     }},
    {"concat_columns", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 7, 1), random_matrix(nodes(g), 1, 2), random_matrix(nodes(g), 36, 3)},
               [](Tape&, Inputs x) { return concat_columns(x); }};
     }},
    {"multiply", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 3, 1), random_matrix(1, 1, 2)},
               [](Tape&, Inputs x) { return multiply(x[0], x[1]); }};
     }},
    {"row_maximum", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 3, 1)}, [](Tape&, Inputs x) { return row_maximum(x[0]); }};
     }},
    {"log_sigmoid_loss", "of edges, weighted",
     [](Context& ctx, const graphs::Csr& g) { return make_loss(ctx, g, true, 1); }},
    {"log_sigmoid_loss", "of pairs that are no edges",
     [](Context& ctx, const graphs::Csr& g) { return make_loss(ctx, g, false, -1); }},
};

}  // namespace

std::span<const OpCheck> latte_op_checks() {
  return checks;
}

}  // namespace gnn::test
