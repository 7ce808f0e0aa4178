// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include <gnn/layers/latte.hpp>
#include <graphs/typed_graph.hpp>

#include "cases.hpp"

namespace gnn::test {

inline std::string layer_key(std::size_t t) {
  return "layer" + std::to_string(t);
}

/// Where a parameter of the library stands in a file.
struct Place {
  enum Form { weight, plain, gate, entry } form;
  std::string key;
  std::size_t t = 0, number = 0;  ///< of a gate its type, of an entry its place in the list
};

/// A file of a case for LATTE: the typed graph, the layer with the file's parameters, and the ways from the file's names and
/// orders to the library's.
class LatteCaseFile {
 protected:
  LatteCaseFile(Context& ctx, const Json& file) : ctx_(ctx), file_(file), config_(need(file, "config")) {
    read_schema();
    read_options();
    layer_ = std::make_unique<Latte>(options_, parameters_, 0);
    name_paths();
    read_graph();
    parameters_.initialise(ctx, 0);
    load_parameters();
  }

  std::size_t types() const { return options_.node_types.size(); }
  const std::string& type(std::size_t m) const { return options_.node_types[m].name; }
  bool has_features(std::size_t m) const { return options_.node_types[m].features > 0; }

  void read_schema() {
    for (const Json& name : need(config_, "node_types")) {
      NodeTypeShape shape;
      shape.name = name.get<std::string>();
      shape.nodes = need(need(file_, "num_nodes"), shape.name).get<std::size_t>();
      Matrix x;
      if (const Json& all = need(file_, "x"); all.contains(shape.name) && !all[shape.name].is_null()) {
        const Numbers numbers = read_numbers(all[shape.name], "x." + shape.name);
        if (numbers.shape.size() != 2) throw std::runtime_error("x." + shape.name + ": expected a list of rows");
        shape.features = numbers.shape[1];
        x = read_matrix(all[shape.name], shape.nodes, shape.features, "x." + shape.name);
      }
      features_.push_back(std::move(x));
      options_.node_types.push_back(std::move(shape));
    }
    const Json& per_layer = need(config_, "relations_per_layer");
    if (!per_layer.is_array() || per_layer.empty()) throw std::runtime_error("relations_per_layer: expected a list a layer");
    for (const Json& name : per_layer[0]) {
      const auto [key, source, target] = find_relation(need(file_, "edge_index"), name.get<std::string>());
      options_.relations.push_back({name.get<std::string>(), source, target});
    }
  }

  // "src__rel__dst"
  static std::array<std::string, 3> find_relation(const Json& object, const std::string& name) {
    for (const auto& [key, value] : object.items()) {
      const std::size_t first = key.find("__"), last = key.rfind("__");
      if (first == key.npos || first == last) throw std::runtime_error("'" + key + "': expected src__rel__dst");
      if (key.substr(first + 2, last - first - 2) == name) return {key, key.substr(0, first), key.substr(last + 2)};
    }
    throw std::runtime_error("relation '" + name + "' has no edges listed");
  }

  void read_options() {
    const auto expect = [&](const char* key, const Json& wanted) {
      const Json found = config_.value(key, Json());
      if (!found.is_null() && found != wanted)
        throw std::runtime_error(std::string(key) + ": " + found.dump() + " is unknown");
    };
    options_.layer = "latte";
    options_.variant = need(config_, "variant_id").get<std::string>();
    if (options_.variant != "2020" && options_.variant != "2021")
      throw std::runtime_error("variant_id: '" + options_.variant + "' is unknown");
    options_.order = need(config_, "layers").get<std::size_t>();
    options_.hidden = {need(config_, "embedding_dim").get<std::size_t>()};
    options_.heads = {config_.value("heads", std::size_t(1))};
    if (config_.contains("negative_slope") && config_["negative_slope"].is_number())
      options_.negative_slope = config_["negative_slope"].get<double>();
    options_.dropout = options_.attention_dropout = options_.feature_dropout = 0;
    expect("activation", "relu");
    expect("layer_pooling", "concat");
    expect("attn_dropout", 0.0);
    expect("dropout", 0.0);
    const Json proximity = config_.value("proximity", Json());
    options_.proximity = proximity.is_object() && proximity.value("enabled", false) ? 1 : 0;
    const Json classifier = config_.value("classifier", Json());
    options_.classes = 0;
    options_.target = type(0);
    if (classifier.is_object()) {
      options_.target = need(classifier, "node_type").get<std::string>();
      options_.classes = read_numbers(need(need(file_, "params"), "classifier.weight"), "classifier.weight").shape[0];
    }
  }

