// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/gatv2.hpp>

#include <cmath>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/autograd/product.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

double glorot(std::size_t fan_in, std::size_t fan_out) { return std::sqrt(6.0 / double(fan_in + fan_out)); }

void check_options(const GatV2Options& o, std::size_t width) {
  check(o.in > 0 && o.channels > 0, "gatv2: in and channels must be 1 or greater, got ", o.in, " and ", o.channels);
  check(o.heads > 0 && o.heads <= max_mask_heads, "gatv2: heads must be in 1 to ", max_mask_heads, ", got ", o.heads);
  check(o.negative_slope >= 0 && o.negative_slope <= 1, "gatv2: negative_slope must be in [0, 1], got ", o.negative_slope);
  for (const double p : {o.dropout, o.attention_dropout, o.feature_dropout}) {
    check(p >= 0 && p < 1, "gatv2: dropout must be in [0, 1), got ", p);
  }
  check(o.residual != Residual::identity || o.in == width, "gatv2: an identity residual needs equal widths, got ", o.in,
        " columns in and ", width, " out");
}

}  // namespace

GatV2::GatV2(const GatV2Options& o, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check_options(o, output_width());
  const std::size_t all = o.heads * o.channels;
  const auto add_projection = [&](const char* end, std::size_t& weight, std::size_t& bias) {
    weight = parameters.add(name + end + ".weight", o.in, all, glorot(o.in, all));
    if (!o.projection_bias) return;
    bias = parameters.add({.name = name + end + ".bias", .rows = 1, .cols = all, .offset = 0, .start = Parameters::Start::uniform,
                           .scale = 1 / std::sqrt(double(o.in)), .is_bias = true});
  };
  add_projection(".lin_l", source_weight_, source_bias_);
  if (!o.share_weights) add_projection(".lin_r", target_weight_, target_bias_);
  att_ = parameters.add(name + ".att", o.heads, o.channels, glorot(o.heads, o.channels));
  if (o.residual == Residual::linear) {
    res_weight_ = parameters.add(name + ".res.weight", o.in, output_width(), glorot(o.in, output_width()));
    if (o.residual_bias) res_bias_ = parameters.add_bias(name + ".res.bias", 1, output_width());
  }
  if (o.output_bias) bias_ = parameters.add_bias(name + ".bias", 1, output_width());
}

Var GatV2::product(Tape& tape, const Parameters& parameters, const Input& x, std::size_t weight, const Array<NodeId>& ids,
                   std::uint32_t stream, std::size_t masks) const {
  const Var w = parameters.use(tape, weight);
  return x.sparse ? dropout_matmul(*x.sparse, w, options_.dropout, stream, masks, ids)
                  : dropout_matmul(x.dense, w, options_.dropout, stream, masks, ids);
}

GatV2::Ends GatV2::project(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatV2Options& o = options_;
  if (x.cols() != o.in) fail(ErrorKind::mismatch, "gatv2: the layer expects ", o.in, " features, the input has ", x.cols());
  const auto end = [&](std::size_t weight, std::size_t bias) {
    const Var y = product(tape, parameters, x, weight, adjacency.ids(), stream_, o.mask_per_head ? o.heads : 1);
    return o.projection_bias ? add_bias(y, parameters.use(tape, bias)) : y;
  };
  const Var source = end(source_weight_, source_bias_);
  return {source, top_rows(o.share_weights ? source : end(target_weight_, target_bias_), adjacency.num_targets())};
}

Output GatV2::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatV2Options& o = options_;
  const Array<NodeId>& ids = adjacency.ids();
  const std::size_t targets = adjacency.num_targets();
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };

  const Ends ends = project(tape, parameters, adjacency, x);
  const Var value = dropout(ends.source, o.feature_dropout, stream_ + 2, ids);
  Var y = gatv2_attention(adjacency, ends.source, ends.target, value, use(att_), o.negative_slope, o.attention_dropout, stream_ + 1);

  if (!o.concat) y = mean_heads(y, o.heads);
  // One mask and one a head number their draws differently: from one stream they would share numbers by accident.
  const std::uint32_t alone = o.mask_per_head ? stream_ + Gat::residual_stream : stream_;
  if (o.residual == Residual::linear) {
    const bool by_head = o.mask_per_head && o.concat;
    const Var through = product(tape, parameters, x, res_weight_, ids, by_head ? stream_ : alone, by_head ? o.heads : 1);
    y = add(y, top_rows(through, targets));
    if (o.residual_bias) y = add_bias(y, use(res_bias_));
  }
  if (o.residual == Residual::identity) {
    check(!x.sparse, "gatv2: an identity residual needs a dense input");
    y = add(y, top_rows(dropout(x.dense, o.dropout, alone, ids), targets));
  }
  if (o.output_bias && o.activation) return {bias_elu(y, use(bias_)), {}};
  if (o.output_bias) y = add_bias(y, use(bias_));
  return {o.activation ? elu(y) : y, {}};
}

std::vector<EdgeWeights> GatV2::explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                        const Input& x) const {
  const Ends ends = project(tape, parameters, adjacency, x);
  return {{name_, gatv2_attention_weights(adjacency, ends.source, ends.target, parameters.use(tape, att_), options_.negative_slope)}};
}

}  // namespace gnn::inline GNN_PRECISION
