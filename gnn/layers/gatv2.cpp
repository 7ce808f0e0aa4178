// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/gatv2.hpp>

#include <cmath>

#include <gnn/autograd/by_head.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/autograd/gatv2_layer.hpp>
#include <gnn/layers/config.hpp>

namespace gnn::inline GNN_PRECISION {

GatV2::GatV2(const GatV2Options& o, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check_options("gatv2", o);
  const std::size_t all = o.all_channels();
  const auto add_projection = [&](const char* end, std::size_t& weight, std::size_t& bias) {
    weight = parameters.add(name + end + ".weight", o.in, all, glorot(o.in, all));
    if (!o.projection_bias) return;
    bias = parameters.add({.name = name + end + ".bias", .rows = 1, .cols = all, .offset = 0, .start = Parameters::Start::uniform,
                           .scale = 1 / std::sqrt(double(o.in)), .is_bias = true});
  };
  add_projection(".lin_l", source_weight_, source_bias_);
  if (!o.share_weights) add_projection(".lin_r", target_weight_, target_bias_);
  att_ = parameters.add(name + ".att", o.heads, o.channels, glorot(o.heads, o.channels));
  residual_ = {o, parameters, name, output_width()};
  if (o.output_bias) bias_ = parameters.add_bias(name + ".bias", 1, output_width());
}

GatV2::Ends GatV2::project(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x,
                           std::size_t channels) const {
  const GatV2Options& o = options_;
  const auto use = [&](std::size_t id) { return pad_heads(parameters.use(tape, id), o.heads, channels); };
  const auto end = [&](std::size_t weight, std::size_t bias) {
    Var y = gnn::project(x, use(weight), o.dropout, stream_, o.masks(), adjacency.ids());
    return o.projection_bias ? add_bias(std::move(y), use(bias)) : y;
  };
  const Var source = end(source_weight_, source_bias_);
  return {source, o.share_weights ? source : end(target_weight_, target_bias_)};
}

Output GatV2::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatV2Options& o = options_;
  check_width("gatv2", o, x);
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  const bool drops_value = tape.dropout(stream_ + 2, o.feature_dropout).active();

  if (!drops_value && !goes_by_head(tape, adjacency.num_sources(), o.heads, o.channels)) {
    const std::size_t channels = !o.concat && o.output_bias ? padded_channels(tape, adjacency.num_sources(), o.channels) : o.channels;
    GatV2End behind = {.bias = o.output_bias ? use(bias_) : Var(), .mean = !o.concat && (o.heads > 1 || channels > o.channels),
                       .elu = o.activation};
    if (residual_.exists()) {
      behind.residual = [&](std::size_t columns) {
        return residual_.through("gatv2", tape, parameters, adjacency, x, stream_, stream_ + Gat::residual_stream, columns);
      };
      behind.residual_bias = residual_.bias(tape, parameters);
    }
    Ends ends = project(tape, parameters, adjacency, x, channels);
    return {gatv2_layer(adjacency, std::move(ends.source), std::move(ends.target), pad_heads(use(att_), 1, channels), o.negative_slope,
                        o.attention_dropout, stream_ + 1, behind),
            {}};
  }
  Var y;
  if (!drops_value) {
    const auto use_bias = [&](std::size_t id) { return o.projection_bias ? use(id) : Var(); };
    y = tape.constant(gatv2_by_head(adjacency, x.sparse, x.dense, use(source_weight_), use_bias(source_bias_), use(target_weight_),
                                    use_bias(target_bias_), o.share_weights, use(att_), o.negative_slope));
  } else {
    const Ends ends = project(tape, parameters, adjacency, x, o.channels);
    const Var value = dropout(ends.source, o.feature_dropout, stream_ + 2, adjacency.ids());
    y = gatv2_attention(adjacency, ends.source, top_rows(ends.target, adjacency.num_targets()), value, use(att_), o.negative_slope,
                        o.attention_dropout, stream_ + 1);
  }

  if (!o.concat) y = mean_heads(y, o.heads);
  y = residual_.add_to(std::move(y), "gatv2", parameters, adjacency, x, stream_, stream_ + Gat::residual_stream);
  if (o.output_bias && o.activation) return {bias_elu(std::move(y), use(bias_)), {}};
  if (o.output_bias) y = add_bias(std::move(y), use(bias_));
  return {o.activation ? elu(std::move(y)) : y, {}};
}

std::vector<EdgeWeights> GatV2::explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                        const Input& x) const {
  check_width("gatv2", options_, x);
  const Ends ends = project(tape, parameters, adjacency, x, options_.channels);
  const Var target = top_rows(ends.target, adjacency.num_targets());
  return {{name_, gatv2_attention_weights(adjacency, ends.source, target, parameters.use(tape, att_), options_.negative_slope)}};
}

std::unique_ptr<Layer> make_gatv2(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  const GatV2Options o = {residual_head_options(c, k), c.share_weights, c.projection_bias, c.output_bias};
  return std::make_unique<GatV2>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