  // The file calls a metapath by its types, head first, each type where two relations meet once.
  void name_paths() {
    for (std::size_t t = 0; t < options_.order; ++t) {
      std::vector<std::string>& names = names_.emplace_back();
      for (const Metapath& path : layer_->paths()[t]) {
        const std::string& relation = options_.relations[path.relation].name;
        names.push_back(t == 0 ? relation : names_[t - 1][path.shorter] + relation.substr(type(head_of(path.relation)).size()));
      }
      const Json& listed = need(config_, "relations_per_layer");
      if (listed.size() <= t || listed[t].size() != names.size()) {
        throw std::runtime_error("relations_per_layer: expected " + std::to_string(names.size()) + " in layer " + std::to_string(t));
      }
      for (const std::string& name : names) position(listed[t], name, "relations_per_layer");
    }
  }

  std::size_t head_of(std::size_t relation) const { return layer_->paths()[0][relation].head; }

  static std::size_t position(const Json& list, const std::string& name, const std::string& where) {
    for (std::size_t k = 0; k < list.size(); ++k) {
      if (list[k] == name) return k;
    }
    throw std::runtime_error(where + ": has no '" + name + "'");
  }

  // Edges of a metapath in the order of the file, as places in the rows by head.
  graphs::Csr read_pairs(const Json& pairs, const Metapath& path, const std::string& name,
                         std::vector<EdgeOffset>* place = nullptr) const {
    const std::size_t rows = options_.node_types[path.head].nodes, columns = options_.node_types[path.tail].nodes;
    graphs::EdgeList edges = read_edges(pairs, NodeId(std::max(rows, columns)), name);
    std::vector<EdgeOffset> own;
    graphs::Csr::from_edges(edges, place ? place : &own);
    try {
      return graphs::bipartite(edges, NodeId(rows), NodeId(columns));
    } catch (const std::exception& error) {
      throw std::runtime_error(name + ": " + error.what());
    }
  }

  void read_graph() {
    std::vector<graphs::Csr> relations;
    for (std::size_t r = 0; r < options_.relations.size(); ++r) {
      const std::string key = find_relation(file_["edge_index"], options_.relations[r].name)[0];
      relations.push_back(read_pairs(file_["edge_index"][key], layer_->paths()[0][r], key, &places_[{0, r}]));
    }
    std::vector<std::size_t> counts;
    for (const NodeTypeShape& shape : options_.node_types) counts.push_back(shape.nodes);
    graph_ = metapath_graph(ctx_, options_, counts, relations);
    if (options_.proximity == 0) return;
    const Json& negatives = need(config_["proximity"], "negatives");
    for (std::size_t t = 0; t < options_.order; ++t) {
      const Json& own = need(negatives, layer_key(t));
      for (std::size_t k = 0; k < names_[t].size(); ++k) {
        const Json empty = Json::parse("[[], []]");
        const auto found = own.empty() ? std::string() : find_relation_or(own, names_[t][k]);
        const Json& pairs = found.empty() || own[found].is_null() ? empty : own[found];
        negatives_[{t, k}] = Adjacency(ctx_.pool(), read_pairs(pairs, layer_->paths()[t][k], "negatives"));
      }
    }
  }

  static std::string find_relation_or(const Json& object, const std::string& name) {
    for (const auto& [key, value] : object.items()) {
      if (key.find("__" + name + "__") != key.npos) return key;
    }
    return "";
  }

