// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/supergat.hpp>

#include <cmath>
#include <optional>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/links.hpp>
#include <gnn/autograd/supergat.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr struct {
  AttentionForm form;
  const char* name;
} forms[] = {{AttentionForm::go, "go"},
             {AttentionForm::dp, "dp"},
             {AttentionForm::sd, "sd"},
             {AttentionForm::mx, "mx"}};

void check_own_options(const SuperGatOptions& o) {
  check(o.edge_loss >= 0 && std::isfinite(o.edge_loss), "edge-loss: must be 0 or greater, got ", o.edge_loss);
  check(o.negative_ratio >= 0 && std::isfinite(o.negative_ratio), "neg-ratio: must be 0 or greater, got ",
        o.negative_ratio);
  check(o.edge_ratio > 0 && o.edge_ratio <= 1, "edge-ratio: must be in (0, 1], got ", o.edge_ratio);
}

}  // namespace

const char* to_string(AttentionForm form) {
  for (const auto& entry : forms) {
    if (entry.form == form) return entry.name;
  }
  return "";
}

AttentionForm parse_attention_form(const std::string& text) {
  for (const auto& entry : forms) {
    if (text == entry.name) return entry.form;
  }
  fail(ErrorKind::usage, "attention: expected go, dp, sd or mx, found '", graphs::quote_for_message(text),
       "'");
}

SuperGat::SuperGat(const SuperGatOptions& o, Parameters& parameters, const std::string& name,
                   std::uint32_t first_stream)
    : options_(o), name_(name), stream_(first_stream) {
  check_options("supergat", o);
  check_own_options(o);
  const std::size_t all = o.all_channels();
  weight_ = parameters.add(name + ".lin.weight", o.in, all, glorot(o.in, all));
  if (has_vectors()) {
    // The authors' vectors are the halves of one of 2 C numbers.
    const double bound =
        glorot(o.initialisation == Initialisation::authors ? 2 * o.channels : o.channels, o.heads);
    att_src_ = parameters.add(name + ".att_src", o.heads, o.channels, bound);
    att_dst_ = parameters.add(name + ".att_dst", o.heads, o.channels, bound);
  }
  bias_ = parameters.add_bias(name + ".bias", 1, output_width());
}

double SuperGat::dot_scale() const {
  return options_.form == AttentionForm::sd ? 1 / std::sqrt(double(options_.channels)) : 1;
}

SuperGat::Scores SuperGat::scores(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                  const Input& x) const {
  const SuperGatOptions& o = options_;
  check_width("supergat", o, x);
  Scores s;
  s.z = project(x, parameters.use(tape, weight_), o.dropout, stream_, 1, adjacency.ids());
  if (!has_vectors()) return s;
  s.source = head_scores(s.z, parameters.use(tape, att_src_));
  s.target = head_scores(top_rows(s.z, adjacency.num_targets()), parameters.use(tape, att_dst_));
  return s;
}

SuperGatLayerOptions SuperGat::as_one() const {
  const SuperGatOptions& o = options_;
  return {.heads = o.heads, .dot_scale = dot_scale(), .slope = o.negative_slope, .dropout = o.dropout, .attention_dropout = o.attention_dropout,
          .stream = stream_, .mean = !o.concat && o.heads > 1, .elu = o.activation, .edge_loss = o.edge_loss, .edge_ratio = o.edge_ratio,
          .negative_ratio = o.negative_ratio};
}

void SuperGat::begin_ahead(Tape& tape, const Adjacency& adjacency) const {
  if (options_.form != AttentionForm::go) begin_supergat_layer(tape, adjacency, options_.channels, as_one());
}

Output SuperGat::forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                         const Input& x) const {
  const SuperGatOptions& o = options_;
  if (o.form != AttentionForm::go) {
    check_width("supergat", o, x);
    const auto use = [&](std::size_t id) { return parameters.use(tape, id); };
    const Var none, source = has_vectors() ? use(att_src_) : none, target = has_vectors() ? use(att_dst_) : none;
    const SuperGatLayerResult both = supergat_layer(adjacency, x.sparse, x.dense, {use(weight_), source, target, use(bias_)}, as_one());
    return {both.y, both.loss};
  }
  Output result;
  std::optional<Links> links;
  if (tape.is_training() && o.edge_loss > 0 && adjacency.num_edges() > 0) {
    links = draw_links_beside(tape, adjacency, o.edge_ratio, o.negative_ratio, stream_ + 2);
  }
  const Scores s = scores(tape, parameters, adjacency, x);
  result.y = gat_attention(adjacency, s.source, s.target, s.z, o.negative_slope, o.attention_dropout, stream_ + 1);
  // The mean over heads is the sum over all of them divided by their number.
  if (links) result.loss = link_loss(*links, s.source, s.target, LinkLogit::sum, 1 / double(o.heads), o.edge_loss);
  if (!o.concat) result.y = mean_heads(result.y, o.heads);
  const Var bias = parameters.use(tape, bias_);
  result.y = o.activation ? bias_elu(std::move(result.y), bias) : add_bias(std::move(result.y), bias);
  return result;
}

std::vector<EdgeWeights> SuperGat::explain(Tape& tape, const Parameters& parameters,
                                           const Adjacency& adjacency, const Input& x) const {
  const Scores s = scores(tape, parameters, adjacency, x);
  const double slope = options_.negative_slope;
  return {{name_, options_.form == AttentionForm::go
                      ? gat_attention_weights(adjacency, s.source, s.target, slope)
                      : supergat_attention_weights(adjacency, s.z, options_.heads, s.source, s.target,
                                                   dot_scale(), slope)}};
}

std::unique_ptr<Layer> make_supergat(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t first_stream) {
  const SuperGatOptions o = {head_options(c, k), parse_attention_form(c.attention), c.edge_loss, c.negative_ratio, c.edge_ratio, c.initialisation};
  return std::make_unique<SuperGat>(o, parameters, "layer" + std::to_string(k + 1), first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
