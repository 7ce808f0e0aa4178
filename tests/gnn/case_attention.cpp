// SPDX-License-Identifier: Apache-2.0
#include "case_attention.hpp"

#include <stdexcept>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/training.hpp>

namespace gnn::test {
namespace {

class AttentionCase {
 public:
  AttentionCase(Context& ctx, const Json& file, const AttentionCaseKind& kind)
      : ctx_(ctx),
        file_(file),
        config_(need(file, "config")),
        params_(need(file, "params")),
        kind_(kind),
        is_network_(config_.contains("layers")) {
    nodes_ = need(file, "num_nodes").get<std::size_t>();
    const Numbers x = read_numbers(need(file, "x"), "x");
    if (x.shape.size() != 2) throw std::runtime_error("x: expected a list of rows");
    x_ = read_matrix(need(file, "x"), nodes_, x.shape[1], "x");
    std::size_t width = x_.cols;
    const std::size_t count = is_network_ ? config_["layers"].size() : 1;
    for (std::size_t k = 0; k < count; ++k) {
      add_layer(k, width);
      width = descriptions_.back().width();
    }
    parameters_.initialise(ctx, 0);
    load_parameters();
  }

  Comparison run() {
    const CaseLoss loss = pass();
    result_.compare("output", output_.values,
                    read_matrix(need(file_, "output"), nodes_, output_.cols, "output").values,
                    forward_tolerance);
    if (file_.contains("loss") && !file_["loss"].is_null()) compare_loss("loss", loss, file_["loss"]);
    compare_gradients();
    compare_metrics(result_, file_, output_);
    is_network_ ? compare_own_losses() : compare_inner();
    if (file_.contains("optimizer") && !file_["optimizer"].is_null()) run_optimizer(file_["optimizer"]);
    return result_;
  }

 private:
  std::string file_name(const std::string& name) const {
    return is_network_ ? name : name.substr(name.find('.') + 1);
  }

  void add_layer(std::size_t k, std::size_t in) {
    CaseLayer& layer = descriptions_.emplace_back(read_case_layer(ctx_, file_, k, in));
    layer.first_stream = std::uint32_t(k) * kind_.num_streams;
    layers_.push_back(kind_.make(layer, parameters_));
  }

  Matrix read_parameter(const Json& object, const Parameters::Entry& entry) const {
    const std::string name = file_name(entry.name);
    return name.ends_with(".weight") ? read_transposed(need(object, name), entry.rows, entry.cols, name)
                                     : read_matrix(need(object, name), entry.rows, entry.cols, name);
  }

  // A layer that always has an output bias reads a file without one as zeros that are not trained.
  bool is_in_file(const Parameters::Entry& entry) const {
    return !entry.is_bias || params_.contains(file_name(entry.name));
  }

  void load_parameters() {
    std::size_t known = 0;
    for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
      if (!is_in_file(parameters_.entries()[p])) continue;
      parameters_.value(p).copy_from(read_parameter(params_, parameters_.entries()[p]).values);
      ++known;
    }
    if (known == params_.size()) return;
    for (const auto& [name, value] : params_.items()) {
      const bool found = std::ranges::any_of(parameters_.entries(),
                                             [&, &name = name](const auto& e) { return file_name(e.name) == name; });
      if (!found) throw std::runtime_error("params: '" + name + "' is not one of this layer's");
    }
  }

  void freeze(Tape& tape, const CaseLayer& layer) const {
    if (kind_.freeze) kind_.freeze(tape, layer);
    const Json masks = layer.config.value("masks", Json());
    if (!masks.is_object()) return;
    for (const auto& [name, list] : masks.items()) {
      const std::string where = "masks." + name;
      if (name == "x") {
        tape.freeze(layer.first_stream, upload(ctx_, read_matrix(list, nodes_, layer.in, where)));
      } else if (name == "att") {
        tape.freeze(layer.first_stream + 1, upload(ctx_, read_edge_array(layer, list, layer.heads, where)));
      } else if (name == "z") {
        const std::size_t cols = layer.heads * layer.channels;
        tape.freeze(layer.first_stream + 2, upload(ctx_, read_matrix(list, nodes_, cols, where)));
      } else {
        throw std::runtime_error(where + ": expected x, att or z");
      }
    }
  }

  // Forward and backward; leaves output_, the gradients of the parameters, and that of x.
  CaseLoss pass() {
    kernels::fill(ctx_, parameters_.gradients(), Real(0));
    Tape tape(ctx_);
    const Var x = tape.leaf(upload(ctx_, x_));
    Var y = x, extra;
    own_losses_.clear();
    for (std::size_t k = 0; k < layers_.size(); ++k) {
      freeze(tape, descriptions_[k]);
      const Output output = layers_[k]->forward(tape, parameters_, descriptions_[k].adjacency, y);
      y = output.y;
      if (output.loss.defined()) own_losses_.push_back(output.loss.value().to_host()[0]);
      if (output.loss.defined()) extra = extra.defined() ? add(extra, output.loss) : output.loss;
    }
    output_ = {y.rows(), y.cols(), y.value().to_host()};
    CaseLoss loss = case_loss(file_, output_);
    const Tensor gradient = upload(ctx_, loss.gradient);
    if (!extra.defined()) {
      tape.backward(y, gradient);
    } else {
      const Tensor own = upload(ctx_, {1, 1, {Real(loss.value)}});
      const double more = double(extra.value().to_host()[0]);
      loss.value += more;
      loss.magnitude += std::abs(more);
      tape.backward(add(tape.record(own, {y}, [&](const Tensor&) { tape.add_grad(y, gradient); }), extra));
    }
    x_gradient_ = tape.grad(x).to_host();
    return loss;
  }

