// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/latte.hpp>

#include <cmath>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/latte_pass.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
Latte::Latte(const ModelConfig& config, Parameters& parameters, std::uint32_t first_stream) : config_(config) {
  paths_ = metapaths(config_);
  const bool all = config_.classes == 0;
  needed_ = needed_types(config_, all);
  trained_ = needed_types(config_, all || config_.proximity > 0);

  std::uint32_t stream = first_stream;
  classifier_stream_ = stream++;
  const std::size_t types = config_.node_types.size();
  projection_.resize(types), table_.resize(types), projection_stream_.resize(types);
  for (std::size_t m = 0; m < types; ++m) {
    const NodeTypeShape& type = config_.node_types[m];
    projection_stream_[m] = stream++;
    if (type.features == 0) {
      // The program of 2021 keeps L2 away from its tables.
      table_[m] = parameters.add({.name = "embedding." + type.name, .rows = type.nodes, .cols = width(), .offset = 0,
                                  .start = Parameters::Start::normal, .scale = 1, .is_bias = !is_2020()});
    } else if (!is_2020()) {
      projection_[m] = add_dense(parameters, "feature_projection." + type.name, type.features, width(), width());
    }
  }
  for (std::size_t t = 0; t < config_.order; ++t) {
    Level& level = levels_.emplace_back();
    for (std::size_t m = 0; m < types; ++m) {
      level.types.push_back(make_type(parameters, t, m));
      level.types.back().dropout_stream = stream++;
    }
    for (const Metapath& path : paths_[t]) {
      PathPart& part = level.paths.emplace_back(make_path(parameters, t, path));
      part.attention_stream = stream++, part.join_stream = stream++, part.negative_stream = stream++;
    }
  }
  check(stream - first_stream <= num_streams, "order: ", config_.order, " gives more metapaths than the ", num_streams,
        " random streams of latte serve: at most about ", num_streams / 3);
  if (!all) classifier_ = add_dense(parameters, "classifier", config_.order * width(), config_.classes, config_.classes);
}

// Uniform with Glorot's bound in the program of 2020, normal with gain sqrt(2) in that of 2021.
Latte::Dense Latte::add_dense(Parameters& parameters, const std::string& name, std::size_t in, std::size_t out,
                              std::size_t fan_out) const {
  const double both = double(in + fan_out);
  const bool is_gate = name.find(".beta.") != name.npos;
  Parameters::Entry weight{.name = name + ".weight", .rows = in, .cols = out, .offset = 0, .start = Parameters::Start::uniform,
                           .scale = std::sqrt(6 / both)};
  if (!is_2020()) weight.start = Parameters::Start::normal, weight.scale = std::sqrt((is_gate ? 2 : 4) / both);
  const std::size_t added = parameters.add(std::move(weight));
  const std::size_t bias = parameters.add({.name = name + ".bias", .rows = 1, .cols = out, .offset = 0,
                                           .start = Parameters::Start::uniform, .scale = 1 / std::sqrt(double(in)), .is_bias = true});
  return {added, bias};
}

Latte::TypePart Latte::make_type(Parameters& parameters, std::size_t t, std::size_t m) const {
  const NodeTypeShape& type = config_.node_types[m];
  const std::string name = "layer" + std::to_string(t + 1);
  const std::size_t raw = is_2020() && type.features > 0 ? type.features : width();  // features, a table, or what they became
  const std::size_t left = t == 0 ? raw : width(), right = is_2020() ? raw : width();
  TypePart part;
  part.is_table = is_2020() && t == 0 && type.features == 0;
  if (!part.is_table) {
    part.left = add_dense(parameters, name + ".linear_l." + type.name, left, width(), width());
    part.right = add_dense(parameters, name + ".linear_r." + type.name, right, width(), width());
  }
  for (std::size_t k = 0; k < paths_[t].size(); ++k) {
    if (paths_[t][k].head == m) part.paths.push_back(k);
  }
  // The program of 2020 draws the weights of the gates as those of a convolution, which counts one output.
  const std::size_t gates = part.paths.size() + 1;
  part.gate = add_dense(parameters, name + ".beta." + type.name, t > 0 && is_2020() ? width() : left, gates, is_2020() ? 1 : gates);
  return part;
}

