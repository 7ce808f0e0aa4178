// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/gat.hpp>

#include <cmath>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gat_layer.hpp>
#include <gnn/autograd/product.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

double glorot(std::size_t fan_in, std::size_t fan_out) { return std::sqrt(6.0 / double(fan_in + fan_out)); }

void check_options(const GatOptions& o, std::size_t width) {
  check(o.in > 0 && o.channels > 0, "gat: in and channels must be 1 or greater, got ", o.in, " and ", o.channels);
  check(o.heads > 0 && o.heads <= max_mask_heads, "gat: heads must be in 1 to ", max_mask_heads, ", got ", o.heads);
  check(o.negative_slope >= 0 && o.negative_slope <= 1, "gat: negative_slope must be in [0, 1], got ", o.negative_slope);
  for (const double p : {o.dropout, o.attention_dropout, o.feature_dropout}) {
    check(p >= 0 && p < 1, "gat: dropout must be in [0, 1), got ", p);
  }
  check(o.residual != Residual::identity || o.in == width, "gat: an identity residual needs equal widths, got ", o.in,
        " columns in and ", width, " out");
}

}  // namespace

Gat::Gat(const GatOptions& o, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check_options(o, output_width());
  const bool own = o.initialisation == Initialisation::authors;
  const std::size_t all = o.heads * o.channels;
  const double score_bound = own ? glorot(o.channels, 1) : glorot(o.channels, o.heads);
  weight_ = parameters.add(name + ".lin.weight", o.in, all, glorot(o.in, own ? o.channels : all));
  att_src_ = parameters.add(name + ".att_src", o.heads, o.channels, score_bound);
  att_dst_ = parameters.add(name + ".att_dst", o.heads, o.channels, score_bound);
  if (o.score_bias) {
    att_src_bias_ = parameters.add_bias(name + ".att_src_bias", 1, o.heads);
    att_dst_bias_ = parameters.add_bias(name + ".att_dst_bias", 1, o.heads);
  }
  if (o.residual == Residual::linear) {
    const std::size_t fan_out = own ? o.channels : output_width();
    res_weight_ = parameters.add(name + ".res.weight", o.in, output_width(), glorot(o.in, fan_out));
    if (o.residual_bias) res_bias_ = parameters.add_bias(name + ".res.bias", 1, output_width());
  }
  bias_ = parameters.add_bias(name + ".bias", 1, output_width());
}

void Gat::check_width(const Input& x) const {
  if (x.cols() == options_.in) return;
  fail(ErrorKind::mismatch, "gat: the layer expects ", options_.in, " features, the input has ", x.cols());
}

Gat::Scored Gat::score(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatOptions& o = options_;
  check_width(x);
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  const Var z = project(tape, parameters, adjacency, x, weight_, stream_, masks());
  const Var source = head_scores(z, use(att_src_), o.score_bias ? use(att_src_bias_) : Var());
  const Var target = head_scores(top_rows(z, adjacency.num_targets()), use(att_dst_), o.score_bias ? use(att_dst_bias_) : Var());
  return {z, source, target};
}

// The input through its dropout, times a weight.
Var Gat::project(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x, std::size_t weight,
                 std::uint32_t stream, std::size_t masks) const {
  const Var w = parameters.use(tape, weight);
  return x.sparse ? dropout_matmul(*x.sparse, w, options_.dropout, stream, masks, adjacency.ids())
                  : dropout_matmul(x.dense, w, options_.dropout, stream, masks, adjacency.ids());
}

std::vector<EdgeWeights> Gat::explain(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const Scored s = score(tape, parameters, adjacency, x);
  return {{name_, gat_attention_weights(adjacency, s.source, s.target, options_.negative_slope)}};
}

Output Gat::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const {
  const GatOptions& o = options_;
  const Array<NodeId>& ids = adjacency.ids();
  const std::size_t targets = adjacency.num_targets();
  const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
  check_width(x);
  const GatLayerOptions as_one = {.slope = o.negative_slope, .dropout = o.dropout, .attention_dropout = o.attention_dropout,
                                  .feature_dropout = o.feature_dropout, .stream = stream_, .attention_stream = stream_ + 1,
                                  .feature_stream = stream_ + 2, .masks = masks(), .mean = !o.concat && o.heads > 1,
                                  .elu = o.activation};
  const auto use_bias = [&](std::size_t id) { return o.score_bias ? use(id) : Var(); };
  GatLayerWeights weights{use(weight_), use(att_src_), use(att_dst_), use_bias(att_src_bias_), use_bias(att_dst_bias_), use(bias_)};
  // One mask and one a head number their draws differently: from one stream they would share numbers by accident.
  const std::uint32_t alone = masks() == 1 ? stream_ : stream_ + residual_stream;
  if (o.residual == Residual::linear) {
    weights.residual = [&] {
      return top_rows(project(tape, parameters, adjacency, x, res_weight_, o.concat ? stream_ : alone, o.concat ? masks() : 1), targets);
    };
    if (o.residual_bias) weights.residual_bias = use(res_bias_);
  }
  if (o.residual == Residual::identity) {
    check(!x.sparse, "gat: an identity residual needs a dense input");
    weights.residual = [&] { return top_rows(dropout(x.dense, o.dropout, alone, ids), targets); };
  }
  return {gat_layer(adjacency, x.sparse, x.dense, weights, as_one), {}};
}

}  // namespace gnn::inline GNN_PRECISION
