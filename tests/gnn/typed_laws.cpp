// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/layers/drawn_edges.hpp>
#include <gnn/layers/latte.hpp>
#include <gnn/train/trainer.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"
#include "support/test_graphs.hpp"
#include "support/typed_toy.hpp"

// What holds for models of typed graphs, as layer_laws.cpp says it for plain ones.
using namespace gnn;
using namespace gnn::test;

namespace {

std::vector<Real> logits(Context& ctx, const datasets::TypedDataset& data, const ModelConfig& config) {
  return Model(ctx, config, 1).logits(ctx, prepare(ctx, datasets::target_nodes(data), config)).to_host();
}

std::vector<Real> weights_after(Context& ctx, const datasets::TypedDataset& data, const ModelConfig& config,
                                int epochs, std::uint64_t seed = 1) {
  Model model(ctx, config, seed);
  const GraphData ready = prepare(ctx, datasets::target_nodes(data), config);
  TrainOptions options;
  options.seed = seed;
  Trainer trainer(ctx, model, ready, options);
  for (int epoch = 0; epoch < epochs; ++epoch) trainer.run_epoch();
  return model.parameters().values().to_host();
}

template <class Work>
void for_every_config_and_device(const Work& work) {
  for (const ModelConfig& config : latte_configs(typed_toy())) {
    for (const Device device : available_devices()) {
      CAPTURE(describe(config));
      CAPTURE(to_string(device));
      work(config, device);
    }
  }
}

}  // namespace

TEST_CASE("typed layers: the same seed gives the same bits, another seed others") {
  for_every_config_and_device([](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    const std::vector<Real> weights = weights_after(ctx, typed_toy(), config, 4);
    CHECK(all_finite(weights));
    CHECK(same_bits(weights_after(ctx, typed_toy(), config, 4), weights));
    CHECK_FALSE(same_bits(weights_after(ctx, typed_toy(), config, 4, 2), weights));
  });
}

TEST_CASE("typed layers: four epochs on 1, 2 and 3 threads give the same bits") {
  for (const ModelConfig& config : latte_configs(typed_toy())) {
    CAPTURE(describe(config));
    Context one({}, 1);
    const std::vector<Real> weights = weights_after(one, typed_toy(), config, 4);
    for (const int threads : {2, 3}) {
      Context ctx({}, threads);
      CHECK(same_bits(weights_after(ctx, typed_toy(), config, 4), weights));
    }
  }
}

TEST_CASE("typed layers: shuffled and repeated edges give the same bits") {
  std::vector<ToyRelation> relations = toy_relations();
  for (ToyRelation& r : relations) {
    if (!r.edges.source.empty()) {
      r.edges.source.push_back(r.edges.source[0]);
      r.edges.target.push_back(r.edges.target[0]);
    }
    r.edges = shuffled_edges(r.edges, 6);
  }
  for_every_config_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    CHECK(same_bits(weights_after(ctx, typed_toy(relations), config, 3), weights_after(ctx, typed_toy(), config, 3)));
  });
}

TEST_CASE("typed layers: relabelling the nodes of a type permutes the logits, or changes nothing") {
  // 90 and 57 have no factor in common with 7 and 5, so these are permutations. Venues have trained rows and stay.
  const auto moved_paper = [](NodeId p) { return NodeId((p * 7 + 3) % toy_papers); };
  const auto moved_author = [](NodeId a) { return NodeId((a * 5 + 2) % toy_authors); };
  std::vector<ToyRelation> relations = toy_relations();
  for (ToyRelation& r : relations) {
    const auto move = [&](std::size_t type, std::vector<NodeId>& nodes) {
      for (NodeId& i : nodes) i = type == 0 ? moved_paper(i) : type == 1 ? moved_author(i) : i;
    };
    move(r.source, r.edges.source);
    move(r.target, r.edges.target);
  }
  const datasets::TypedDataset data = typed_toy();
  datasets::TypedDataset relabelled = typed_toy(relations);
  for (const std::size_t type : {0u, 1u}) {
    const datasets::Features& x = data.features[type];
    std::vector<float> dense(x.rows * x.columns);
    for (std::size_t i = 0; i < x.rows; ++i) {
      const auto to = std::size_t(type == 0 ? moved_paper(NodeId(i)) : moved_author(NodeId(i)));
      for (std::int64_t e = x.offsets[i]; e < x.offsets[i + 1]; ++e) {
        dense[to * x.columns + std::size_t(x.indices[std::size_t(e)])] = x.values[std::size_t(e)];
      }
    }
    relabelled.features[type] = features_from(x.rows, x.columns, dense);
  }
  for_every_config_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 1);
    const std::vector<Real> y = logits(ctx, data, config), z = logits(ctx, relabelled, config);
    std::vector<Real> back(y.size());
    for (NodeId i = 0; i < toy_papers; ++i) {
      std::copy_n(&z[std::size_t(moved_paper(i)) * 3], 3, &back[std::size_t(i) * 3]);
    }
    CHECK(relative_error(back, y) < tolerance(1e-5, 1e-12));  // rows are summed in another order
  });
}

