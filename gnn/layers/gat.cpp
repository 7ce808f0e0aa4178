// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/gat.hpp>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gat_layer.hpp>
#include <gnn/layers/config.hpp>

namespace gnn::inline GNN_PRECISION {

Gat::Gat(const GatOptions& o, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check_options("gat", o);
  const bool own = o.initialisation == Initialisation::authors;
  const std::size_t all = o.all_channels();
  const double score_bound = own ? glorot(o.channels, 1) : glorot(o.channels, o.heads);
  weight_ = parameters.add(name + ".lin.weight", o.in, all, glorot(o.in, own ? o.channels : all));
  att_src_ = parameters.add(name + ".att_src", o.heads, o.channels, score_bound);
  att_dst_ = parameters.add(name + ".att_dst", o.heads, o.channels, score_bound);
  if (o.score_bias) {
    att_src_bias_ = parameters.add_bias(name + ".att_src_bias", 1, o.heads);
    att_dst_bias_ = parameters.add_bias(name + ".att_dst_bias", 1, o.heads);
  }
  residual_ = {o, parameters, name, own ? o.channels : output_width()};
  bias_ = parameters.add_bias(name + ".bias", 1, output_width());
}

std::vector<EdgeWeights> Gat::explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatOptions& o = options_;
  check_width("gat", o, x);
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  const auto use_bias = [&](std::size_t id) { return o.score_bias ? use(id) : Var(); };
  const Var z = project(x, use(weight_), o.dropout, stream_, o.masks(), adjacency.ids());
  const Var source = head_scores(z, use(att_src_), use_bias(att_src_bias_));
  const Var target = head_scores(top_rows(z, adjacency.num_targets()), use(att_dst_), use_bias(att_dst_bias_));
  return {{name_, gat_attention_weights(adjacency, source, target, o.negative_slope)}};
}

Output Gat::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatOptions& o = options_;
  check_width("gat", o, x);
  const GatLayerOptions as_one = {.slope = o.negative_slope, .dropout = o.dropout, .attention_dropout = o.attention_dropout,
                                  .feature_dropout = o.feature_dropout, .stream = stream_, .attention_stream = stream_ + 1,
                                  .feature_stream = stream_ + 2, .masks = o.masks(), .mean = !o.concat && o.heads > 1,
                                  .elu = o.activation};
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  const auto use_bias = [&](std::size_t id) { return o.score_bias ? use(id) : Var(); };
  GatLayerWeights weights{use(weight_), use(att_src_), use(att_dst_), use_bias(att_src_bias_), use_bias(att_dst_bias_), use(bias_)};
  if (residual_.exists()) {
    weights.residual = [&](std::size_t columns) {
      return residual_.through("gat", tape, parameters, adjacency, x, stream_, stream_ + residual_stream, columns);
    };
    weights.residual_bias = residual_.bias(tape, parameters);
  }
  return {gat_layer(adjacency, x.sparse, x.dense, weights, as_one), {}};
}

std::unique_ptr<Layer> make_gat(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  const GatOptions o = {residual_head_options(c, k), c.score_bias, c.initialisation};
  return std::make_unique<Gat>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
