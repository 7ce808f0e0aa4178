// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/card.hpp>

#include <nlohmann/json.hpp>

#include <gnn/layers/registry.hpp>
#include <gnn/train/strict_json.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t version = 1;

Json as_json(const ModelCard& card) {
  const ModelConfig& c = card.config;
  Json json;
  json["version"] = version;
  json["data"] = card.data;
  json["layer"] = c.layer;
  json["in"] = c.in;
  json["classes"] = c.classes;
  json["task"] = to_string(c.task);
  json["layers"] = c.layers;
  json["hidden"] = c.hidden;
  json["heads"] = c.heads;
  json["out_heads"] = c.out_heads;
  json["dropout"] = c.dropout;
  json["attention_dropout"] = c.attention_dropout;
  json["feature_dropout"] = c.feature_dropout;
  json["mask_per_head"] = c.mask_per_head;
  json["negative_slope"] = c.negative_slope;
  json["score_bias"] = c.score_bias;
  json["residual"] = to_string(c.residual);
  json["residual_inner"] = c.residual_inner;
  json["residual_bias"] = c.residual_bias;
  json["share_weights"] = c.share_weights;
  json["projection_bias"] = c.projection_bias;
  json["output_bias"] = c.output_bias;
  json["attention"] = c.attention;
  json["edge_loss"] = c.edge_loss;
  json["negative_ratio"] = c.negative_ratio;
  json["edge_ratio"] = c.edge_ratio;
  json["hops"] = c.hops;
  json["decay"] = c.decay;
  json["mlp_layers"] = c.mlp_layers;
  json["add_dropout"] = c.add_dropout;
  json["attention_mode"] = c.attention_mode;
  json["order"] = c.order;
  json["variant"] = c.variant;
  json["proximity"] = c.proximity;
  json["edge_negatives"] = c.edge_negatives;
  json["sampled_joins"] = c.sampled_joins;
  std::vector<std::string> type_names, names, sources, targets;
  std::vector<std::size_t> type_nodes, type_features;
  for (const NodeTypeShape& type : c.node_types) {
    type_names.push_back(type.name), type_nodes.push_back(type.nodes), type_features.push_back(type.features);
  }
  for (const RelationShape& r : c.relations) names.push_back(r.name), sources.push_back(r.source), targets.push_back(r.target);
  json["types"] = type_names;
  json["type_nodes"] = type_nodes;
  json["type_features"] = type_features;
  json["relations"] = names;
  json["relation_sources"] = sources;
  json["relation_targets"] = targets;
  json["target"] = c.target;
  json["encoder"] = c.encoder;
  json["linear_head"] = c.linear_head;
  json["initialisation"] = to_string(c.initialisation);
  json["normalise"] = to_string(c.normalise);
  json["feature_mean"] = c.feature_scale.mean;
  json["feature_deviation"] = c.feature_scale.deviation;
  json["self_loops"] = to_string(c.self_loops);
  json["class_names"] = c.class_names;
  json["preset"] = card.preset;
  return json;
}

// The types and relations of the typed graph that the model is for.
void read_schema(StrictObject& json, const std::string& where, ModelConfig& c) {
  if (!json.has("types")) return;
  const std::vector<std::string> types = json.strings("types"), names = json.strings("relations");
  const std::vector<std::string> sources = json.strings("relation_sources"), targets = json.strings("relation_targets");
  const std::vector<std::size_t> nodes = json.counts("type_nodes"), features = json.counts("type_features");
  c.target = json.string("target");
  if (nodes.size() != types.size() || features.size() != types.size() || sources.size() != names.size() ||
      targets.size() != names.size()) {
    fail(ErrorKind::input, where, ": expected as many entries for each of ", types.size(), " types and ", names.size(),
         " relations, found others");
  }
  for (std::size_t m = 0; m < types.size(); ++m) c.node_types.push_back({types[m], nodes[m], features[m]});
  for (std::size_t r = 0; r < names.size(); ++r) c.relations.push_back({names[r], sources[r], targets[r]});
}

