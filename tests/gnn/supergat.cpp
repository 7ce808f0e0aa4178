// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include <gnn/layers/supergat.hpp>
#include <gnn/train/trainer.hpp>

#include "cases.hpp"
#include "support/devices.hpp"
#include "support/test_graphs.hpp"
#include "support/toy_data.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::size_t features = 7;

ModelConfig config_of(const std::string& form) {
  ModelConfig config;
  config.layer = "supergat";
  config.in = features;
  config.classes = 3;
  config.hidden = {4};
  config.heads = config.hidden;
  config.out_heads = 2;
  config.attention = form;
  return config;
}

struct Result {
  Tensor y, loss;  // loss is undefined when there is none
};

Result run(Context& ctx, const datasets::Dataset& data, const ModelConfig& config, Tape::Mode mode) {
  const Model model(ctx, config, 1);
  const GraphData ready = prepare(ctx, data, config);
  Tape tape(ctx, mode, 3, 1);
  const Output out = model.forward(tape, ready.parts[0]);
  return {out.y.value(), out.loss.value()};
}

// Both directions of every pair of nodes.
datasets::Dataset complete_graph(NodeId nodes) {
  graphs::EdgeList edges;
  edges.num_nodes = nodes;
  for (NodeId i = 0; i < nodes; ++i) {
    for (NodeId j = 0; j < nodes; ++j) {
      if (i == j) continue;
      edges.source.push_back(j);
      edges.target.push_back(i);
    }
  }
  return random_dataset(edges, features);
}

}  // namespace

TEST_CASE("supergat: the loss of the edges is built in training only, and only when its factor is not 0") {
  const datasets::Dataset data = random_dataset(mixed_edges(), features);
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (const char* form : {"go", "dp", "sd", "mx"}) {
      ModelConfig config = config_of(form);
      CHECK_FALSE(run(ctx, data, config, Tape::inference).loss.defined());
      REQUIRE(run(ctx, data, config, Tape::training).loss.defined());
      const double loss = double(run(ctx, data, config, Tape::training).loss.to_host()[0]);
      config.edge_loss *= 2;
      const double twice = double(run(ctx, data, config, Tape::training).loss.to_host()[0]);
      CHECK(twice == doctest::Approx(2 * loss).epsilon(1e-6));
      config.edge_loss = 0;
      CHECK_FALSE(run(ctx, data, config, Tape::training).loss.defined());
    }
  }
}

TEST_CASE("supergat: every layer has an edge loss of its own, over pairs of its own") {
  // With weights of zero every logit is 0 and every layer's loss is its factor times log 2.
  const datasets::Dataset data = random_dataset(mixed_edges(), features);
  Context ctx({}, 1);
  for (const std::size_t layers : {1u, 2u, 3u}) {
    ModelConfig config = config_of("mx");
    config.layers = layers;
    const Model model(ctx, config, 1);
    model.parameters().values().copy_from(std::vector<Real>(model.parameters().size(), 0));
    const GraphData ready = prepare(ctx, data, config);
    Tape tape(ctx, Tape::training, 3, 1);
    const double loss = double(model.forward(tape, ready.parts[0]).loss.value().to_host()[0]);
    CHECK(loss == doctest::Approx(double(layers) * config.edge_loss * std::log(2.0)).epsilon(1e-6));
  }
}

TEST_CASE("supergat: forms without attention vectors have none") {
  for (const auto& [form, vectors] : {std::pair{"go", true}, {"dp", false}, {"sd", false}, {"mx", true}}) {
    Parameters parameters;
    make_layers(config_of(form), parameters);
    std::set<std::string> names;
    for (const Parameters::Entry& entry : parameters.entries()) names.insert(entry.name);
    CHECK(names.contains("layer1.att_src") == vectors);
    CHECK(names.contains("layer2.att_dst") == vectors);
    CHECK(names.contains("layer2.lin.weight"));
  }
}

TEST_CASE("supergat: a complete graph is trained without edge loss, and refused with one") {
  const datasets::Dataset data = complete_graph(12);
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    ModelConfig config = config_of("sd");
    CHECK_THROWS_WITH_AS(run(ctx, data, config, Tape::training),
                         doctest::Contains("every pair of the graph's 12 nodes has an edge"), Error);
    config.negative_ratio = 0;
    CHECK(run(ctx, data, config, Tape::training).loss.defined());
    config = config_of("sd");
    CHECK(all_finite(run(ctx, data, config, Tape::inference).y.to_host()));
  }
}

