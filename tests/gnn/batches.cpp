// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/batches.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <gnn/train/trainer.hpp>
#include <limits>
#include <set>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/toy_data.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

ModelConfig config_for(const datasets::Dataset& data, double dropout = 0) {
  ModelConfig config;
  config.in = data.features.columns;
  config.classes = std::size_t(data.num_classes);
  config.task = Task::multi_label;
  config.hidden = {6};
  config.heads = {4};
  config.out_heads = 2;
  config.residual = Residual::linear;
  config.residual_bias = true;
  config.dropout = config.attention_dropout = config.feature_dropout = dropout;
  return config;
}

TrainOptions options_with(std::int64_t batch) {
  TrainOptions options;
  options.batch = batch;
  options.optimiser.learning_rate = 0.02;
  options.optimiser.l2 = 0;
  options.seed = 3;
  return options;
}

std::vector<Real> gradient(Context& ctx, const Model& model, const Field& field, Score& score) {
  const Tensor& gradients = model.parameters().gradients();
  gradients.copy_from(std::vector<Real>(gradients.size()));
  Tape tape(ctx, Tape::training, 7, 3);
  tape.backward(cross_entropy(model.forward(tape, field).y, field.labels, &score));
  return gradients.to_host();
}

std::vector<Real> weights_after(Context& ctx, const datasets::Dataset& data, std::int64_t batch, int epochs) {
  const ModelConfig config = config_for(data, 0.3);
  Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  Trainer trainer(ctx, model, ready, options_with(batch));
  for (int e = 0; e < epochs; ++e) trainer.run_epoch();
  CHECK(trainer.state().steps == epochs * ((3 + batch) / batch));
  return model.parameters().values().to_host();
}

}  // namespace

TEST_CASE("batches: every epoch deals every graph once, anew, and by seed and epoch only") {
  Context ctx({}, 1);
  const datasets::Dataset data = many_graphs();
  const GraphData ready = prepare(ctx, data, config_for(data));
  Batches batches(ready, data.split.train, 3);
  REQUIRE(batches.size() == 2);
  std::set<std::vector<NodeId>> deals;
  for (std::uint32_t epoch = 1; epoch <= 20; ++epoch) {
    batches.shuffle(5, epoch);
    std::vector<NodeId> all;
    for (std::size_t k = 0; k < 2; ++k) {
      const std::vector<NodeId> nodes = batches.nodes(k);
      CHECK(std::ranges::is_sorted(nodes));
      all.insert(all.end(), nodes.begin(), nodes.end());
    }
    deals.insert(all);
    std::ranges::sort(all);
    CHECK(all == data.split.train);
    Batches again(ready, data.split.train, 3);
    again.shuffle(5, epoch);
    CHECK(again.nodes(0) == batches.nodes(0));
  }
  CHECK(deals.size() == 4);  // which of the four graphs stays alone
}

TEST_CASE(
    "batches: a batch of at least as many graphs as there are is the whole, loss and gradient, dropout "
    "included") {
  // Sums over nodes are cut in other places.
  const double allowed = tolerance(2e-5, 1e-12);
  const datasets::Dataset data = many_graphs();
  datasets::Dataset plain = data;  // the same as one graph
  plain.graph_id.clear();
  for (const Device device : available_devices()) {
    for (const double dropout : {0.0, 0.4}) {
      Context ctx(device, 2);
      const ModelConfig config = config_for(data, dropout);
      const Model model(ctx, config, 5);
      const GraphData ready = prepare(ctx, data, config), one = prepare(ctx, plain, config);
      Field all = one.parts[0];
      all.labels = one.train;
      Score expected, found;
      const std::vector<Real> whole = gradient(ctx, model, all, expected);
      for (const std::int64_t graphs : {4, 9}) {
        const Batches batches(ready, data.split.train, graphs);
        REQUIRE(batches.size() == 1);
        const std::vector<Real> part = gradient(ctx, model, make_field(ctx, ready, batches.nodes(0)), found);
        CHECK(relative_error(part, whole) < allowed);
        CHECK(found.loss == doctest::Approx(expected.loss).epsilon(1e-6));
        CHECK(found.counts.true_positive == expected.counts.true_positive);
      }

      // And smaller batches add up to it, weighted by their nodes.
      const Batches batches(ready, data.split.train, 2);
      std::vector<Real> sum(whole.size());
      std::vector<Score> scores;
      for (const Field& field : make_fields(ctx, ready, batches)) {
        scores.emplace_back();
        const std::vector<Real> part = gradient(ctx, model, field, scores.back());
        for (std::size_t k = 0; k < sum.size(); ++k)
          sum[k] += part[k] * Real(double(scores.back().nodes) / double(expected.nodes));
      }
      CHECK(scores.size() == 2);
      CHECK(relative_error(sum, whole) < allowed);
      CHECK(pool(scores).loss == doctest::Approx(expected.loss).epsilon(1e-6));
      CHECK(pool(scores).f1_micro == doctest::Approx(expected.f1_micro));
    }
  }
}

TEST_CASE("batches: logits graph by graph are those of all graphs at once") {
  const datasets::Dataset data = many_graphs();
  datasets::Dataset plain = data;
  plain.graph_id.clear();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const ModelConfig config = config_for(data);
    const Model model(ctx, config, 5);
    const GraphData ready = prepare(ctx, data, config);
    CHECK(ready.parts.size() == 1);  // six small graphs
    const std::vector<Real> parts = model.logits(ctx, ready).to_host();
    CHECK(relative_error(parts, model.logits(ctx, prepare(ctx, plain, config)).to_host()) <
          tolerance(1e-5, 1e-13));
  }
}