  // The file's row of gates for each of the library's columns.
  std::vector<std::size_t> gate_order(std::size_t t, std::size_t m) const {
    const Json& order = need(need(need(config_, "relation_gate_order"), layer_key(t)), type(m));
    std::vector<std::size_t> rows;
    for (std::size_t k = 0; k < names_[t].size(); ++k) {
      if (layer_->paths()[t][k].head == m) rows.push_back(position(order, names_[t][k], "relation_gate_order"));
    }
    rows.push_back(position(order, "self", "relation_gate_order"));
    if (rows.size() != order.size()) throw std::runtime_error("relation_gate_order: has relations that " + type(m) + " has not");
    return rows;
  }

  Place place_of(const std::string& name) const {
    if (!name.starts_with("layer")) return {name.ends_with(".weight") ? Place::weight : Place::plain, name};
    const std::size_t dot = name.find('.'), t = std::size_t(std::stoul(name.substr(5, dot - 5))) - 1;
    const std::string rest = name.substr(dot), key = layer_key(t) + rest;
    for (std::size_t m = 0; m < types(); ++m) {
      if (rest.starts_with(".beta." + type(m) + ".")) return {Place::gate, key, t, m};
    }
    for (std::size_t k = 0; k < names_[t].size(); ++k) {
      const std::string& own = layer_->paths()[t][k].name;
      if (rest == ".sharpening." + own) {
        return {Place::entry, layer_key(t) + ".sharpening", t, position(config_["relations_per_layer"][t], names_[t][k], "")};
      }
      for (const std::string side : {".attn_l.", ".attn_r."}) {
        for (const std::string end : {"", ".weight", ".bias"}) {
          if (rest == side + own + end) return {Place::plain, layer_key(t) + side + names_[t][k] + end};
        }
      }
    }
    return {rest.ends_with(".weight") ? Place::weight : Place::plain, key};
  }

  Matrix read_parameter(const Json& object, const Parameters::Entry& entry) const {
    const Place place = place_of(entry.name);
    const Json& list = need(object, place.key);
    if (place.form == Place::weight) return read_transposed(list, entry.rows, entry.cols, place.key);
    if (place.form == Place::plain) return read_matrix(list, entry.rows, entry.cols, place.key);
    if (place.form == Place::entry) {
      const Matrix all = read_matrix(list, 1, names_[place.t].size(), place.key);
      return {1, 1, {all.values[place.number]}};
    }
    const Matrix stored = read_transposed(list, entry.rows, entry.cols, place.key);
    const std::vector<std::size_t> order = gate_order(place.t, place.number);
    Matrix moved = stored;
    for (std::size_t i = 0; i < entry.rows; ++i) {
      for (std::size_t k = 0; k < order.size(); ++k) moved.values[i * order.size() + k] = stored.values[i * order.size() + order[k]];
    }
    return moved;
  }

  void load_parameters() {
    const Json& params = need(file_, "params");
    std::set<std::string> known;
    for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
      known.insert(place_of(parameters_.entries()[p].name).key);
      parameters_.value(p).copy_from(read_parameter(params, parameters_.entries()[p]).values);
    }
    for (const auto& [name, value] : params.items()) {
      if (!known.contains(name)) throw std::runtime_error("params: '" + name + "' is not one of this layer's");
    }
  }

  // From the order of the file to the order of the rows.
  std::vector<Real> moved(const std::vector<Real>& values, std::size_t t, std::size_t k, std::size_t width) const {
    std::vector<Real> result(values.size());
    const std::vector<EdgeOffset>& place = places_.at({t, k});
    for (std::size_t e = 0; e < place.size(); ++e) {
      for (std::size_t h = 0; h < width; ++h) result[std::size_t(place[e]) * width + h] = values[e * width + h];
    }
    return result;
  }

  Context& ctx_;
  const Json& file_;
  const Json& config_;
  ModelConfig options_;
  std::vector<Matrix> features_;
  Parameters parameters_;
  std::unique_ptr<Latte> layer_;
  std::vector<std::vector<std::string>> names_;  // of metapaths, as in the file
  MetapathGraph graph_;
  std::map<std::pair<std::size_t, std::size_t>, Adjacency> negatives_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<EdgeOffset>> places_;
};

}  // namespace gnn::test