TEST_CASE("supergat: the words of the forms are read as they are written") {
  for (const AttentionForm form :
       {AttentionForm::go, AttentionForm::dp, AttentionForm::sd, AttentionForm::mx}) {
    CHECK(parse_attention_form(to_string(form)) == form);
  }
  CHECK_THROWS_WITH_AS(parse_attention_form("dot"), "attention: expected go, dp, sd or mx, found 'dot'",
                       Error);
}

TEST_CASE("supergat: options out of range are refused with their name") {
  const auto refuses = [](void (*change)(SuperGatOptions&), const char* text) {
    SuperGatOptions options;
    options.in = 3;
    change(options);
    Parameters parameters;
    CHECK_THROWS_WITH_AS(SuperGat(options, parameters, "layer1", 0), text, Error);
  };
  refuses([](SuperGatOptions& o) { o.in = 0; },
          "supergat: in and channels must be 1 or greater, got 0 and 8");
  refuses([](SuperGatOptions& o) { o.dropout = 1; }, "supergat: dropout must be in [0, 1), got 1");
  refuses([](SuperGatOptions& o) { o.edge_loss = -1; }, "edge-loss: must be 0 or greater, got -1");
  refuses([](SuperGatOptions& o) { o.negative_ratio = -1; }, "neg-ratio: must be 0 or greater, got -1");
  refuses([](SuperGatOptions& o) { o.edge_ratio = 0; }, "edge-ratio: must be in (0, 1], got 0");
}

TEST_CASE("supergat: a malformed case is refused with the reason") {
  const Json right =
      Json::parse(R"({"layer": "supergat", "num_nodes": 2, "edge_index": [[0], [1]], "x": [[1.0], [2.0]],
    "params": {"lin.weight": [[1.0]], "bias": [0.0]},
    "config": {"heads": 1, "out_channels": 1, "concat": true, "negative_slope": 0.2, "self_loops": "none",
               "activation": "none", "attention_type": "DP",
               "self_supervision": {"positive_edges": [[0], [1]], "negative_edges": [[1], [0]], "loss_weight": 1.0,
                                    "head_reduction": "mean"}},
    "output": [[0.0], [1.0]], "cotangent": [[1.0], [1.0]],
    "grads": {"lin.weight": [[3.0]], "bias": [2.0], "x": [[1.0], [0.0]]}})");
  Context ctx({}, 1);
  // The loss is the mean of softplus(-2) and softplus(2): the gradient of the product x0 x1 is sigmoid(2) -
  // 1/2.
  Json file = right;
  const double slope = 0.5 * (1 / (1 + std::exp(-2.0)) - 1 / (1 + std::exp(2.0)));
  file["grads"]["lin.weight"] = Json::parse("[[0]]");
  file["grads"]["lin.weight"][0][0] = 1 + 4 * slope;
  file["grads"]["x"][0][0] = 1 + 2 * slope;
  file["grads"]["x"][1][0] = slope;
  CHECK(run_supergat_case(ctx, file).failures().empty());

  const auto refuses = [&](const char* pointer, const Json& value, const char* reason) {
    Json wrong = right;
    wrong[Json::json_pointer(pointer)] = value;
    CHECK_THROWS_WITH_AS(run_supergat_case(ctx, wrong), doctest::Contains(reason), std::runtime_error);
  };
  refuses("/config/attention_type", Json("XX"), "attention_type: expected GO, DP, SD or MX, found 'XX'");
  refuses("/config/self_supervision/head_reduction", Json("sum"),
          "head_reduction: expected mean, found \"sum\"");
  refuses("/config/self_supervision/negative_edges", Json::parse("[[1], [2]]"),
          "self_supervision.negative_edges");
  Json wrong = right;
  wrong["config"]["self_supervision"].erase("positive_edges");
  CHECK_THROWS_WITH_AS(run_supergat_case(ctx, wrong), "has no 'positive_edges'", std::runtime_error);
}
