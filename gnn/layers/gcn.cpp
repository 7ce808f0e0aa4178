// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/gcn.hpp>

#include <cmath>

#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

Gcn::Gcn(const GcnOptions& o, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check(o.in > 0 && o.out > 0, "gcn: in and out must be 1 or greater, got ", o.in, " and ", o.out);
  check(o.dropout >= 0 && o.dropout < 1, "gcn: dropout must be in [0, 1), got ", o.dropout);
  weight_ = parameters.add({.name = name + ".weight", .rows = o.in, .cols = o.out, .offset = 0, .start = Parameters::Start::uniform,
                            .scale = glorot(o.in, o.out), .is_conv = o.has_own_l2});
  bias_ = parameters.add_bias(name + ".bias", 1, o.out);
}

Output Gcn::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GcnOptions& o = options_;
  if (x.cols() != o.in) fail(ErrorKind::mismatch, "gcn: the layer expects ", o.in, " features, the input has ", x.cols());
  const Var w = parameters.use(tape, weight_);
  const Array<NodeId>& ids = adjacency.ids();
  const Var projected =
      x.sparse ? dropout_matmul(*x.sparse, w, o.dropout, stream_, 1, ids) : dropout_matmul(x.dense, w, o.dropout, stream_, 1, ids);
  Var y = add_bias(propagate(adjacency, tape.constant(symmetric_weights(tape.context(), adjacency)), projected),
                         parameters.use(tape, bias_));
  return {o.activation ? leaky_relu(std::move(y), 0) : y, {}};
}

std::vector<EdgeWeights> Gcn::explain(Tape& tape, const Parameters&, const Adjacency& adjacency, const Input&) const {
  return {{name_, symmetric_weights(tape.context(), adjacency)}};
}

std::unique_ptr<Layer> make_gcn(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  GcnOptions o;
  o.in = width_into(c, k);
  o.out = width_behind(c, k);
  o.activation = k + 1 < c.layers;
  o.dropout = c.dropout;
  o.has_own_l2 = k == 0;
  return std::make_unique<Gcn>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
