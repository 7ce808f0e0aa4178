// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/gatv2.hpp>

#include "case_attention.hpp"

namespace gnn::test {
namespace {

std::unique_ptr<Layer> make(const CaseLayer& layer, Parameters& parameters) {
  GatV2Options o;
  o.in = layer.in;
  o.heads = layer.heads;
  o.channels = layer.channels;
  o.concat = layer.concat;
  o.activation = layer.activation;
  o.negative_slope = layer.negative_slope;
  o.share_weights = need(layer.config, "share_weights").get<bool>();
  o.projection_bias = layer.has("lin_l.bias") || layer.has("lin_r.bias");
  o.output_bias = layer.has("bias");
  o.residual = layer.residual;
  o.residual_bias = layer.has("res.bias");
  return std::make_unique<GatV2>(o, parameters, layer.name, layer.first_stream);
}

InnerValues inner(const CaseLayer& layer, const FindParameter& find, const Var& x) {
  const auto project = [&](const char* weight, const char* bias) {
    const Var y = dropout_matmul(x, find(weight), 0, layer.first_stream, 1), b = find(bias);
    return b.defined() ? add_bias(y, b) : y;
  };
  const Var source = project("lin_l.weight", "lin_l.bias"),
            target = find("lin_r.weight").defined() ? project("lin_r.weight", "lin_r.bias") : source,
            a = find("att");
  const Var sums = leaky_relu(edge_scores(layer.adjacency, source, target), layer.negative_slope);
  return {{"proj_src", source.value()},
          {"proj_dst", target.value()},
          {"edge_logits", head_scores(sums, a).value()},
          {"attention", gatv2_attention_weights(layer.adjacency, source, target, a, layer.negative_slope)}};
}

}  // namespace

Comparison run_gatv2_case(Context& ctx, const Json& file) {
  if (need(file, "config").contains("x_kind")) return run_dictionary_case(ctx, file);
  return run_attention_case(ctx, file, {GatV2::num_streams, make, inner});
}

}  // namespace gnn::test
