// SPDX-License-Identifier: Apache-2.0
// A layer from outside the library: y_i = ELU(mean over the edges into i of x_j W + b), trained, saved and
// loaded.
//
// Prints:
//   at least 75 % right: yes
//   the loaded model says the same: yes
#include <datasets/cora.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/train/classifier.hpp>

#include <cmath>
#include <filesystem>
#include <iostream>

class Mean final : public gnn::Layer {
 public:
  static constexpr std::uint32_t num_streams = 1;  // of random numbers: the dropout of the input

  Mean(const gnn::ModelConfig& config, std::size_t k, gnn::Parameters& parameters, std::uint32_t stream)
      : width_(gnn::width_behind(config, k)),
        stream_(stream),
        dropout_(config.dropout),
        elu_(!gnn::gives_logits(config, k)) {
    const std::string name = "mean" + std::to_string(k + 1);
    const std::size_t in = gnn::width_into(config, k);
    weight_ = parameters.add(name + ".weight", in, width_, std::sqrt(6.0 / double(in + width_)));
    bias_ = parameters.add_bias(name + ".bias", 1, width_);
  }

  // Ops bring their gradients along: the formula is all there is to write.
  gnn::Output forward(gnn::Tape& tape, const gnn::Parameters& parameters, const gnn::Adjacency& adjacency,
                      const gnn::Input& x) const override {
    const gnn::Var w = parameters.use(tape, weight_);
    const gnn::Var xw = x.sparse ? gnn::dropout_matmul(*x.sparse, w, dropout_, stream_, 1, adjacency.ids())
                                 : gnn::dropout_matmul(x.dense, w, dropout_, stream_, 1, adjacency.ids());
    // Equal scores for all edges: the softmax over the edges into a node is one part of each.
    const gnn::Var scores = tape.constant(zeros(tape, adjacency.num_edges()));
    const gnn::Var mean = gnn::propagate(adjacency, gnn::edge_softmax(adjacency, scores), xw);
    const gnn::Var y = gnn::add_bias(mean, parameters.use(tape, bias_));
    return {elu_ ? gnn::elu(y) : y, {}};
  }

  std::size_t output_width() const override { return width_; }

 private:
  static gnn::Tensor zeros(gnn::Tape& tape, std::size_t rows) {
    return gnn::Tensor::from(tape.context().pool(), rows, 1, std::vector<gnn::Real>(rows));
  }

  std::size_t width_, weight_ = 0, bias_ = 0;
  std::uint32_t stream_;
  double dropout_;
  bool elu_;
};

constexpr gnn::LayerKind kinds[] = {gnn::layer_kind<Mean>("mean")};

int main() {
  const gnn::datasets::Dataset cora = gnn::datasets::cora();
  gnn::Recipe recipe;
  recipe.model.layer = "mean";
  recipe.model.normalise = gnn::Normalise::row;
  recipe.train.optimiser.learning_rate = 0.01;
  recipe.train.epochs = 100;
  gnn::NodeClassifier model(recipe, {.threads = 2, .own_kinds = kinds});
  const gnn::FitReport report = model.fit(cora);
  std::cout << "at least 75 % right: " << (report.test.accuracy >= 0.75 ? "yes" : "no") << '\n';

  const auto file = std::filesystem::temp_directory_path() / "example-own-layer.safetensors";
  model.save(file);
  const auto loaded = gnn::NodeClassifier::load(file, {.threads = 2, .own_kinds = kinds});
  std::cout << "the loaded model says the same: "
            << (loaded.predict(cora) == model.predict(cora) ? "yes" : "no") << '\n';
  std::filesystem::remove(file);
}
