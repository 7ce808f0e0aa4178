// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>

#include "case_attention.hpp"

namespace gnn::test {
namespace {

std::unique_ptr<Layer> make(const CaseLayer& layer, Parameters& parameters) {
  GatOptions o;
  o.in = layer.in;
  o.heads = layer.heads;
  o.channels = layer.channels;
  o.concat = layer.concat;
  o.activation = layer.activation;
  o.negative_slope = layer.negative_slope;
  o.score_bias = layer.has("att_src_bias") || layer.has("att_dst_bias");
  o.residual = layer.residual;
  o.residual_bias = layer.has("res.bias");
  return std::make_unique<Gat>(o, parameters, layer.name, layer.first_stream);
}

InnerValues inner(const CaseLayer& layer, const FindParameter& find, const Var& x) {
  const Var z = dropout_matmul(x, find("lin.weight"), 0, layer.first_stream, 1);
  const Var source = head_scores(z, find("att_src"), find("att_src_bias")),
            target = head_scores(z, find("att_dst"), find("att_dst_bias"));
  return {
      {"proj", z.value()},
      {"score_src", source.value()},
      {"score_dst", target.value()},
      {"edge_logits", leaky_relu(edge_scores(layer.adjacency, source, target), layer.negative_slope).value()},
      {"attention", gat_attention_weights(layer.adjacency, source, target, layer.negative_slope)}};
}

}  // namespace

Comparison run_gat_case(Context& ctx, const Json& file) {
  return run_attention_case(ctx, file, {Gat::num_streams, make, inner});
}

}  // namespace gnn::test
