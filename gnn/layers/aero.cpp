// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/aero.hpp>

#include <cmath>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_options(const AeroOptions& o) {
  check(o.in > 0 && o.channels > 0, "aero: in and channels must be 1 or greater, got ", o.in, " and ",
        o.channels);
  check(o.heads > 0 && o.heads <= 1024, "heads: must be in 1 to 1024, got ", o.heads);
  check(o.hops >= 1 && o.hops <= 1024, "hops: must be in 1 to 1024, got ", o.hops);
  check(o.mlp_layers <= Aero::max_mlp_layers, "mlp-layers: must be in 0 to ", Aero::max_mlp_layers, ", got ",
        o.mlp_layers);
  check(o.mlp_layers > 0 || o.in == o.heads * o.channels, "aero: without maps in front the input has ",
        o.heads * o.channels, " columns, got ", o.in);
  check(o.mlp_layers == 0 || o.classes > 0, "aero: classes must be 1 or greater, got ", o.classes);
  check(o.decay >= 0, "decay: must not be negative, got ", o.decay);
  check(o.dropout >= 0 && o.dropout < 1, "dropout: must be in [0, 1), got ", o.dropout);
}

}  // namespace

Aero::Aero(const AeroOptions& o, Parameters& parameters, std::uint32_t first_stream)
    : options_(o), stream_(first_stream) {
  check_options(o);
  using Start = Parameters::Start;
  const std::size_t width = o.heads * o.channels;
  const auto add_bias = [&](const std::string& name, std::size_t cols, std::size_t fan_in) {
    return parameters.add({.name = name,
                           .rows = 1,
                           .cols = cols,
                           .offset = 0,
                           .start = Start::uniform,
                           .scale = 1 / std::sqrt(double(fan_in)),
                           .is_bias = true});
  };
  for (std::size_t k = 0; k < o.mlp_layers; ++k) {
    const std::string name = "mlp." + std::to_string(k);
    const std::size_t in = k == 0 ? o.in : width;
    weights_.push_back(parameters.add(name + ".weight", in, width, glorot(in, width)));
    biases_.push_back(add_bias(name + ".bias", width, in));
  }

  const auto add_hops = [&](const char* name, std::size_t rows, std::size_t cols, double bound) {
    return parameters.add({.name = name,
                           .rows = rows,
                           .cols = cols,
                           .offset = 0,
                           .start = Start::uniform,
                           .scale = bound,
                           .is_conv = true});
  };
  const std::size_t edge_channels = o.concat ? 2 * o.channels : o.channels;
  edge_ = add_hops("edge_att", o.hops, o.heads * edge_channels, glorot(o.heads, edge_channels));
  hop_first_ = add_hops("hop_att.0", o.heads, o.channels, glorot(o.heads, o.channels));
  hop_ = add_hops("hop_att", o.hops, 2 * width, glorot(o.heads, 2 * o.channels));
  hop_bias_ = parameters.add({.name = "hop_bias",
                              .rows = o.hops + 1,
                              .cols = o.heads,
                              .offset = 0,
                              .start = Start::constant,
                              .scale = 1,
                              .is_bias = true,
                              .is_conv = true});
  if (o.mlp_layers == 0) return;
  classifier_ = parameters.add("classifier.weight", width, o.classes, glorot(width, o.classes));
  classifier_bias_ = add_bias("classifier.bias", o.classes, width);
}

Var Aero::features(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                   const Input& x) const {
  const AeroOptions& o = options_;
  if (x.cols() != o.in)
    fail(ErrorKind::mismatch, "aero: the network expects ", o.in, " features, the input has ", x.cols());
  check(o.mlp_layers > 0 || !x.sparse, "aero: without maps in front the input must be dense");
  const Array<NodeId>& ids = adjacency.ids();
  Var h = x.dense;
  for (std::size_t k = 0; k < o.mlp_layers; ++k) {
    const Var weight = parameters.use(tape, weights_[k]);
    const std::uint32_t stream = stream_ + std::uint32_t(k);
    if (k > 0) h = elu(h);
    h = k == 0 && x.sparse ? dropout_matmul(*x.sparse, weight, o.dropout, stream, 1, ids)
                           : dropout_matmul(h, weight, o.dropout, stream, 1, ids);
    h = add_bias(h, parameters.use(tape, biases_[k]));
  }
  return h;
}

AeroWeights Aero::hop_weights(Tape& tape, const Parameters& parameters) const {
  return {parameters.use(tape, edge_), parameters.use(tape, hop_first_), parameters.use(tape, hop_),
          parameters.use(tape, hop_bias_)};
}

std::vector<Var> Aero::hidden(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                              const Input& x) const {
  const Var h = features(tape, parameters, adjacency, x);
  return {h, elu(aero_hops(adjacency, h, hop_weights(tape, parameters), options_.decay, options_.concat))};
}

Output Aero::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                     const Input& x) const {
  const AeroOptions& o = options_;
  const Var h = features(tape, parameters, adjacency, x);
  const Var z = aero_hops(adjacency, h, hop_weights(tape, parameters), o.decay, o.concat);
  if (o.mlp_layers == 0) return {z, {}};
  const double p = o.add_dropout ? o.dropout : 0;
  const Var logits = dropout_matmul(elu(z), parameters.use(tape, classifier_), p, stream_ + max_mlp_layers, 1,
                                    adjacency.ids());
  return {add_bias(logits, parameters.use(tape, classifier_bias_)), {}};
}

std::vector<AeroHop> Aero::inside(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                  const Input& x) const {
  const Var h = features(tape, parameters, adjacency, x);
  return aero_inside(adjacency, h, hop_weights(tape, parameters), options_.decay, options_.concat);
}

std::vector<EdgeWeights> Aero::explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                       const Input& x) const {
  std::vector<EdgeWeights> weights;
  const std::vector<AeroHop> hops = inside(tape, parameters, adjacency, x);
  for (std::size_t k = 1; k < hops.size(); ++k)
    weights.push_back({"hop" + std::to_string(k), hops[k].attention});
  return weights;
}

std::unique_ptr<Layer> make_aero(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  AeroOptions o;
  o.in = c.in;
  o.channels = c.hidden[0];
  o.heads = c.heads[0];
  o.classes = c.classes;
  o.hops = c.hops;
  o.mlp_layers = c.mlp_layers;
  o.decay = c.decay;
  o.dropout = c.dropout;
  o.add_dropout = c.add_dropout;
  o.concat = c.attention_mode == "concat";
  return std::make_unique<Aero>(o, parameters, first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
