// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <numeric>
#include <optional>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/trainer.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"

// What holds for every layer that the registry names, whatever its formula.
using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::size_t features = 11;

// Two layers of different widths, with everything on that draws or adds.
ModelConfig config_of(const LayerKind& kind) {
  ModelConfig config;
  config.layer = kind.name;
  config.in = features;
  config.classes = 3;
  config.hidden = {5};
  config.heads = {3};
  config.out_heads = 2;
  config.dropout = config.attention_dropout = config.feature_dropout = 0.4;
  config.mask_per_head = config.score_bias = true;
  config.residual = Residual::linear;
  config.hops = 4;
  config.add_dropout = true;
  config.self_loops = graphs::SelfLoops::keep;
  return config;
}

template <class Work>
void for_every_kind_and_device(const Work& work) {
  for (const LayerKind& kind : layer_kinds()) {
    if (kind.is_typed) continue;  // see typed_laws.cpp
    for (const Device device : available_devices()) {
      CAPTURE(kind.name);
      CAPTURE(to_string(device));
      work(config_of(kind), device);
    }
  }
}

std::vector<Real> logits(Context& ctx, const datasets::Dataset& data, const ModelConfig& config,
                         std::uint64_t seed = 1) {
  return Model(ctx, config, seed).logits(ctx, prepare(ctx, data, config)).to_host();
}

std::vector<Real> weights_after(Context& ctx, const datasets::Dataset& data, const ModelConfig& config,
                                int epochs, std::uint64_t seed = 1) {
  Model model(ctx, config, seed);
  const GraphData ready = prepare(ctx, data, config);
  TrainOptions options;
  options.seed = seed;
  Trainer trainer(ctx, model, ready, options);
  for (int epoch = 0; epoch < epochs; ++epoch) trainer.run_epoch();
  return model.parameters().values().to_host();
}

}  // namespace

TEST_CASE("layers: relabelling the nodes permutes the rows of the output") {
  const graphs::EdgeList edges = mixed_edges();
  const datasets::Dataset data = random_dataset(edges, features);
  const std::size_t nodes = std::size_t(edges.num_nodes);
  std::vector<NodeId> moved(nodes);  // where each node goes: 347 is prime, so this is a permutation
  for (std::size_t i = 0; i < nodes; ++i) moved[i] = NodeId((i * 100 + 17) % nodes);

  graphs::EdgeList other = edges;
  for (NodeId& i : other.source) i = moved[std::size_t(i)];
  for (NodeId& i : other.target) i = moved[std::size_t(i)];
  datasets::Dataset relabelled = random_dataset(other, features);
  std::vector<float> dense(nodes * features);
  for (std::size_t i = 0; i < nodes; ++i) {
    std::copy_n(&data.features.values[i * features], features, &dense[std::size_t(moved[i]) * features]);
  }
  relabelled.features = features_from(nodes, features, dense);

  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 1);
    const std::vector<Real> y = logits(ctx, data, config), z = logits(ctx, relabelled, config);
    std::vector<Real> back(y.size());
    for (std::size_t i = 0; i < nodes; ++i) std::copy_n(&z[std::size_t(moved[i]) * 3], 3, &back[i * 3]);
    // Rows are summed in another order.
    CHECK(relative_error(back, y) < tolerance(1e-5, 1e-13));
  });
}

TEST_CASE("layers: the same seed gives the same bits, another seed others") {
  const datasets::Dataset data = random_dataset(mixed_edges(), features, 0.2);
  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    const std::vector<Real> weights = weights_after(ctx, data, config, 5);
    CHECK(all_finite(weights));
    CHECK(same_bits(weights_after(ctx, data, config, 5), weights));
    CHECK_FALSE(same_bits(weights_after(ctx, data, config, 5, 2), weights));
  });
}

TEST_CASE("layers: five epochs on 1, 2 and 3 threads give the same bits") {
  // Enough edges for several blocks of rows.
  for (const double density : {0.2, 1.0}) {
    const datasets::Dataset data = random_dataset(mixed_edges(8000), features, density);
    for (const LayerKind& kind : layer_kinds()) {
      if (kind.is_typed) continue;
      CAPTURE(kind.name);
      Context one({}, 1);
      const std::vector<Real> weights = weights_after(one, data, config_of(kind), 5);
      for (const int threads : {2, 3}) {
        Context ctx({}, threads);
        CHECK(same_bits(weights_after(ctx, data, config_of(kind), 5), weights));
      }
    }
  }
}

