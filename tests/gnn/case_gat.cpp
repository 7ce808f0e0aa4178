// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/training.hpp>
#include <gnn/layers/gat.hpp>
#include <graphs/transforms.hpp>

#include "case_loss.hpp"
#include "cases.hpp"

namespace gnn::test {
namespace {

/// One layer of a case: its options, its edges, and its frozen dropout.
struct CaseLayer {
  GatOptions options;
  Adjacency adjacency;
  std::vector<EdgeOffset> position;  // of the file's edges in the rows by target
  std::unique_ptr<Gat> layer;
  std::uint32_t first_stream = 0;
  Json masks;
};

/// A layer alone has its configuration in `config`; a network has a list there.
class GatCase {
 public:
  GatCase(Context& ctx, const Json& file)
      : ctx_(ctx), file_(file), config_(need(file, "config")), params_(need(file, "params")) {
    nodes_ = need(file, "num_nodes").get<std::size_t>();
    const Numbers x = read_numbers(need(file, "x"), "x");
    if (x.shape.size() != 2) throw std::runtime_error("x: expected a list of rows");
    x_ = read_matrix(need(file, "x"), nodes_, x.shape[1], "x");
    is_network_ = config_.contains("layers");
    std::size_t width = x_.cols;
    const std::size_t count = is_network_ ? config_["layers"].size() : 1;
    for (std::size_t k = 0; k < count; ++k) {
      add_layer(is_network_ ? config_["layers"][k] : config_, k, width);
      width = layers_.back().layer->output_width();
    }
    parameters_.initialise(ctx, 0);
    load_parameters();
  }

  Comparison run() {
    CaseLoss loss = pass();
    result_.compare("output", output_.values,
                    read_matrix(need(file_, "output"), nodes_, output_.cols, "output").values,
                    forward_tolerance);
    if (file_.contains("loss") && !file_["loss"].is_null()) compare_loss("loss", loss, file_["loss"]);
    compare_gradients();
    compare_metrics(result_, file_, output_);
    if (!is_network_) compare_intermediates();
    if (file_.contains("optimizer") && !file_["optimizer"].is_null()) run_optimizer(file_["optimizer"]);
    return result_;
  }

 private:
  std::string file_name(const std::string& name) const {
    return is_network_ ? name : name.substr(name.find('.') + 1);
  }

  void add_layer(const Json& config, std::size_t k, std::size_t in) {
    const std::string name = "layer" + std::to_string(k + 1);
    const auto has = [&](const char* parameter) {
      return params_.contains(file_name(name + "." + parameter));
    };
    CaseLayer& layer = layers_.emplace_back();
    GatOptions& o = layer.options;
    o.in = in;
    o.heads = need(config, "heads").get<std::size_t>();
    o.channels = need(config, "out_channels").get<std::size_t>();
    o.concat = need(config, "concat").get<bool>();
    o.negative_slope = config.value("negative_slope", 0.2);
    const std::string activation = config.value("activation", "none");
    if (activation != "none" && activation != "elu")
      throw std::runtime_error("activation: '" + activation + "' is unknown");
    o.activation = activation == "elu";
    o.score_bias = has("att_src_bias") || has("att_dst_bias");
    const Json residual = config.value("residual", Json());
    o.residual = has("res.weight")        ? Residual::linear
                 : residual == "identity" ? Residual::identity
                                          : Residual::none;
    layer.first_stream = std::uint32_t(k) * Gat::num_streams;
    layer.layer = std::make_unique<Gat>(o, parameters_, name, layer.first_stream);
    layer.masks = config.value("masks", Json());
    read_graph(config, layer);
  }

  // The edges that the layer sees are made with the library's own transform, and must be the ones that the
  // file lists.
  void read_graph(const Json& config, CaseLayer& layer) {
    const auto find = [&](const char* key) {
      return config.contains(key) ? config[key] : config_.value(key, Json());
    };
    graphs::EdgeList edges = read_edges(need(file_, "edge_index"), NodeId(nodes_), "edge_index");
    const Json self_loops = find("self_loops"), listed = find("effective_edge_index");
    if (self_loops == "remove_then_add") {
      edges = graphs::add_self_loops(edges).edges;
    } else if (self_loops != "none") {
      throw std::runtime_error("self_loops: expected remove_then_add or none, found " + self_loops.dump());
    }
    const graphs::Csr graph = graphs::Csr::from_edges(edges, &layer.position);
    if (!listed.is_null()) {
      const graphs::EdgeList expected = read_edges(listed, NodeId(nodes_), "effective_edge_index");
      const graphs::Csr expected_graph = graphs::Csr::from_edges(expected, &layer.position);
      if (!std::ranges::equal(graph.offsets(), expected_graph.offsets()) ||
          !std::ranges::equal(graph.columns(), expected_graph.columns())) {
        throw std::runtime_error("the edges after self_loops are not those of effective_edge_index");
      }
    }
    layer.adjacency = Adjacency(ctx_.pool(), graph);
  }