TEST_CASE("typed layers: in inference nothing is drawn and the loss of the edges is left out") {
  const datasets::TypedDataset data = typed_toy();
  for_every_config_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 2);
    ModelConfig plain = config;
    plain.dropout = plain.attention_dropout = plain.feature_dropout = plain.proximity = 0;
    plain.sampled_joins = false;
    CHECK(same_bits(logits(ctx, data, plain), logits(ctx, data, config)));
  });
}

TEST_CASE("typed layers: gates and attention of a node sum to one") {
  const datasets::TypedDataset data = typed_toy();
  for_every_config_and_device([&](const ModelConfig& config, Device device) {
    Context ctx(device, 1);
    const Model model(ctx, config, 1);
    const GraphData ready = prepare(ctx, datasets::target_nodes(data), config);
    const std::vector<RelationGates> layers = model.relation_gates(ctx, ready.parts[0]);
    REQUIRE(layers.size() == config.order);
    CHECK(layers[0].relations == std::vector<std::string>{"author-paper", "venue-paper", "paper-paper",
                                                          "rev-paper-paper", "self"});
    for (const RelationGates& layer : layers) {
      const std::vector<Real> gates = layer.gates.to_host();
      REQUIRE(gates.size() == std::size_t(toy_papers) * layer.relations.size());
      for (std::size_t i = 0; i < std::size_t(toy_papers); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < layer.relations.size(); ++k) sum += double(gates[i * layer.relations.size() + k]);
        CHECK(sum == doctest::Approx(1).epsilon(1e-5));
      }
    }
    const std::vector<EdgeWeights> attention = model.explain(ctx, ready.parts[0]);
    REQUIRE_FALSE(attention.empty());
    CHECK(attention[0].name == "layer1.author-paper");
    const std::vector<Real> alpha = attention[0].weights.to_host();
    double first_row = 0;  // paper 1 has 40 authors, paper 0 none
    for (std::size_t e = 0; e < 40; ++e) first_row += double(alpha[e * attention[0].weights.cols()]);
    CHECK(first_row == doctest::Approx(1).epsilon(1e-5));
  });
}

TEST_CASE("typed layers: a graph whose relations are all empty can be trained on") {
  std::vector<ToyRelation> relations = toy_relations();
  for (ToyRelation& r : relations) r.edges.source.clear(), r.edges.target.clear();
  const datasets::TypedDataset data = typed_toy(relations);
  for (const ModelConfig& config : latte_configs(data)) {
    for (const Device device : available_devices()) {
      CAPTURE(describe(config));
      Context ctx(device, 2);
      CHECK(all_finite(weights_after(ctx, data, config, 2)));
    }
  }
}

TEST_CASE("typed layers: without the loss of the edges, what cannot reach the target stays untouched") {
  const datasets::TypedDataset data = typed_toy();
  Context ctx({}, 1);
  Model model(ctx, latte_config(data, "2020", 2, false, false), 1);
  const GraphData ready = prepare(ctx, datasets::target_nodes(data), model.config());
  Tape tape(ctx, Tape::training, 1, 1);
  tape.backward(cross_entropy(model.forward(tape, ready.parts[0]).y, ready.train));
  std::size_t untouched = 0;
  for (std::size_t p = 0; p < model.parameters().entries().size(); ++p) {
    const std::string& name = model.parameters().entries()[p].name;
    CAPTURE(name);
    const double size = largest(model.parameters().gradient(p).to_host());
    const bool never = name.find(".attn_l.") != name.npos || name.find(".linear_l.author") != name.npos ||
                       name.find(".paper-author") != name.npos || name == "layer2.beta.venue.weight";
    untouched += never;
    if (never) CHECK(size == 0);
    if (name == "layer1.linear_l.paper.weight" || name == "layer2.linear_r.venue.weight" || name == "embedding.venue" ||
        name == "layer1.attn_r.author-paper.weight") {
      CHECK(size > 0);
    }
  }
  CHECK(untouched > 10);
}

