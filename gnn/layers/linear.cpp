// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/linear.hpp>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Linear::Linear(const LinearOptions& o, Parameters& parameters, const std::string& name, std::uint32_t stream)
    : options_(o), name_(name), stream_(stream) {
  check(o.in > 0 && o.out > 0, name, ": in and out must be 1 or greater, got ", o.in, " and ", o.out);
  check(o.dropout >= 0 && o.dropout < 1, name, ": dropout must be in [0, 1), got ", o.dropout);
  weight_ = parameters.add({.name = name + ".weight", .rows = o.in, .cols = o.out, .offset = 0, .start = o.start, .scale = o.scale});
  if (o.bias) bias_ = parameters.add_bias(name + ".bias", 1, o.out);
}

Var Linear::forward(Tape& tape, const Parameters& parameters, const Input& x, const Array<NodeId>& ids) const {
  const LinearOptions& o = options_;
  if (x.cols() != o.in) fail(ErrorKind::mismatch, name_, ": expected ", o.in, " features, the input has ", x.cols());
  const Var w = parameters.use(tape, weight_);
  Var y = x.sparse ? dropout_matmul(*x.sparse, w, o.dropout, stream_, 1, ids) : dropout_matmul(x.dense, w, o.dropout, stream_, 1, ids);
  if (o.bias) y = add_bias(std::move(y), parameters.use(tape, bias_));
  return o.relu ? leaky_relu(std::move(y), 0) : y;
}

Output MlpLayer::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  return {top_rows(linear_.forward(tape, parameters, x, adjacency.ids()), adjacency.num_targets()), {}};
}

std::unique_ptr<Layer> make_mlp(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  LinearOptions o;
  o.in = width_into(c, k);
  o.out = width_behind(c, k);
  o.relu = k + 1 < c.layers;
  o.dropout = c.dropout;
  o.scale = glorot(o.in, o.out);
  return std::make_unique<MlpLayer>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