  Matrix read_parameter(const Json& object, const Parameters::Entry& entry) const {
    const std::string name = file_name(entry.name);
    return name.ends_with(".weight") ? read_transposed(need(object, name), entry.rows, entry.cols, name)
                                     : read_matrix(need(object, name), entry.rows, entry.cols, name);
  }

  // The layer always has an output bias; a file without one means zeros that are not trained.
  bool is_in_file(const Parameters::Entry& entry) const {
    return !entry.name.ends_with(".bias") || params_.contains(file_name(entry.name));
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
    if (!layer.masks.is_object()) return;
    const GatOptions& o = layer.options;
    if (layer.masks.contains("x")) {
      tape.freeze(layer.first_stream, upload(ctx_, read_matrix(layer.masks["x"], nodes_, o.in, "masks.x")));
    }
    if (layer.masks.contains("att"))
      tape.freeze(layer.first_stream + 1,
                  upload(ctx_, read_edge_array(layer, layer.masks["att"], "masks.att")));
    if (layer.masks.contains("z")) {
      tape.freeze(layer.first_stream + 2,
                  upload(ctx_, read_matrix(layer.masks["z"], nodes_, o.heads * o.channels, "masks.z")));
    }
  }

  // From the order of the file's edges to the order of the rows by target.
  Matrix read_edge_array(const CaseLayer& layer, const Json& list, const std::string& name) const {
    const std::size_t heads = layer.options.heads;
    const Matrix stored = read_matrix(list, layer.position.size(), heads, name);
    Matrix result = stored;
    for (std::size_t e = 0; e < layer.position.size(); ++e) {
      for (std::size_t h = 0; h < heads; ++h)
        result.values[std::size_t(layer.position[e]) * heads + h] = stored.values[e * heads + h];
    }
    return result;
  }

  // Forward and backward; leaves output_, the gradients of the parameters, and that of x.
  CaseLoss pass() {
    kernels::fill(ctx_, parameters_.gradients(), Real(0));
    Tape tape(ctx_);
    const Var x = tape.leaf(upload(ctx_, x_));
    Var y = x;
    for (const CaseLayer& layer : layers_) {
      freeze(tape, layer);
      y = layer.layer->forward(tape, parameters_, layer.adjacency, y).y;
    }
    output_ = {y.rows(), y.cols(), y.value().to_host()};
    CaseLoss loss = case_loss(file_, output_);
    tape.backward(y, upload(ctx_, loss.gradient));
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

  void compare_intermediates() {
    const Json inner = file_.value("intermediates", Json::object());
    const CaseLayer& layer = layers_.front();
    const GatOptions& o = layer.options;
    Tape tape(ctx_, Tape::inference);
    freeze(tape, layer);
    const auto use = [&](const char* name) {
      for (std::size_t p = 0; p < parameters_.entries().size(); ++p) {
        if (file_name(parameters_.entries()[p].name) == name) return tape.constant(parameters_.value(p));
      }
      return Var();
    };
    const Var z =
        dropout_matmul(tape.constant(upload(ctx_, x_)), use("lin.weight"), 0, layer.first_stream, 1);
    const Var source = head_scores(z, use("att_src"), use("att_src_bias")),
              target = head_scores(z, use("att_dst"), use("att_dst_bias"));
    const auto compare = [&](const char* key, const Tensor& actual, std::size_t cols) {
      if (!inner.contains(key)) return;
      result_.compare(key, actual.to_host(), read_matrix(inner[key], nodes_, cols, key).values,
                      forward_tolerance);
    };
    compare("proj", z.value(), o.heads * o.channels);
    compare("score_src", source.value(), o.heads);
    compare("score_dst", target.value(), o.heads);
    if (!inner.contains("attention")) return;
    result_.compare("attention",
                    gat_attention_weights(layer.adjacency, source, target, o.negative_slope).to_host(),
                    read_edge_array(layer, inner["attention"], "attention").values, forward_tolerance);
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
  std::size_t nodes_ = 0;
  bool is_network_ = false;
  Matrix x_, output_;
  std::vector<Real> x_gradient_;
  Parameters parameters_;
  std::vector<CaseLayer> layers_;
  Comparison result_;
};

}  // namespace

Comparison run_gat_case(Context& ctx, const Json& file) {
  return GatCase(ctx, file).run();
}

}  // namespace gnn::test
