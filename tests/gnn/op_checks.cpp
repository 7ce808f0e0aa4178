// SPDX-License-Identifier: Apache-2.0
#include "op_checks.hpp"

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/loss.hpp>
#include <gnn/autograd/product.hpp>

namespace gnn::test {
namespace {

// Widths that are no multiple of a vector register.
constexpr std::size_t width = 7, heads = 3, channels = 5, features = 13;
constexpr double p = 0.4, slope = 0.2;
constexpr std::uint32_t stream = 3;

using Inputs = const std::vector<Var>&;

std::size_t nodes(const graphs::Csr& graph) {
  return std::size_t(graph.num_rows());
}
std::size_t edges(const graphs::Csr& graph) {
  return std::size_t(graph.num_edges());
}

OpCase with_one_matrix(const graphs::Csr& graph, Function f) {
  return {{random_matrix(nodes(graph), width, 1, -2, 2)}, std::move(f)};
}

// Every fifth number is not zero; row 2 is empty.
SparseMatrix sparse_matrix(Context& ctx, std::size_t rows) {
  std::vector<std::int64_t> offsets = {0};
  std::vector<std::int32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < features && i != 2; ++c) {
      if ((3 * i + c) % 5 != 0) continue;
      columns.push_back(std::int32_t(c));
      values.push_back(float(i % 7) - 2.5f);
    }
    offsets.push_back(std::int64_t(columns.size()));
  }
  return SparseMatrix(ctx.pool(), features, offsets, columns, values);
}

// Every second node is wanted; the classes of some are unknown.
Labels some_labels(Context& ctx, const graphs::Csr& graph) {
  std::vector<NodeId> wanted;
  std::vector<std::int32_t> classes;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    classes.push_back(i % 7 == 3 ? -1 : i % 5);
    if (i % 2 == 0) wanted.push_back(i);
  }
  return Labels(ctx.pool(), wanted, classes);
}

OpCase make_dense_product(const graphs::Csr& graph, std::size_t masks) {
  return {{random_matrix(nodes(graph), features, 1), random_matrix(features, 9, 2)},
          [=](Tape&, Inputs x) { return dropout_matmul(x[0], x[1], p, stream, masks); }};
}

OpCase make_sparse_product(Context& ctx, const graphs::Csr& graph, std::size_t masks) {
  return {{random_matrix(features, 9, 2)}, [=, x = sparse_matrix(ctx, nodes(graph))](Tape&, Inputs w) {
            return dropout_matmul(x, w[0], p, stream, masks);
          }};
}

OpCase make_attention(Context& ctx, const graphs::Csr& graph, std::size_t h, std::size_t c) {
  const std::size_t n = nodes(graph);
  return {{random_matrix(n, h, 1, -2, 2), random_matrix(n, h, 2, -2, 2), random_matrix(n, h * c, 3)},
          [adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) {
            return gat_attention(adjacency, x[0], x[1], x[2], slope, p, stream);
          }};
}

OpCase make_edge_op(Context& ctx, const graphs::Csr& graph, Var (*op)(const Adjacency&, const Var&)) {
  return {{random_matrix(edges(graph), heads, 1, -2, 2)},
          [op, adjacency = Adjacency(ctx.pool(), graph)](Tape&, Inputs x) { return op(adjacency, x[0]); }};
}

