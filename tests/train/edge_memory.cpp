// SPDX-License-Identifier: Apache-2.0
// What a prediction holds, and what a training step may need: arrays of nodes times channels, of edges, of edges times heads. Never edges times heads
// times channels, which is what makes graph attention run out of memory elsewhere. So two graphs with the same nodes are
// compared.
#include <doctest/doctest.h>

#include <gnn/layers/registry.hpp>
#include <gnn/train/trainer.hpp>
#include <graphs/build_csr.hpp>
#include <graphs/generators.hpp>

using namespace gnn;

namespace {

constexpr std::size_t heads = 8, channels = 8, features = 4;

// 131,072 nodes, and about twice so many edges as asked for, with a few hubs.
datasets::Dataset power_law_data(EdgeOffset edges) {
  datasets::Dataset data;
  data.name = "rmat";
  graphs::CsrOptions options;
  options.both_directions = true;
  data.graph = graphs::build_csr(graphs::rmat(17, edges, 1), options).graph;
  const auto nodes = std::size_t(data.num_nodes());
  data.features.rows = nodes;
  data.features.columns = features;
  for (std::size_t i = 0; i < nodes; ++i) {
    for (std::size_t c = 0; c < features; ++c) {
      data.features.indices.push_back(std::int32_t(c));
      data.features.values.push_back(float(i * 7 % (c + 5)) - 2);
    }
    data.features.offsets.push_back(std::int64_t(data.features.values.size()));
    data.labels.push_back(std::int32_t(i % 8));
  }
  data.num_classes = 8;
  for (NodeId i = 0; i < NodeId(nodes); ++i) (i % 2 ? data.split.train : data.split.val).push_back(i);
  return data;
}

// The most that an epoch holds beyond the data, in bytes.
double bytes_of_an_epoch(const datasets::Dataset& data, const ModelConfig& config) {
  Context ctx;
  Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  Trainer trainer(ctx, model, ready, {});
  const std::size_t before = ctx.pool()->bytes_in_use();
  trainer.run_epoch();
  return double(ctx.pool()->peak_bytes() - before);
}

}  // namespace

TEST_CASE("memory: what a step holds of an edge is less than its heads times channels") {
  const datasets::Dataset few = power_law_data(250'000), many = power_law_data(1'000'000);
  const double more_edges = double(many.graph.num_edges() - few.graph.num_edges());
  REQUIRE(more_edges > 1'000'000);
  for (const LayerKind& kind : layer_kinds()) {
    if (kind.is_typed) continue;
    CAPTURE(kind.name);
    ModelConfig config;
    config.layer = kind.name;
    config.in = features;
    config.classes = std::size_t(many.num_classes);
    config.hidden = {kind.is_network ? heads * channels : channels};
    config.heads = {kind.is_network ? 1 : heads};
    config.hops = 2;
    const double an_edge = (bytes_of_an_epoch(many, config) - bytes_of_an_epoch(few, config)) / more_edges;
    MESSAGE(std::string(kind.name), ": ", an_edge, " bytes an edge");
    CHECK(an_edge < heads * channels * sizeof(float) / 2.0);
  }
}

TEST_CASE("memory: predictions of a wide layer hold at most two arrays of nodes times channels beyond the data") {
  constexpr std::size_t wide = 256;
  const datasets::Dataset data = power_law_data(1'000'000);
  for (const std::string layer : {"gat", "gatv2"}) {
    for (const bool shared : {false, true}) {
      CAPTURE(layer);
      ModelConfig config;
      config.layer = layer;
      config.in = features;
      config.classes = std::size_t(data.num_classes);
      config.hidden = {wide / 4};
      config.heads = {4};
      config.share_weights = shared;
      Context of_data, of_model, ctx;
      const GraphData ready = prepare(of_data, data, config);
      const Model model(of_model, config, 1);
      model.logits(ctx, ready);
      const double arrays = double(ctx.pool()->peak_bytes()) / double(ready.num_nodes() * wide * sizeof(Real));
      MESSAGE(layer, ": ", arrays, " arrays");
      CHECK(arrays < 2);
    }
  }
}
