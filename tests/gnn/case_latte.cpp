// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/elementwise.hpp>

#include "case_loss.hpp"
#include "latte_case_file.hpp"

namespace gnn::test {
namespace {

// As the description of the cases gives it for this network.
constexpr double latte_gradient_tolerance = tolerance(2e-5, 1e-10);

/// The network of a file beside the file's numbers.
class LatteCase : LatteCaseFile {
 public:
  LatteCase(Context& ctx, const Json& file) : LatteCaseFile(ctx, file) {}

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

  std::vector<Var> x_;
  Comparison result_;
};

}  // namespace

Comparison run_latte_case(Context& ctx, const Json& file) {
  return LatteCase(ctx, file).run();
}

}  // namespace gnn::test
