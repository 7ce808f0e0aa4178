// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <stdexcept>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/layers/latte.hpp>
#include <graphs/typed_graph.hpp>

#include "case_loss.hpp"
#include "cases.hpp"

namespace gnn::test {
namespace {

// As the description of the cases gives it for this network.
constexpr double latte_gradient_tolerance = tolerance(2e-5, 1e-10);

std::string layer_key(std::size_t t) {
  return "layer" + std::to_string(t);
}

/// Where a parameter of the library stands in a file.
struct Place {
  enum Form { weight, plain, gate, entry } form;
  std::string key;
  std::size_t t = 0, number = 0;  ///< of a gate its type, of an entry its place in the list
};

class LatteCase {
 public:
  LatteCase(Context& ctx, const Json& file) : ctx_(ctx), file_(file), config_(need(file, "config")) {
    read_schema();
    read_options();
    layer_ = std::make_unique<Latte>(options_, parameters_, 0);
    name_paths();
    read_graph();
    parameters_.initialise(ctx, 0);
    load_parameters();
  }

  Comparison run() {
    Tape tape(ctx_, Tape::training);
    TypedInput input{&graph_, {}, negatives_};
    for (std::size_t m = 0; m < types(); ++m) {
      x_.push_back(has_features(m) ? tape.leaf(upload(ctx_, features_[m])) : Var());
      input.features.push_back(x_.back());
    }
    Latte::Trace trace;
    Var edge_loss, loss;
    double main = 0, magnitude = 0;
    const Json& expected = need(file_, "output");
    const auto compare_output = [&](const std::string& name, const Var& y, const Json& wanted, const Json& loss_file) {
      const Matrix output{y.rows(), y.cols(), y.value().to_host()};
      result_.compare(name, output.values, read_matrix(wanted, y.rows(), y.cols(), name).values, forward_tolerance);
      const CaseLoss part = case_loss(loss_file, output);
      main += part.value, magnitude += part.magnitude;
      const Tensor gradient = upload(ctx_, part.gradient);
      const Var scalar = tape.record(upload(ctx_, {1, 1, {Real(part.value)}}), {y},
                                     [y, gradient, &tape](const Tensor&) { tape.add_grad(y, gradient); });
      loss = loss.defined() ? add(loss, scalar) : scalar;
    };

    const std::vector<Var> all = layer_->embeddings(tape, parameters_, input, &edge_loss, &trace);
    if (options_.classes > 0) {
      const Output out = layer_->forward(tape, parameters_, Adjacency(), input);
      edge_loss = out.loss;
      Json with_labels = file_;
      const Json& classifier = config_["classifier"];
      with_labels["config"]["labels"] = need(classifier, "labels");
      with_labels["config"]["train_rows"] = need(classifier, "rows");
      compare_output("output", out.y, expected, with_labels);
      const Json extra = file_.value("extra_output", Json());
      if (extra.is_object() && extra.contains("embeddings")) compare_embeddings(all, extra["embeddings"]);
    } else {
      for (std::size_t m = 0; m < types(); ++m) {
        const Json own = {{"config", Json::object()}, {"cotangent", need(need(file_, "cotangent"), type(m))}};
        compare_output("output of " + type(m), all[m], need(expected, type(m)), own);
      }
    }
    const double edges = edge_loss.defined() ? double(edge_loss.value().to_host()[0]) : 0;
    magnitude += edges;
    const double allowed = forward_tolerance;
    if (file_.contains("loss") && file_["loss"].is_number())
      result_.compare("loss", main + edges, file_["loss"].get<double>(), allowed, magnitude);
    if (const Json parts = file_.value("loss_parts", Json()); parts.is_object()) {
      if (parts.contains("main")) result_.compare("loss_parts.main", main, parts["main"].get<double>(), allowed, magnitude);
      if (parts.contains("proximity"))
        result_.compare("loss_parts.proximity", edges, parts["proximity"].get<double>(), allowed, magnitude);
    }
    tape.backward(edge_loss.defined() ? add(loss, edge_loss) : loss);
    compare_gradients(tape);
    compare_intermediates(trace);
    return result_;
  }

 private:
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

  void compare_embeddings(const std::vector<Var>& all, const Json& expected) {
    for (std::size_t m = 0; m < types(); ++m) {
      if (!all[m].defined() || !expected.contains(type(m))) continue;
      result_.compare("embeddings of " + type(m), all[m].value().to_host(),
                      read_matrix(expected[type(m)], all[m].rows(), all[m].cols(), "embeddings").values, forward_tolerance);
    }
  }