TEST_CASE("inductive training: a test node's edges change nothing before the test") {
  const datasets::TypedDataset data = typed_toy();
  std::vector<ToyRelation> relations = toy_relations();
  const auto is_seen = [](NodeId paper) { return paper % 3 != 2; };  // 2: a test node
  for (ToyRelation& r : relations) {
    graphs::EdgeList kept{r.edges.num_nodes, {}, {}, {}};
    for (std::size_t e = 0; e < r.edges.source.size(); ++e) {
      if ((r.target == 0 && !is_seen(r.edges.target[e])) || (r.source == 0 && !is_seen(r.edges.source[e]))) continue;
      kept.source.push_back(r.edges.source[e]);
      kept.target.push_back(r.edges.target[e]);
    }
    r.edges = kept;
  }
  Context ctx({}, 1);
  const ModelConfig config = latte_config(data, "2020", 2, false, false);
  const GraphData whole = prepare(ctx, datasets::target_nodes(data), config, true);
  const GraphData without_test = prepare(ctx, datasets::target_nodes(typed_toy(relations)), config, true);
  CHECK(whole.source->train_view->graph.num_edges() < whole.source->val_view->graph.num_edges());
  CHECK(whole.source->val_view->graph.num_edges() == without_test.num_edges());
  std::vector<std::vector<Real>> weights, tests;
  std::vector<double> losses;
  for (const GraphData* ready : {&whole, &without_test}) {
    Model model(ctx, config, 1);
    Trainer trainer(ctx, model, *ready, {});
    for (int epoch = 0; epoch < 3; ++epoch) losses.push_back(trainer.run_epoch().val_loss);
    weights.push_back(model.parameters().values().to_host());
    tests.push_back(model.logits(ctx, *ready).to_host());
  }
  CHECK(same_bits(weights[0], weights[1]));
  CHECK(std::equal(losses.begin(), losses.begin() + 3, losses.begin() + 3));
  CHECK_FALSE(same_bits(tests[0], tests[1]));
}

TEST_CASE("prepare: data that are not the model's are Error(mismatch)") {
  Context ctx({}, 1);
  const datasets::TypedDataset data = typed_toy();
  const ModelConfig config = latte_config(data, "2020", 2, false, false);
  const auto refusal = [&](const datasets::Dataset& other, const ModelConfig& model) -> std::string {
    try {
      prepare(ctx, other, model);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::mismatch);
      return error.what();
    }
    return "accepted";
  };
  datasets::TypedDataset other = data;
  other.graph.types[1].name = "person";
  CHECK(refusal(target_nodes(other), config) ==
        "model expects the node types paper, author, venue; data has paper, person, venue");
  other = data;
  other.graph.relations.pop_back();
  CHECK(refusal(target_nodes(other), config).starts_with("model expects the relations author-paper (author to paper), "));
  other = data;
  other.graph.types[2].count += 1;
  other.features[2].rows += 1;
  other.features[2].offsets.push_back(0);
  for (graphs::Relation& r : other.graph.relations) {
    graphs::EdgeList edges = r.edges.to_edges();
    edges.num_nodes = 90;
    r.edges = graphs::bipartite(edges, other.graph.types[r.target].count, other.graph.types[r.source].count);
  }
  CHECK(refusal(target_nodes(other), config) == "model has a trained row for each of 6 nodes of venue, data has 7");
  other = data;
  other.features[1].columns = 9;
  CHECK(refusal(target_nodes(other), config) == "model expects 5 features of author, data has 9");
  CHECK(refusal(random_dataset(mixed_edges(), 13), config) == "model expects a typed graph, random is a plain one");
  ModelConfig plain;
  plain.in = 13, plain.classes = 3;
  CHECK(refusal(target_nodes(data), plain) == "model expects a plain graph, toy is a typed one");
}

TEST_CASE("draw_edges: as many as wanted, heavy ones more often, the same for any order of draws") {
  graphs::EdgeList list{100, {}, {}, {}};
  for (NodeId i = 0; i < 100; ++i) {
    list.source.push_back(NodeId(i * 37 % 100));
    list.target.push_back(i);
  }
  graphs::NumberedEdges all = graphs::simple_edges(graphs::Csr::from_edges(list));
  for (std::size_t e = 0; e < 50; ++e) all.values[e] = 20;
  std::size_t heavy = 0;
  for (std::uint32_t step = 1; step <= 50; ++step) {
    const graphs::NumberedEdges drawn = draw_edges(all, 40, make_dropout(3, 7, step, 0));
    REQUIRE(drawn.values.size() == 40);
    heavy += std::size_t(std::ranges::count(drawn.values, 20.0));
  }
  CHECK(heavy > 50 * 40 * 0.85);
  CHECK(heavy < 50 * 40);
  CHECK(draw_edges(all, 100, make_dropout(3, 7, 1, 0)).values.size() == 100);
}

TEST_CASE("draw_missing_edges: no edge, no pair twice, and never more than there are") {
  const graphs::Csr edges = mixed_graph();
  for (const std::size_t count : {0u, 500u, 40000u, 200000u}) {
    const graphs::Csr drawn = draw_missing_edges(graphs::simple_edges(edges).edges, count, make_dropout(3, 7, 1, 0));
    const std::size_t missing = 347 * 347 - graphs::simple_edges(edges).values.size();
    CHECK(std::size_t(drawn.num_edges()) == std::min(count, missing));
    for (NodeId i = 0; i < drawn.num_rows(); ++i) {
      const auto row = drawn.row(i), taken = edges.row(i);
      CHECK(std::ranges::adjacent_find(row, std::greater_equal<>()) == row.end());
      for (const NodeId j : row) REQUIRE_FALSE(std::ranges::binary_search(taken, j));
    }
  }
}
