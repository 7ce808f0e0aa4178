// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include <gnn/kernels/elementwise.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/gatv2.hpp>
#include <gnn/layers/registry.hpp>

#include "case_loss.hpp"
#include "cases.hpp"

namespace gnn::test {
namespace {

/// Where a parameter of the file lies in the library's model: the two embedding tables are the upper and the
/// lower rows of the encoder, which reads the ids one-hot.
struct Place {
  const char* file_name;
  const char* name;
  std::size_t first_row,
      rows;  // of a matrix that files store input-major; rows = 0: all of an output-major one
};

class DictionaryCase {
 public:
  DictionaryCase(Context& ctx, const Json& file)
      : ctx_(ctx),
        file_(file),
        config_(need(file, "config")),
        nodes_(need(file, "num_nodes").get<std::size_t>()) {
    ids_ = std::size_t(need(config_, "k").get<std::size_t>()) + 1;
    rows_ = need(config_, "query_nodes").get<std::vector<std::size_t>>();
    ModelConfig c;
    c.layer = "gatv2";
    c.in = 2 * ids_;
    c.classes = ids_ - 1;
    c.layers = 1;
    c.encoder = need(need(file, "params"), "key_embedding")[0].size();
    c.linear_head = true;
    c.hidden = {need(config_, "out_channels").get<std::size_t>()};
    c.heads = {need(config_, "heads").get<std::size_t>()};
    c.dropout = c.attention_dropout = 0;
    c.negative_slope = config_.value("negative_slope", 0.2);
    c.share_weights = need(config_, "share_weights").get<bool>();
    c.projection_bias = file["params"].contains("conv.lin_l.bias");
    c.output_bias = file["params"].contains("conv.bias");
    stack_ = make_layers(c, parameters_);
    parameters_.initialise(ctx, 0);
    load(c);
  }

  Comparison run() {
    graphs::EdgeList edges = read_edges(need(file_, "edge_index"), NodeId(nodes_), "edge_index");
    if (need(config_, "self_loops") != "none") throw std::runtime_error("self_loops: expected none here");
    const Adjacency adjacency(ctx_.pool(), graphs::Csr::from_edges(edges));
    Tape tape(ctx_);
    const Var embedded =
        stack_.encoder->forward(tape, parameters_, tape.constant(upload(ctx_, one_hot())), adjacency.ids());
    const Var hidden = stack_.layers[0]->forward(tape, parameters_, adjacency, embedded).y;
    const Var y = stack_.head->forward(tape, parameters_, hidden, {});

    // The file scores the query nodes alone; the other rows get no gradient.
    const std::size_t classes = y.cols();
    const std::vector<Real> all = y.value().to_host();
    Matrix queries{rows_.size(), classes, {}};
    for (const std::size_t i : rows_) {
      if (i >= nodes_) throw std::runtime_error("query_nodes: node " + std::to_string(i) + " is not there");
      queries.values.insert(queries.values.end(), &all[i * classes], &all[i * classes] + classes);
    }
    const CaseLoss loss = case_loss(file_, queries);
    Matrix gradient{nodes_, classes, std::vector<Real>(nodes_ * classes)};
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      std::copy_n(&loss.gradient.values[k * classes], classes, &gradient.values[rows_[k] * classes]);
    }
    kernels::fill(ctx_, parameters_.gradients(), Real(0));
    tape.backward(y, upload(ctx_, gradient));

    result_.compare("output", queries.values,
                    read_matrix(need(file_, "output"), rows_.size(), classes, "output").values,
                    forward_tolerance);
    result_.compare("loss", loss.value, need(file_, "loss").get<double>(), forward_tolerance, loss.magnitude);
    const Json inner = file_.value("intermediates", Json::object());
    if (inner.contains("embedded")) {
      const Matrix expected = read_matrix(inner["embedded"], nodes_, embedded.cols(), "embedded");
      result_.compare("embedded", embedded.value().to_host(), expected.values, forward_tolerance);
    }
    const double scale = largest(parameters_.gradients().to_host());
    for (const Place& place : places_) {
      const Matrix expected = read(need(need(file_, "grads"), place.file_name), place);
      result_.compare("gradient of " + std::string(place.file_name), numbers(parameters_.gradients(), place),
                      expected.values, gradient_tolerance, scale);
    }
    return result_;
  }