TEST_CASE("batches: large graphs are parts of their own, and small ones between them share one") {
  // Rings, in which each node has an edge from the one before it.
  constexpr NodeId sizes[] = {40000, 300, 200, 40000, 40000, 10};
  datasets::Dataset data;
  data.name = "rings";
  graphs::EdgeList edges;
  std::int32_t graph = 0;
  for (const NodeId size : sizes) {
    for (NodeId i = 0; i < size; ++i) {
      edges.source.push_back(NodeId(edges.num_nodes + i));
      edges.target.push_back(NodeId(edges.num_nodes + (i + 1) % size));
      data.graph_id.push_back(graph);
    }
    edges.num_nodes = NodeId(edges.num_nodes + size);
    ++graph;
  }
  data.graph = graphs::Csr::from_edges(edges);
  data.features.rows = std::size_t(edges.num_nodes);
  data.features.columns = 2;
  for (NodeId i = 0; i < edges.num_nodes; ++i) {
    data.features.indices.push_back(i % 2);
    data.features.values.push_back(float(i % 5));
    data.features.offsets.push_back(std::int64_t(data.features.values.size()));
    data.labels.push_back(i % 3);
  }
  data.num_classes = 3;
  ModelConfig config;
  config.in = 2;
  config.classes = 3;
  config.hidden = {2};
  config.heads = {1};
  Context ctx({}, 2);
  const Model model(ctx, config, 5);
  const GraphData ready = prepare(ctx, data, config);
  REQUIRE(ready.parts.size() == 5);
  CHECK(ready.parts[1].num_nodes() == 500);
  datasets::Dataset plain = data;
  plain.graph_id.clear();
  const std::vector<Real> all = model.logits(ctx, prepare(ctx, plain, config)).to_host();
  CHECK(relative_error(model.logits(ctx, ready).to_host(), all) < tolerance(1e-5, 1e-13));
}

TEST_CASE("batches: training gives the same bits on 1, 2 and 3 threads, and other bits for other batches") {
  const datasets::Dataset data = many_graphs();
  Context one({}, 1);
  for (const std::int64_t batch : {1, 2, 3}) {
    const std::vector<Real> weights = weights_after(one, data, batch, 3);
    for (const int threads : {1, 2, 3}) {
      Context ctx({}, threads);
      CHECK(same_bits(weights_after(ctx, data, batch, 3), weights));
    }
  }
  CHECK_FALSE(same_bits(weights_after(one, data, 1, 3), weights_after(one, data, 2, 3)));
}

TEST_CASE("batches: learns planted labels of nodes in graphs it has not seen to a micro-F1 above 0.95") {
  const datasets::Dataset data = many_graphs();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const ModelConfig config = config_for(data);
    Model model(ctx, config, 1);
    const GraphData ready = prepare(ctx, data, config);
    TrainOptions options = options_with(2);
    options.epochs = 60;
    options.stop.kind = StopRule::gat;
    Trainer trainer(ctx, model, ready, options);
    while (!trainer.finished()) trainer.run_epoch();
    trainer.restore();
    const Tensor logits = model.logits(ctx, ready);
    const Score val = evaluate(ctx, logits, ready.val), test = evaluate(ctx, logits, ready.test);
    CHECK(test.f1_micro > 0.95);
    CHECK(trainer.best().val_accuracy == doctest::Approx(val.f1_micro));
    CHECK(trainer.best().val_loss == doctest::Approx(val.loss).epsilon(1e-5));
  }
}

TEST_CASE("batches: NaN in one graph ends training and leaves the weights from before its step") {
  datasets::Dataset data = many_graphs();
  data.features.values[0] = std::numeric_limits<float>::quiet_NaN();  // of graph 0, which trains
  Context ctx({}, 1);
  const ModelConfig config = config_for(data);
  Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  Trainer trainer(ctx, model, ready, options_with(1));
  CHECK_THROWS_WITH_AS(trainer.run_epoch(), "loss is NaN at epoch 1, first in the input or the activations",
                       Error);
  CHECK(trainer.epochs_done() == 0);
  CHECK(all_finite(model.parameters().values().to_host()));
}

TEST_CASE("batches: graphs without a labelled training node are left out") {
  datasets::Dataset data = many_graphs();
  for (std::size_t i = 0; i < 30; ++i) data.labels[i] = -1;  // graph 0
  Context ctx({}, 1);
  const GraphData ready = prepare(ctx, data, config_for(data));
  CHECK(Batches(ready, data.split.train, 1).size() == 3);
  CHECK_THROWS_WITH_AS(Batches(ready, data.split.train, 0), "batch: must be 1 or greater, got 0", Error);
}

TEST_CASE("prepare: an edge between graphs and a kind of labels that the model has not are refused") {
  Context ctx({}, 1);
  const datasets::Dataset data = many_graphs();
  datasets::Dataset other = data;
  other.graph_id[29] = 1;
  CHECK_THROWS_WITH_AS(prepare(ctx, other, config_for(data)),
                       doctest::Contains("many: expected edges within a graph, found one from node "), Error);
  other.graph_id[29] = -1;
  CHECK_THROWS_WITH_AS(prepare(ctx, other, config_for(data)),
                       "many: graph_id: node 29: expected 0 or more, found -1", Error);
  other.graph_id.pop_back();
  CHECK_THROWS_WITH_AS(prepare(ctx, other, config_for(data)),
                       "many: graph_id: expected 330, one a node, found 329", Error);
  ModelConfig config = config_for(data);
  config.task = Task::single_label;
  CHECK_THROWS_WITH_AS(prepare(ctx, data, config),
                       "model expects one class a node, data has any number of classes", Error);
  config = config_for(data);
  config.classes = 6;
  CHECK_THROWS_WITH_AS(prepare(ctx, data, config), "model knows 6 classes, data has 5", Error);
}
