// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/dagnn.hpp>

#include <cmath>

#include <gnn/autograd/adaptive_hops.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_options(const DagnnOptions& o) {
  check(o.in > 0 && o.hidden > 0 && o.classes > 0, "dagnn: in, hidden and classes must be 1 or greater, got ",
        o.in, ", ", o.hidden, " and ", o.classes);
  check(o.hops >= 1 && o.hops <= 1024, "hops: must be in 1 to 1024, got ", o.hops);
  check(o.dropout >= 0 && o.dropout < 1, "dropout: must be in [0, 1), got ", o.dropout);
  check(o.mlp || o.in == o.classes,
        "dagnn: without a map in front the input has as many columns as classes, got ", o.in, " and ",
        o.classes);
}

}  // namespace

Dagnn::Dagnn(const DagnnOptions& o, Parameters& parameters, std::uint32_t first_stream)
    : options_(o), stream_(first_stream) {
  check_options(o);
  const auto add = [&](const char* name, std::size_t rows, std::size_t cols, std::size_t fan_in,
                       bool is_bias) {
    return parameters.add({.name = name,
                           .rows = rows,
                           .cols = cols,
                           .offset = 0,
                           .start = Parameters::Start::uniform,
                           .scale = 1 / std::sqrt(double(fan_in)),
                           .is_bias = is_bias});
  };
  if (o.mlp) {
    weight1_ = add("lin1.weight", o.in, o.hidden, o.in, false);
    bias1_ = add("lin1.bias", 1, o.hidden, o.in, true);
    weight2_ = add("lin2.weight", o.hidden, o.classes, o.hidden, false);
    bias2_ = add("lin2.bias", 1, o.classes, o.hidden, true);
  }
  projection_ = add("proj.weight", 1, o.classes, o.classes, false);
  projection_bias_ = add("proj.bias", 1, 1, o.classes, true);
}

std::vector<Var> Dagnn::hidden(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                               const Input& x) const {
  const DagnnOptions& o = options_;
  if (x.cols() != o.in)
    fail(ErrorKind::mismatch, "dagnn: the network expects ", o.in, " features, the input has ", x.cols());
  if (!o.mlp) return {};
  const Array<NodeId>& ids = adjacency.ids();
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  const Var through = x.sparse ? dropout_matmul(*x.sparse, use(weight1_), o.dropout, stream_, 1, ids)
                               : dropout_matmul(x.dense, use(weight1_), o.dropout, stream_, 1, ids);
  const Var inner = leaky_relu(add_bias(through, use(bias1_)), 0);
  return {inner, add_bias(dropout_matmul(inner, use(weight2_), o.dropout, stream_ + 1, 1, ids), use(bias2_))};
}

Output Dagnn::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                      const Input& x) const {
  const std::vector<Var> inner = hidden(tape, parameters, adjacency, x);
  const Var z = inner.empty() ? x.dense : inner.back();
  check(z.defined(), "dagnn: without a map in front the input must be dense");
  return {adaptive_hops(adjacency, z, parameters.use(tape, projection_),
                        parameters.use(tape, projection_bias_), options_.hops),
          {}};
}

std::vector<EdgeWeights> Dagnn::explain(Tape& tape, const Parameters&, const Adjacency& adjacency,
                                        const Input&) const {
  return {{"hop", symmetric_weights(tape.context(), adjacency)}};
}

std::unique_ptr<Layer> make_dagnn(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  DagnnOptions o;
  o.in = c.in;
  o.hidden = c.hidden[0];
  o.classes = c.classes;
  o.hops = c.hops;
  o.dropout = c.dropout;
  return std::make_unique<Dagnn>(o, parameters, first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