 private:
  const Parameters::Entry& entry(const Place& place) const {
    return *std::ranges::find(parameters_.entries(), place.name, &Parameters::Entry::name);
  }

  Matrix read(const Json& list, const Place& place) const {
    const Parameters::Entry& e = entry(place);
    if (place.rows > 0) return read_matrix(list, place.rows, e.cols, place.file_name);
    return std::string(place.name).ends_with(".weight")
               ? read_transposed(list, e.rows, e.cols, place.file_name)
               : read_matrix(list, e.rows, e.cols, place.file_name);
  }

  std::vector<Real> numbers(const Tensor& all, const Place& place) const {
    const Parameters::Entry& e = entry(place);
    return all.part(e.offset + place.first_row * e.cols, place.rows ? place.rows : e.rows, e.cols).to_host();
  }

  void load(const ModelConfig& c) {
    places_ = {{"key_embedding", "encoder.weight", 0, ids_},
               {"value_embedding", "encoder.weight", ids_, ids_},
               {"conv.lin_l.weight", "layer1.lin_l.weight", 0, 0},
               {"conv.att", "layer1.att", 0, 0},
               {"out.weight", "head.weight", 0, 0}};
    if (!c.share_weights) places_.push_back({"conv.lin_r.weight", "layer1.lin_r.weight", 0, 0});
    if (c.projection_bias) places_.push_back({"conv.lin_l.bias", "layer1.lin_l.bias", 0, 0});
    if (c.projection_bias && !c.share_weights)
      places_.push_back({"conv.lin_r.bias", "layer1.lin_r.bias", 0, 0});
    if (c.output_bias) places_.push_back({"conv.bias", "layer1.bias", 0, 0});
    const Json& params = need(file_, "params");
    for (const Place& place : places_) {
      const Matrix m = read(need(params, place.file_name), place);
      const Parameters::Entry& e = entry(place);
      parameters_.values().part(e.offset + place.first_row * e.cols, m.rows, m.cols).copy_from(m.values);
    }
    if (params.size() == places_.size()) return;
    for (const auto& [name, value] : params.items()) {
      if (std::ranges::none_of(places_, [&, &name = name](const Place& p) { return name == p.file_name; }))
        throw std::runtime_error("params: '" + name + "' is not one of this model's");
    }
  }

  // (key, value) as two ones in a row of 2 (k + 1) numbers.
  Matrix one_hot() const {
    const Matrix pairs = read_matrix(need(file_, "x"), nodes_, 2, "x");
    Matrix x{nodes_, 2 * ids_, std::vector<Real>(nodes_ * 2 * ids_)};
    for (std::size_t k = 0; k < pairs.values.size(); ++k) {
      const Real id = pairs.values[k];
      if (id < 0 || id >= Real(ids_) || id != std::floor(id))
        throw std::runtime_error("x: expected ids below " + std::to_string(ids_));
      x.values[k / 2 * x.cols + k % 2 * ids_ + std::size_t(id)] = 1;
    }
    return x;
  }

  Context& ctx_;
  const Json& file_;
  const Json& config_;
  std::size_t nodes_, ids_ = 0;
  std::vector<std::size_t> rows_;
  std::vector<Place> places_;
  Parameters parameters_;
  Stack stack_;
  Comparison result_;
};

}  // namespace

Comparison run_dictionary_case(Context& ctx, const Json& file) {
  return DictionaryCase(ctx, file).run();
}

}  // namespace gnn::test
