// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/layers/gcn.hpp>
#include <gnn/train/model.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

std::size_t num_parameters(const ModelConfig& config) {
  Context ctx({}, 1);
  return Model(ctx, config, 0).parameters().size();
}

ModelConfig dictionary_model() {
  ModelConfig config;
  config.layer = "gatv2";
  config.in = 22;
  config.classes = 10;
  config.layers = 1;
  config.hidden = {128};
  config.heads = {1};
  config.encoder = 128;
  config.linear_head = true;
  config.share_weights = true;
  config.output_bias = false;
  return config;
}

}  // namespace

TEST_CASE("stack: the paper's network for DictionaryLookup has embeddings, one layer and a linear head") {
  ModelConfig config = dictionary_model();
  CHECK(num_parameters(config) == 22 * 128 + 128 * 128 + 128 + 128 * 10);
  config.heads = {8};
  config.hidden = {16};
  CHECK(num_parameters(config) == 22 * 128 + 128 * 128 + 128 + 128 * 10);
  config.layers = 2;
  config.hidden = {16, 4};  // with a linear head each layer has its own width
  CHECK(num_parameters(config) == 22 * 128 + 128 * 128 + 128 + 128 * 32 + 32 + 32 * 10);
}

TEST_CASE("stack: an encoder adds the rows of one-hot features and cuts off what is negative") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    Parameters parameters;
    LinearOptions options{.in = 3, .out = 2, .bias = false, .relu = true};
    options.start = Parameters::Start::normal;
    options.scale = 1;
    const Linear linear(options, parameters, "encoder", 0);
    parameters.initialise(ctx, 1);
    CHECK(all_finite(parameters.values().to_host()));
    parameters.values().copy_from(std::vector<Real>{1, -2, 3, 4, 5, 6});
    Tape tape(ctx);
    const Var x = tape.constant(upload(ctx, {2, 3, {1, 1, 0, 1, 0, 0}}));
    CHECK(linear.forward(tape, parameters, x, {}).value().to_host() == std::vector<Real>{4, 2, 1, 0});
    const Var narrow = tape.constant(upload(ctx, {1, 2, {0, 0}}));
    CHECK_THROWS_WITH_AS(linear.forward(tape, parameters, narrow, {}),
                         "encoder: expected 3 features, the input has 2", Error);
  }
}

TEST_CASE("stack: what a linear head reads is a hidden state, and it does not count as a layer") {
  Context ctx({}, 1);
  const Model model(ctx, dictionary_model(), 1);
  Field field;
  field.layers = {Adjacency(ctx.pool(), graphs::Csr(2, {0, 1, 2}, {1, 0}))};
  field.dense = upload(ctx, random_matrix(2, 22, 3));
  const std::vector<Tensor> hidden = model.hidden(ctx, field);
  REQUIRE(hidden.size() == 1);
  CHECK(hidden[0].cols() == 128);
  CHECK(model.logits(ctx, field).cols() == 10);
  CHECK(model.explain(ctx, field).size() == 1);
}

TEST_CASE("stack: numbers a layer are expected for the layers that a linear head makes wide") {
  ModelConfig config = dictionary_model();
  config.layers = 3;
  config.hidden = {4, 4};
  CHECK_THROWS_WITH_AS(validate(config), "hidden: expected 1 number or 3, one for each layer; got 2", Error);
  config.linear_head = false;
  CHECK_NOTHROW(validate(config));
}

TEST_CASE("gcn: weighs edges by the degrees of their ends, and by their own weights") {
  // 0 <-> 1 with weight 3, self-loops with weight 1: degrees 4, 4; node 2 has only its self-loop.
  graphs::EdgeList edges{3, {0, 1, 0, 1, 2}, {1, 0, 0, 1, 2}, {}};
  for (const bool weighted : {false, true}) {
    if (weighted) edges.weight = {3, 3, 1, 1, 1};
    const graphs::Csr graph = graphs::Csr::from_edges(edges);
    const std::vector<Real> expected =
        weighted ? std::vector<Real>{Real(0.25 * 1 + 0.75 * 2), Real(0.75 * 1 + 0.25 * 2), 4}
                 : std::vector<Real>{1.5, 1.5, 4};
    for (const Device device : available_devices()) {
      Context ctx(device, 1);
      Parameters parameters;
      GcnOptions options;
      options.in = options.out = 1;
      options.activation = false;
      const Gcn layer(options, parameters, "layer", 0);
      parameters.initialise(ctx, 1);
      parameters.values().copy_from(std::vector<Real>{1, 0});
      Tape tape(ctx);
      const Var x = tape.constant(upload(ctx, {3, 1, {1, 2, 4}}));
      const Adjacency adjacency(ctx.pool(), graph);
      CHECK(relative_error(layer.forward(tape, parameters, adjacency, x).y.value().to_host(), expected) <
            1e-6);
    }
  }
  Context ctx({}, 1);
  Parameters parameters;
  const Gcn layer({.in = 1, .out = 1}, parameters, "layer", 0);
  parameters.initialise(ctx, 1);
  Tape tape(ctx);
  const Adjacency part(ctx.pool(), graphs::Csr(2, {0, 1}, {1}));
  CHECK_THROWS_WITH_AS(layer.forward(tape, parameters, part, tape.constant(upload(ctx, {2, 1, {1, 2}}))),
                       "symmetric_weights: expected as many sources as targets, got 2 and 1", Error);
}