  void compare_loss(const std::string& name, const CaseLoss& actual, const Json& expected) {
    result_.compare(name, actual.value, expected.get<double>(), forward_tolerance, actual.magnitude);
  }

  void compare_gradients() {
    const Json& grads = need(file_, "grads");
    const double scale = std::max(largest(parameters_.gradients().to_host()), largest(x_gradient_));
    for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
      const Parameters::Entry& entry = parameters_.entries()[p];
      if (!is_in_file(entry)) continue;
      result_.compare("gradient of " + file_name(entry.name), parameters_.gradient(p).to_host(),
                      read_parameter(grads, entry).values, gradient_tolerance, scale);
    }
    result_.compare("gradient of x", x_gradient_,
                    read_matrix(need(grads, "x"), nodes_, x_.cols, "grads.x").values, gradient_tolerance,
                    scale);
  }

  // Of the layers of a network, without their common factor.
  void compare_own_losses() {
    const Json listed = file_.value("intermediates", Json::object()).value("ss_loss_per_layer", Json());
    if (listed.is_null()) return;
    const double factor = need(need(config_, "self_supervision"), "loss_weight").get<double>();
    std::vector<Real> expected = read_matrix(listed, layers_.size(), 1, "ss_loss_per_layer").values;
    for (Real& loss : expected) loss = Real(factor * double(loss));
    result_.compare("ss_loss_per_layer", own_losses_, expected, forward_tolerance);
  }

  // Of a layer alone. What the layer does not tell is not compared.
  void compare_inner() {
    const Json listed = file_.value("intermediates", Json::object());
    const CaseLayer& layer = descriptions_.front();
    Tape tape(ctx_, Tape::inference);
    freeze(tape, layer);
    const auto find = [&](const char* name) {
      for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
        if (file_name(parameters_.entries()[p].name) == name) return tape.constant(parameters_.value(p));
      }
      return Var();
    };
    for (const auto& [name, actual] : kind_.inner(layer, find, tape.constant(upload(ctx_, x_)))) {
      if (!listed.contains(name)) continue;
      const bool of_edges = name == "attention" || name == "edge_logits";
      result_.compare(name, actual.to_host(),
                      of_edges ? read_edge_array(layer, listed[name], actual.cols(), name).values
                               : read_matrix(listed[name], actual.rows(), actual.cols(), name).values,
                      forward_tolerance);
    }
  }

  void run_optimizer(const Json& optimizer) {
    if (need(optimizer, "name") != "adam") throw std::runtime_error("optimizer: expected adam");
    const Tensor m = ctx_.tensor(1, parameters_.size()), v = ctx_.tensor(1, parameters_.size());
    kernels::fill(ctx_, m, Real(0));
    kernels::fill(ctx_, v, Real(0));
    AdamStep adam;
    adam.rate = need(optimizer, "lr").get<double>();
    adam.beta1 = need(optimizer, "betas")[0].get<double>();
    adam.beta2 = need(optimizer, "betas")[1].get<double>();
    adam.epsilon = need(optimizer, "eps").get<double>();
    adam.l2 = optimizer.value("weight_decay", 0.0);
    const Json& after = need(optimizer, "params_after_step");
    const Json before = optimizer.value("loss_before_step", Json());
    for (std::size_t s = 1; s <= after.size(); ++s) {
      const CaseLoss loss = pass();
      const std::string where = "step " + std::to_string(s) + ": ";
      if (before.is_array() && before.size() >= s) compare_loss(where + "loss", loss, before[s - 1]);
      adam.step = std::int64_t(s);
      for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
        if (!is_in_file(parameters_.entries()[p])) kernels::fill(ctx_, parameters_.gradient(p), Real(0));
      }
      kernels::adam(ctx_, adam, parameters_.gradients(), parameters_.values(), m, v);
      const Json& expected = after.is_array() ? after[s - 1] : need(after, std::to_string(s));
      for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
        const Parameters::Entry& entry = parameters_.entries()[p];
        if (!is_in_file(entry)) continue;
        // A step is as exact as the gradient it follows.
        result_.compare(where + file_name(entry.name), parameters_.value(p).to_host(),
                        read_parameter(expected, entry).values, gradient_tolerance, adam.rate);
      }
    }
  }

  Context& ctx_;
  const Json& file_;
  const Json& config_;
  const Json& params_;
  const AttentionCaseKind& kind_;
  const bool is_network_;
  std::size_t nodes_ = 0;
  Matrix x_, output_;
  std::vector<Real> x_gradient_, own_losses_;
  Parameters parameters_;
  std::vector<CaseLayer> descriptions_;
  std::vector<std::unique_ptr<Layer>> layers_;
  Comparison result_;
};

}  // namespace

Comparison run_attention_case(Context& ctx, const Json& file, const AttentionCaseKind& kind) {
  return AttentionCase(ctx, file, kind).run();
}

}  // namespace gnn::test