Latte::PathPart Latte::make_path(Parameters& parameters, std::size_t t, const Metapath& path) const {
  const std::string name = "layer" + std::to_string(t + 1);
  PathPart part;
  const auto vector = [&](const std::string& side) -> Dense {
    const std::string full = name + side + path.name;
    if (is_2020()) {
      const std::size_t weight = parameters.add(full + ".weight", 1, width(), glorot(width(), 1));
      return {weight, parameters.add({.name = full + ".bias", .rows = 1, .cols = 1, .offset = 0, .start = Parameters::Start::uniform,
                                      .scale = 1 / std::sqrt(double(width())), .is_bias = true})};
    }
    const std::size_t channels = width() / heads();
    const double deviation = std::sqrt(2 / 1.04) * std::sqrt(2 / double(heads() + channels));  // gain for slope 0.2
    return {parameters.add({.name = full, .rows = heads(), .cols = channels, .offset = 0, .start = Parameters::Start::normal,
                            .scale = deviation}), 0};
  };
  part.left = vector(".attn_l.");
  part.right = vector(".attn_r.");
  part.sharpening = parameters.add({.name = name + ".sharpening." + path.name, .rows = 1, .cols = 1, .offset = 0,
                                    .start = Parameters::Start::constant, .scale = 1, .is_bias = true});
  return part;
}

std::vector<Var> Latte::embeddings(Tape& tape, const Parameters& parameters, const TypedInput& input, Var* loss,
                                   Trace* trace) const {
  LattePass pass(*this, tape, parameters, input, trace);
  return pass.run(loss);
}

Output Latte::forward(Tape& tape, const Parameters& parameters, const Adjacency&, const Input& x) const {
  if (!x.typed) fail(ErrorKind::mismatch, "latte: expects a typed graph, the input is a plain one");
  check(config_.classes > 0, "latte: a network without classifier has embeddings only");
  Output out;
  const std::vector<Var> all = embeddings(tape, parameters, *x.typed, &out.loss);
  const Var kept = dropout(all[type_number(config_, config_.target)], config_.dropout, classifier_stream_);
  out.y = add_bias(matmul(kept, parameters.use(tape, classifier_.weight)), parameters.use(tape, classifier_.bias));
  return out;
}

std::vector<Var> Latte::hidden(Tape& tape, const Parameters& parameters, const Adjacency&, const Input& x) const {
  if (!x.typed) fail(ErrorKind::mismatch, "latte: expects a typed graph, the input is a plain one");
  return {embeddings(tape, parameters, *x.typed)[type_number(config_, config_.target)]};
}

std::vector<EdgeWeights> Latte::explain(Tape& tape, const Parameters& parameters, const Adjacency&, const Input& x) const {
  if (!x.typed) fail(ErrorKind::mismatch, "latte: expects a typed graph, the input is a plain one");
  Trace trace;
  embeddings(tape, parameters, *x.typed, nullptr, &trace);
  std::vector<EdgeWeights> all;
  for (std::size_t t = 0; t < paths_.size(); ++t) {
    for (std::size_t k = 0; k < paths_[t].size(); ++k) {
      const Tensor& weights = trace.attention[t][k];
      if (weights.defined()) all.push_back({"layer" + std::to_string(t + 1) + "." + paths_[t][k].name, weights});
    }
  }
  return all;
}

std::vector<RelationGates> Latte::relation_gates(Tape& tape, const Parameters& parameters, const Input& x) const {
  if (!x.typed) fail(ErrorKind::mismatch, "latte: expects a typed graph, the input is a plain one");
  Trace trace;
  embeddings(tape, parameters, *x.typed, nullptr, &trace);
  const std::size_t target = type_number(config_, config_.target);
  std::vector<RelationGates> all;
  for (std::size_t t = 0; t < levels_.size(); ++t) {
    RelationGates& layer = all.emplace_back();
    layer.name = "layer" + std::to_string(t + 1);
    for (const std::size_t k : levels_[t].types[target].paths) layer.relations.push_back(paths_[t][k].name);
    layer.relations.emplace_back("self");
    layer.gates = trace.gates[t][target];
  }
  return all;
}

std::unique_ptr<Layer> make_latte(const ModelConfig& c, std::size_t, Parameters& parameters, std::uint32_t first_stream) {
  return std::make_unique<Latte>(c, parameters, first_stream);
}

}  // namespace gnn::inline GNN_PRECISION