TEST_CASE("layers: five epochs on a shuffled list of edges give the same bits") {
  const graphs::EdgeList edges = mixed_edges();
  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    const std::vector<Real> weights = weights_after(ctx, random_dataset(edges, features), config, 5);
    CHECK(same_bits(weights_after(ctx, random_dataset(shuffled_edges(edges, 6), features), config, 5),
                    weights));
  });
}

TEST_CASE("layers: isolated nodes, loops and duplicates stay finite, values and weights after training") {
  const datasets::Dataset data = random_dataset(mixed_edges(), features);
  for_every_kind_and_device([&](ModelConfig config, Device device) {
    Context ctx(device, 2);
    for (const auto self_loops : {graphs::SelfLoops::keep, graphs::SelfLoops::add}) {
      config.self_loops = self_loops;
      CHECK(all_finite(logits(ctx, data, config)));
      CHECK(all_finite(weights_after(ctx, data, config, 3)));
    }
  });
}

TEST_CASE("layers: a graph without edges can be trained on") {
  const datasets::Dataset data = random_dataset({50, {}, {}, {}}, features);
  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    CHECK(all_finite(weights_after(ctx, data, config, 3)));
  });
}

TEST_CASE("layers: in inference the output depends on nothing but weights and data") {
  const datasets::Dataset data = random_dataset(mixed_edges(), features);
  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    Model model(ctx, config, 1);
    const GraphData ready = prepare(ctx, data, config);
    const std::vector<Real> y = model.logits(ctx, ready).to_host();
    CHECK(same_bits(model.logits(ctx, ready).to_host(), y));
    ModelConfig without = config;
    without.dropout = without.attention_dropout = without.feature_dropout = 0;
    CHECK(same_bits(logits(ctx, data, without), y));
  });
}

TEST_CASE("layers: the nodes that a loss depends on give what the whole graph gives, dropout included") {
  for (const double density : {0.2, 1.0}) {
    const datasets::Dataset data = random_dataset(mixed_edges(), features, density);
    for_every_kind_and_device([&](const ModelConfig& config, Device device) {
      Context ctx(device, 2);
      Model model(ctx, config, 1);
      const GraphData ready = prepare(ctx, data, config);
      const auto gradient = [&](const Field& part, const Labels& labels, Score& score) {
        kernels::fill(ctx, model.parameters().gradients(), Real(0));
        Tape tape(ctx, Tape::training, 7, 3);
        const Output out = model.forward(tape, part);
        const Var loss = cross_entropy(out.y, labels, &score);
        tape.backward(out.loss.defined() ? add(loss, out.loss) : loss);
        return model.parameters().gradients().to_host();
      };
      Score whole, field;
      const std::vector<Real> expected = gradient(ready.parts[0], ready.train, whole);
      const Field part = make_field(ctx, ready, data.split.train);
      const std::vector<Real> actual = gradient(part, part.labels, field);
      CHECK(field.loss == doctest::Approx(whole.loss).epsilon(tolerance(1e-6, 1e-13)));
      CHECK(field.accuracy == whole.accuracy);
      CHECK(relative_error(actual, expected) < tolerance(1e-5, 1e-12));
    });
  }
}

TEST_CASE("layers: other features than the layer expects are Error(mismatch)") {
  const datasets::Dataset data = random_dataset(mixed_edges(), features + 1);
  for_every_kind_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 1);
    Parameters parameters;
    const auto layer = find_layer_kind(config.layer).make(config, 0, parameters, 0);
    parameters.initialise(ctx, 1);
    Tape tape(ctx);
    const Adjacency adjacency(ctx.pool(), data.graph);
    const Var x = tape.constant(upload(ctx, random_matrix(std::size_t(data.num_nodes()), features + 1, 1)));
    std::optional<ErrorKind> of_layer, of_prepare;
    std::string text;
    try {
      layer->forward(tape, parameters, adjacency, x);
    } catch (const Error& error) {
      of_layer = error.kind();
    }
    try {
      prepare(ctx, data, config);
    } catch (const Error& error) {
      of_prepare = error.kind();
      text = error.what();
    }
    CHECK(of_layer == ErrorKind::mismatch);
    CHECK(of_prepare == ErrorKind::mismatch);
    CHECK(text == "model expects 11 features, data has 12");
  });
}

TEST_CASE("layer_kinds: an unknown name is refused with the known ones") {
  CHECK_THROWS_WITH_AS(find_layer_kind("gta"), doctest::Contains("found 'gta'"), Error);
  for (const LayerKind& kind : layer_kinds()) CHECK(&find_layer_kind(kind.name) == &kind);
}