// Cards from before a model came in have no keys of it.
void read_other_models(StrictObject& json, ModelConfig& c) {
  const auto count = [&](const char* key, std::size_t& value) {
    if (json.has(key)) value = json.count(key);
  };
  const auto number = [&](const char* key, double& value) {
    if (json.has(key)) value = json.number(key);
  };
  const auto boolean = [&](const char* key, bool& value) {
    if (json.has(key)) value = json.boolean(key);
  };
  const auto word = [&](const char* key, std::string& value) {
    if (json.has(key)) value = json.string(key);
  };
  boolean("share_weights", c.share_weights);
  boolean("projection_bias", c.projection_bias);
  boolean("output_bias", c.output_bias);
  word("attention", c.attention);
  number("edge_loss", c.edge_loss);
  number("negative_ratio", c.negative_ratio);
  number("edge_ratio", c.edge_ratio);
  count("hops", c.hops);
  number("decay", c.decay);
  count("mlp_layers", c.mlp_layers);
  boolean("add_dropout", c.add_dropout);
  word("attention_mode", c.attention_mode);
  count("order", c.order);
  word("variant", c.variant);
  number("proximity", c.proximity);
  number("edge_negatives", c.edge_negatives);
  boolean("sampled_joins", c.sampled_joins);
  count("encoder", c.encoder);
  boolean("linear_head", c.linear_head);
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const ModelCard& card) {
  return text_of(as_json(card));
}

std::string first_difference(const ModelCard& expected, const ModelCard& found) {
  const Json ours = as_json(expected), theirs = as_json(found);
  for (const auto& [key, value] : ours.items()) {
    // Compared as text: a name that is not UTF-8 is not what it was after a round trip.
    const std::string wanted = text_of(value), given = text_of(theirs[key]);
    if (wanted == given) continue;
    return key + " " + graphs::quote_for_message(wanted) + ", found " + key + " " +
           graphs::quote_for_message(given);
  }
  return "";
}

ModelCard card_from_json(const std::string& text, const std::string& where, std::span<const LayerKind> own_kinds) {
  StrictObject json(text, where);
  if (const std::uint64_t found = json.count("version"); found != version) {
    fail(ErrorKind::input, where, ": expected version ", version, ", found ", found);
  }
  ModelCard card;
  ModelConfig& c = card.config;
  c.layer = json.string("layer");
  c.in = json.count("in");
  c.classes = json.count("classes");
  c.layers = json.count("layers");
  c.hidden = json.counts("hidden");
  c.heads = json.counts("heads");
  c.out_heads = json.count("out_heads");
  c.dropout = json.number("dropout");
  c.attention_dropout = json.number("attention_dropout");
  c.feature_dropout = json.number("feature_dropout");
  c.mask_per_head = json.boolean("mask_per_head");
  c.negative_slope = json.number("negative_slope");
  c.score_bias = json.boolean("score_bias");
  // Cards from before there was a choice have no such keys.
  const std::string task = json.has("task") ? json.string("task") : to_string(c.task);
  if (json.has("residual_inner")) c.residual_inner = json.boolean("residual_inner");
  if (json.has("residual_bias")) c.residual_bias = json.boolean("residual_bias");
  read_other_models(json, c);
  read_schema(json, where, c);
  const std::string residual = json.string("residual"), initialisation = json.string("initialisation");
  const std::string normalise = json.string("normalise");
  c.feature_scale = {json.numbers("feature_mean"), json.numbers("feature_deviation")};
  const std::string self_loops = json.string("self_loops");
  c.class_names = json.strings("class_names");
  card.data = json.string("data");
  card.preset = json.string("preset");
  json.finish();

  try {
    c.task = parse_task(task);
    c.residual = parse_residual(residual);
    c.initialisation = parse_initialisation(initialisation);
    c.self_loops = parse_self_loops(self_loops);
    c.normalise = parse_normalise(normalise);
    const LayerKind& kind = find_layer_kind(c.layer, own_kinds);
    if (!own_kinds.empty()) c.kind = &kind;
    validate(c);
  } catch (const Error& error) {
    // What is a bad argument elsewhere is a bad file here.
    fail(ErrorKind::input, where, ": expected a model that this program knows, found ", error.what());
  }
  if (!c.class_names.empty() && c.class_names.size() != c.classes) {
    fail(ErrorKind::input, where, ": expected ", c.classes, " class_names, found ", c.class_names.size());
  }
  return card;
}

}  // namespace gnn::inline GNN_PRECISION
