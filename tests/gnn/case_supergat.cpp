// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/links.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/autograd/supergat.hpp>
#include <gnn/layers/supergat.hpp>

#include "case_attention.hpp"

namespace gnn::test {
namespace {

AttentionForm form_of(const CaseLayer& layer) {
  const std::string type = need(layer.config, "attention_type").get<std::string>();
  for (const auto& [name, form] : {std::pair{"GO", AttentionForm::go}, std::pair{"DP", AttentionForm::dp},
                                   std::pair{"SD", AttentionForm::sd}, std::pair{"MX", AttentionForm::mx}}) {
    if (type == name) return form;
  }
  throw std::runtime_error("attention_type: expected GO, DP, SD or MX, found '" + type + "'");
}

// The pairs of a layer's edge loss as the file lists them, null when it has none.
Json supervision(const CaseLayer& layer) {
  const Json found = layer.config.value("self_supervision", Json());
  if (found.is_null()) return found;
  if (const Json reduction = found.value("head_reduction", Json("mean")); reduction != "mean")
    throw std::runtime_error("self_supervision.head_reduction: expected mean, found " + reduction.dump());
  need(found, "loss_weight");
  return found;
}

graphs::EdgeList pairs(const CaseLayer& layer, const Json& listed, const char* key) {
  return read_edges(need(listed, key), NodeId(layer.nodes), std::string("self_supervision.") + key);
}

std::unique_ptr<Layer> make(const CaseLayer& layer, Parameters& parameters) {
  SuperGatOptions o;
  o.in = layer.in;
  o.heads = layer.heads;
  o.channels = layer.channels;
  o.concat = layer.concat;
  o.activation = layer.activation;
  o.form = form_of(layer);
  o.negative_slope = layer.negative_slope;
  const Json listed = supervision(layer);
  o.edge_loss = listed.is_null() ? 0 : listed["loss_weight"].get<double>();
  return std::make_unique<SuperGat>(o, parameters, layer.name, layer.first_stream);
}

void freeze(Tape& tape, const CaseLayer& layer) {
  const Json listed = supervision(layer);
  if (listed.is_null()) return;
  std::uint32_t stream = layer.first_stream + 2;
  for (const char* key : {"positive_edges", "negative_edges"}) {
    const graphs::EdgeList list = pairs(layer, listed, key);
    Matrix ends{list.source.size(), 2, {}};
    for (std::size_t k = 0; k < ends.rows; ++k) {
      ends.values.push_back(Real(list.source[k]));
      ends.values.push_back(Real(list.target[k]));
    }
    tape.freeze(stream++, upload(tape.context(), ends));
  }
}

// The formulas of one pair and head, on the host.
struct Score {
  AttentionForm form;
  std::size_t heads, channels;
  std::vector<Real> z, source, target;

  double along(NodeId j, NodeId i, std::size_t h) const {
    const Real *a = &z[(std::size_t(j) * heads + h) * channels],
               *b = &z[(std::size_t(i) * heads + h) * channels];
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += double(a[c]) * double(b[c]);
    return form == AttentionForm::sd ? sum / std::sqrt(double(channels)) : sum;
  }
  double sum(NodeId j, NodeId i, std::size_t h) const {
    return double(source[std::size_t(j) * heads + h]) + double(target[std::size_t(i) * heads + h]);
  }
  double attention(NodeId j, NodeId i, std::size_t h) const {
    if (form == AttentionForm::go) return sum(j, i, h);
    if (form == AttentionForm::mx) return sum(j, i, h) / (1 + std::exp(-along(j, i, h)));
    return along(j, i, h);
  }
  double link(NodeId j, NodeId i, std::size_t h) const {
    return form == AttentionForm::go ? sum(j, i, h) : along(j, i, h);
  }
};

InnerValues inner(const CaseLayer& layer, const FindParameter& find, const Var& x) {
  Tape& tape = x.tape();
  Context& ctx = tape.context();
  const AttentionForm form = form_of(layer);
  const Var z = dropout_matmul(x, find("lin.weight"), 0, layer.first_stream, 1);
  InnerValues values = {{"proj", z.value()}};
  Score score{form, layer.heads, layer.channels, z.value().to_host(), {}, {}};
  Var source, target;
  if (find("att_src").defined()) {
    source = head_scores(z, find("att_src")), target = head_scores(z, find("att_dst"));
    score.source = source.value().to_host(), score.target = target.value().to_host();
    values["score_src"] = source.value(), values["score_dst"] = target.value();
  }
  const double scale = form == AttentionForm::sd ? 1 / std::sqrt(double(layer.channels)) : 1;
  values["attention"] = form == AttentionForm::go
                            ? gat_attention_weights(layer.adjacency, source, target, layer.negative_slope)
                            : supergat_attention_weights(layer.adjacency, z, layer.heads, source, target,
                                                         scale, layer.negative_slope);
  Matrix logits{layer.position.size(), layer.heads, std::vector<Real>(layer.position.size() * layer.heads)};
  for (std::size_t e = 0; e < logits.rows; ++e) {
    for (std::size_t h = 0; h < layer.heads; ++h) {
      const double u = score.attention(layer.edges.source[e], layer.edges.target[e], h);
      logits.values[std::size_t(layer.position[e]) * layer.heads + h] =
          Real(u > 0 ? u : layer.negative_slope * u);
    }
  }
  values["edge_logits"] = upload(ctx, logits);

  const Json listed = supervision(layer);
  if (listed.is_null()) return values;
  Matrix means{0, 1, {}};
  for (const char* key : {"positive_edges", "negative_edges"}) {
    const graphs::EdgeList list = pairs(layer, listed, key);
    for (std::size_t k = 0; k < list.source.size(); ++k, ++means.rows) {
      double sum = 0;
      for (std::size_t h = 0; h < layer.heads; ++h) sum += score.link(list.source[k], list.target[k], h);
      means.values.push_back(Real(sum / double(layer.heads)));
    }
  }
  values["ss_logits_mean_over_heads"] = upload(ctx, means);
  const Links links = draw_links(tape, layer.adjacency, 1, 1, layer.first_stream + 2);
  const double heads = double(layer.heads);
  values["ss_loss"] =
      (form == AttentionForm::go ? link_loss(links, source, target, LinkLogit::sum, 1 / heads, 1)
                                 : link_loss(links, z, z, LinkLogit::product, scale / heads, 1))
          .value();
  return values;
}

}  // namespace

Comparison run_supergat_case(Context& ctx, const Json& file) {
  return run_attention_case(ctx, file, {SuperGat::num_streams, make, inner, freeze});
}

}  // namespace gnn::test