  void compare_gradients(Tape& tape) {
    const Json& grads = need(file_, "grads");
    std::vector<Matrix> expected;
    double scale = 0;
    for (const auto& entry : parameters_.entries()) {
      expected.push_back(read_parameter(grads, entry));
      scale = std::max(scale, largest(expected.back().values));
    }
    for (std::size_t p = 0; p < expected.size(); ++p) {
      result_.compare("gradient of " + parameters_.entries()[p].name, parameters_.gradient(p).to_host(), expected[p].values,
                      latte_gradient_tolerance, scale);
    }
    const Json x = grads.value("x", Json::object());
    for (std::size_t m = 0; m < types(); ++m) {
      if (!has_features(m) || !x.contains(type(m)) || x[type(m)].is_null()) continue;
      const Matrix wanted = read_matrix(x[type(m)], features_[m].rows, features_[m].cols, "grads.x");
      result_.compare("gradient of x of " + type(m), tape.grad(x_[m]).to_host(), wanted.values, latte_gradient_tolerance, scale);
    }
  }

  void compare_intermediates(const Latte::Trace& trace) {
    const Json inner = file_.value("intermediates", Json::object());
    const Json beta = inner.is_object() ? inner.value("beta", Json::object()) : Json::object();
    const Json alpha = inner.is_object() ? inner.value("alpha", Json::object()) : Json::object();
    for (std::size_t t = 0; t < options_.order; ++t) {
      const Json gates = beta.value(layer_key(t), Json::object()), attention = alpha.value(layer_key(t), Json::object());
      const Json made = config_.value("higher_order_edges", Json::object()).value(layer_key(t), Json::object());
      for (std::size_t m = 0; m < types(); ++m) {
        if (gates.contains(type(m)) && trace.gates[t][m].defined()) compare_gates(trace.gates[t][m], gates[type(m)], t, m);
      }
      for (std::size_t k = 0; k < names_[t].size(); ++k) {
        const std::string key = find_relation_or(t == 0 ? file_["edge_index"] : made, names_[t][k]);
        if (!trace.attention[t][k].defined() || key.empty()) continue;
        if (t > 0) compare_joined(trace, t, k, made[key], key);
        if (attention.contains(key)) compare_attention(trace.attention[t][k], attention[key], t, k, key);
      }
    }
  }

  void compare_gates(const Tensor& gates, const Json& list, std::size_t t, std::size_t m) {
    const Matrix stored = read_matrix(list, gates.rows(), gates.cols(), "beta");
    const std::vector<std::size_t> order = gate_order(t, m);
    std::vector<Real> wanted(stored.values.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) wanted[k] = stored.values[k / order.size() * order.size() + order[k % order.size()]];
    result_.compare("gates of " + type(m) + " in " + layer_key(t), gates.to_host(), wanted, forward_tolerance);
  }

  void compare_joined(const Latte::Trace& trace, std::size_t t, std::size_t k, const Json& made, const std::string& key) {
    const Join& ahead = t < graph_.joins.size() ? graph_.joins[t][k] : Join();
    const graphs::NumberedEdges& joined = ahead.num_edges() > 0 ? ahead.edges : trace.edges[t][k];
    const Json pairs = Json::array({need(made, "src"), need(made, "dst")});
    const graphs::Csr expected = read_pairs(pairs, layer_->paths()[t][k], key, &places_[{t, k}]);
    if (!std::ranges::equal(expected.offsets(), joined.edges.offsets()) ||
        !std::ranges::equal(expected.columns(), joined.edges.columns())) {
      throw std::runtime_error("the edges of " + key + " are not those of higher_order_edges");
    }
    if (!made.contains("adjacency_value") || made["adjacency_value"].is_null()) return;
    const Matrix values = read_matrix(made["adjacency_value"], joined.values.size(), 1, key);
    const std::vector<Real> own(joined.values.begin(), joined.values.end());
    result_.compare("values of " + key, own, moved(values.values, t, k, 1), forward_tolerance);
  }

  void compare_attention(const Tensor& attention, const Json& list, std::size_t t, std::size_t k, const std::string& key) {
    const Matrix stored = read_matrix(list, attention.rows(), attention.cols(), "alpha." + key);
    result_.compare("attention of " + key, attention.to_host(), moved(stored.values, t, k, attention.cols()), forward_tolerance);
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
  std::vector<Var> x_;
  Comparison result_;
};

}  // namespace

Comparison run_latte_case(Context& ctx, const Json& file) {
  return LatteCase(ctx, file).run();
}

}  // namespace gnn::test