const OpCheck checks[] = {
    {"add", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), width, 1), random_matrix(nodes(g), width, 2)},
               [](Tape&, Inputs x) { return add(x[0], x[1]); }};
     }},
    {"add", "to itself",
     [](Context&, const graphs::Csr& g) {
       return with_one_matrix(g, [](Tape&, Inputs x) { return add(x[0], x[0]); });
     }},
    {"add_bias", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), width, 1), random_matrix(1, width, 2)},
               [](Tape&, Inputs x) { return add_bias(x[0], x[1]); }};
     }},
    {"bias_elu", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), width, 1), random_matrix(1, width, 2)},
               [](Tape&, Inputs x) { return bias_elu(x[0], x[1]); }};
     }},
    {"elu", "",
     [](Context&, const graphs::Csr& g) {
       return with_one_matrix(g, [](Tape&, Inputs x) { return elu(x[0]); });
     }},
    {"leaky_relu", "",
     [](Context&, const graphs::Csr& g) {
       return with_one_matrix(g, [](Tape&, Inputs x) { return leaky_relu(x[0], slope); });
     }},
    {"dropout", "",
     [](Context&, const graphs::Csr& g) {
       return with_one_matrix(g, [](Tape&, Inputs x) { return dropout(x[0], p, stream); });
     }},
    {"dropout", "for rows of a larger graph",
     [](Context& ctx, const graphs::Csr& g) {
       std::vector<NodeId> ids;
       for (NodeId i = 0; i < g.num_rows(); ++i) ids.push_back(1000 - 2 * i);
       return with_one_matrix(g, [ids = Array<NodeId>(ctx.pool(), ids)](Tape&, Inputs x) {
         return dropout(x[0], p, stream, ids);
       });
     }},
    {"top_rows", "",
     [](Context&, const graphs::Csr& g) {
       return with_one_matrix(g, [](Tape&, Inputs x) { return top_rows(x[0], x[0].rows() / 3); });
     }},
    {"pad_heads", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), heads * channels, 1)},
               [](Tape&, Inputs x) { return pad_heads(x[0], heads, channels + 3); }};
     }},
    {"mean_heads", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), heads * channels, 1)},
               [](Tape&, Inputs x) { return mean_heads(x[0], heads); }};
     }},
    {"matmul", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), features, 1), random_matrix(features, 9, 2)},
               [](Tape&, Inputs x) { return matmul(x[0], x[1]); }};
     }},
    {"dropout_matmul", "dense, one mask",
     [](Context&, const graphs::Csr& g) { return make_dense_product(g, 1); }},
    {"dropout_matmul", "dense, 3 masks",
     [](Context&, const graphs::Csr& g) { return make_dense_product(g, 3); }},
    {"dropout_matmul", "sparse, one mask",
     [](Context& ctx, const graphs::Csr& g) { return make_sparse_product(ctx, g, 1); }},
    {"dropout_matmul", "sparse, 3 masks",
     [](Context& ctx, const graphs::Csr& g) { return make_sparse_product(ctx, g, 3); }},
    {"head_scores", "",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), heads * channels, 1), random_matrix(heads, channels, 2)},
               [](Tape&, Inputs x) { return head_scores(x[0], x[1]); }};
     }},
    {"head_scores", "with bias",
     [](Context&, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), heads * channels, 1), random_matrix(heads, channels, 2),
                random_matrix(1, heads, 3)},
               [](Tape&, Inputs x) { return head_scores(x[0], x[1], x[2]); }};
     }},
    {"gat_attention", "3 x 5",
     [](Context& ctx, const graphs::Csr& g) { return make_attention(ctx, g, heads, channels); }},
    {"gat_attention", "8 x 8",
     [](Context& ctx, const graphs::Csr& g) { return make_attention(ctx, g, 8, 8); }},
    {"gat_attention", "1 x 1",
     [](Context& ctx, const graphs::Csr& g) { return make_attention(ctx, g, 1, 1); }},
    {"edge_scores", "",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), heads, 1), random_matrix(nodes(g), heads, 2)},
               [adjacency = Adjacency(ctx.pool(), g)](Tape&, Inputs x) {
                 return edge_scores(adjacency, x[0], x[1]);
               }};
     }},
    {"edge_softmax", "",
     [](Context& ctx, const graphs::Csr& g) { return make_edge_op(ctx, g, edge_softmax); }},
    {"edge_dropout", "",
     [](Context& ctx, const graphs::Csr& g) {
       return make_edge_op(ctx, g,
                           [](const Adjacency& a, const Var& x) { return edge_dropout(a, x, p, stream); });
     }},
    {"propagate", "",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(edges(g), heads, 1), random_matrix(nodes(g), heads * channels, 2)},
               [adjacency = Adjacency(ctx.pool(), g)](Tape&, Inputs x) {
                 return propagate(adjacency, x[0], x[1]);
               }};
     }},
    {"cross_entropy", "",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 5, 1, -3, 3)},
               [labels = some_labels(ctx, g)](Tape&, Inputs x) {
                 return cross_entropy(x[0], labels);
               }};
     },
     true},
    {"unread_cross_entropy", "",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       return {{random_matrix(nodes(g), 5, 1, -3, 3)},
               [labels = some_labels(ctx, g)](Tape&, Inputs x) {
                 return unread_cross_entropy(x[0], labels, nullptr);
               }};
     },
     true},
    {"sigmoid_cross_entropy", "",
     [](Context& ctx, const graphs::Csr& g) -> OpCase {
       std::vector<NodeId> wanted;
       std::vector<std::int32_t> known;
       std::vector<std::uint8_t> targets;
       for (NodeId i = 0; i < g.num_rows(); ++i) {
         known.push_back(i % 7 == 3 ? -1 : 0);
         for (NodeId c = 0; c < 5; ++c) targets.push_back((i * 3 + c) % 4 == 0);
         if (i % 2 == 0) wanted.push_back(i);
       }
       return {{random_matrix(nodes(g), 5, 1, -3, 3)},
               [labels = Labels(ctx.pool(), wanted, known, targets, 5)](Tape&, Inputs x) {
                 return sigmoid_cross_entropy(x[0], labels);
               }};
     },
     true},
};

}  // namespace

std::vector<OpCheck> op_checks() {
  std::vector<OpCheck> all(std::begin(checks), std::end(checks));
  // The ops of one network each have a table of their own, in op_checks_*.cpp.
  for (const std::span<const OpCheck> more : {gat_layer_checks(), gatv2_checks(), supergat_checks(), hops_checks(),
                                               latte_op_checks()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace gnn::test
