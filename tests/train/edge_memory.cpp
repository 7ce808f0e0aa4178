// SPDX-License-Identifier: Apache-2.0
// What a training step may need: arrays of nodes times channels, of edges, of edges times heads. Never edges times heads
// times channels, which is what makes graph attention run out of memory elsewhere.
#include <doctest/doctest.h>

#include <gnn/layers/registry.hpp>
#include <gnn/train/trainer.hpp>
#include <graphs/build_csr.hpp>
#include <graphs/generators.hpp>

using namespace gnn;

namespace {

constexpr std::size_t heads = 8, channels = 8, features = 4;

// 131,072 nodes and two million edges with a few hubs; labels of a few nodes.
datasets::Dataset power_law_data() {
  datasets::Dataset data;
  data.name = "rmat";
  graphs::CsrOptions options;
  options.both_directions = true;
  data.graph = graphs::build_csr(graphs::rmat(17, 1'000'000, 1), options).graph;
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

}  // namespace

TEST_CASE("memory: no layer holds an array of edges times heads times channels in a step") {
  const datasets::Dataset data = power_law_data();
  const std::size_t edges = std::size_t(data.graph.num_edges());
  REQUIRE(edges > 1'800'000);
  for (const LayerKind& kind : layer_kinds()) {
    if (kind.is_typed) continue;
    CAPTURE(kind.name);
    Context ctx;
    ModelConfig config;
    config.layer = kind.name;
    config.in = features;
    config.classes = std::size_t(data.num_classes);
    config.hidden = {channels};
    config.heads = {heads};
    if (kind.is_network) config.hidden = {heads * channels}, config.heads = {1};
    config.hops = 2;
    Model model(ctx, config, 1);
    const GraphData ready = prepare(ctx, data, config);
    Trainer trainer(ctx, model, ready, {});
    const std::size_t before = ctx.pool()->bytes_in_use();
    trainer.run_epoch();
    const double step = double(ctx.pool()->peak_bytes() - before), forbidden = double(edges * heads * channels * sizeof(float));
    MESSAGE(kind.name, ": ", step / forbidden, " of ", forbidden / (1 << 20), " MiB");
    CHECK(step < forbidden);
  }
}
