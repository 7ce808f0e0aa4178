// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/layers/gat.hpp>
#include <gnn/train/model.hpp>

#include "support/numbers.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

TEST_CASE("residual: PyTorch Geometric's network for PPI has 3,076,766 parameters") {
  Context ctx({}, 1);
  ModelConfig config;
  config.in = 50;
  config.classes = 121;
  config.layers = 3;
  config.hidden = {256};
  config.heads = {4};
  config.out_heads = 6;
  config.residual = Residual::linear;
  config.residual_bias = true;
  CHECK(Model(ctx, config, 0).parameters().size() == 3076766);
  config.residual_inner = true;
  CHECK(Model(ctx, config, 0).parameters().size() == 3076766 - 52224 - 124025);
}

TEST_CASE("residual: the heads' masks and that of a residual without heads are drawn apart") {
  // With weights of zero attention gives zero, and an identity as residual weight shows the residual's mask.
  constexpr std::size_t width = 4, nodes = 64;
  constexpr std::uint32_t first_stream = 3;
  Context ctx({}, 1);
  GatOptions options;
  options.in = options.channels = width;
  options.heads = 4;
  options.concat = options.activation = false;
  options.dropout = 0.5;
  options.mask_per_head = true;
  options.residual = Residual::linear;
  Parameters parameters;
  const Gat layer(options, parameters, "layer", first_stream);
  parameters.initialise(ctx, 1);
  std::vector<Real> weights(parameters.size());
  for (const Parameters::Entry& entry : parameters.entries()) {
    for (std::size_t c = 0; entry.name == "layer.res.weight" && c < width; ++c)
      weights[entry.offset + c * width + c] = 1;
  }
  parameters.values().copy_from(weights);

  Tape tape(ctx, Tape::training, 7, 2);
  const Var x = tape.constant(upload(ctx, {nodes, width, std::vector<Real>(nodes * width, Real(1))}));
  const Adjacency adjacency(ctx.pool(), graph_without_edges(NodeId(nodes)));
  const std::vector<Real> seen = layer.forward(tape, parameters, adjacency, x).y.value().to_host();
  const auto agree = [&](std::uint32_t stream) {
    const Dropout drop = make_dropout(7, stream, 2, 0.5);
    std::size_t same = 0;
    for (std::size_t k = 0; k < seen.size(); ++k) {
      const Real word = Real(philox(feature_counter(k, stream, 2), 7, 0)[k % 4] >= drop.threshold ? drop.scale : 0);
      same += seen[k] == word;
    }
    return same;
  };
  CHECK(agree(first_stream + Gat::residual_stream) == seen.size());
  CHECK(agree(first_stream) < seen.size() * 3 / 4);
}
