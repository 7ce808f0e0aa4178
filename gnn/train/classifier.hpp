// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <gnn/kernels/interop.hpp>
#include <gnn/train/card.hpp>
#include <gnn/train/explanation.hpp>
#include <gnn/train/prediction.hpp>
#include <gnn/train/recipe.hpp>

namespace gnn::inline GNN_PRECISION {

/// Where a classifier computes.
struct ClassifierOptions {
  Device device{};  ///< the CPU unless said otherwise; best_device() takes a GPU where there is one
  int threads = 0;  ///< of the CPU; 0: one for each processor
  Precision precision = Precision::fp32;  ///< of dense products on a GPU
  std::span<const LayerKind>
      own_kinds{};  ///< kinds of layers from outside the library; must outlive the classifier
  /// Of the caller's program on a GPU: each call of the classifier comes after what the stream was given before
  /// the call, and before what it is given after it. See StreamOrder.
  std::optional<CudaStream> stream{};
};

/// One epoch, as fit() reports it.
struct FitProgress {
  std::int64_t epoch;  ///< from 1
  Epoch scores;
  std::int64_t best_epoch;  ///< whose weights are kept so far
};

struct FitOptions {
  /// Called after every epoch, from the thread that called fit(). What it throws comes out of fit().
  std::function<void(const FitProgress&)> progress{};
  std::stop_token stop{};  ///< asked after every epoch; the weights of the best epoch so far are then kept
  bool inductive = false;  ///< see prepare() in field.hpp
  Tensor features{};       ///< in place of data.features: see prepare() in field.hpp
};

/// What a training came to.
struct FitReport {
  std::vector<Epoch> history;   ///< of each epoch
  std::int64_t best_epoch = 0;  ///< whose weights were kept, from 1
  bool stopped = false;         ///< by FitOptions::stop
  Score test;                   ///< of the split's test nodes; all zero when there are none
};

/// A model that learns the classes of nodes, and everything that is done with it:
///
///   gnn::NodeClassifier gat("gat");
///   gat.fit(cora);
///   std::vector<std::int32_t> classes = gat.predict(cora);
///   gat.save("cora.safetensors");
///
/// Nothing here is global, printed or shared: two objects may be used in two threads and give the same bits
/// as one after the other. The const functions of one object may be called from several threads at once. All
/// errors are gnn::Error, and an object whose function has thrown is as it was before; so is a file.
class NodeClassifier {
 public:
  /// A model by name, as in `gnn models`, with the settings that its paper used for the data that fit() gets.
  /// Throws Error(usage) for an unknown name, Error(device) when the device is not there.
  explicit NodeClassifier(const std::string& model = "gat", const ClassifierOptions& options = {});

  /// A model with these settings.
  explicit NodeClassifier(Recipe recipe, const ClassifierOptions& options = {});

  /// A saved model: a file, or the folder of a run of `gnn train`. Throws as load_model() does.
  static NodeClassifier load(const std::filesystem::path& path, const ClassifierOptions& options = {});

  NodeClassifier(NodeClassifier&&) noexcept;
  NodeClassifier& operator=(NodeClassifier&&) noexcept;
  ~NodeClassifier();

  /// Trains a new model on data.split, from the recipe's seed; the one before is replaced when all went well.
  /// Throws Error(mismatch) when the data has no features or labels, Error(usage) when the split has no
  /// training or validation nodes, Error(training) when a loss becomes NaN.
  FitReport fit(const datasets::Dataset& data, const FitOptions& options = {});

  bool is_fitted() const;
  const ModelCard& card() const;  ///< throws Error(usage) before fit()
  const Model& model() const;     ///< throws Error(usage) before fit()

  /// A data set made ready for this model, for many calls of the functions below. Throws as gnn::prepare()
  /// does.
  GraphData prepare(const datasets::Dataset& data) const;

  /// The same for features that lie on the device of this classifier, which are not copied. They may come from
  /// borrow_tensor() or tensor_from_dlpack().
  GraphData prepare(const datasets::Dataset& data, const Tensor& features) const;

  // For every node of the data, which may be another graph than the one of fit(), with the same features.
  // Results go into the caller's memory, or into a vector. Nothing is kept for gradients. All throw
  // Error(usage) before fit(), or when the memory has another size, Error(mismatch) when the data does not
  // fit the model.

  /// The likeliest class of each node: N. Throws Error(mismatch) when nodes may be in any number of classes.
  void predict(const GraphData& data, std::span<std::int32_t> classes) const;
  std::vector<std::int32_t> predict(const GraphData& data) const;
  std::vector<std::int32_t> predict(const datasets::Dataset& data) const { return predict(prepare(data)); }

  /// N x classes, row by row, as in most_likely() and to_probabilities().
  void logits(const GraphData& data, std::span<Real> logits) const;
  /// The same on the device: into a tensor of the caller's there, or into a new one with memory of its own. On
  /// a GPU the call returns when the work is in its queue: what reads the numbers on ClassifierOptions::stream
  /// comes after it. Throws Error(mismatch) when the tensor lies elsewhere.
  void logits(const GraphData& data, const Tensor& logits) const;
  Tensor logits(const GraphData& data) const;
  void probabilities(const GraphData& data, std::span<double> probabilities) const;
  std::vector<double> probabilities(const GraphData& data) const;
  std::vector<double> probabilities(const datasets::Dataset& data) const {
    return probabilities(prepare(data));
  }

  /// The vectors of a hidden layer: see embed() in prediction.hpp.
  NodeVectors embed(const GraphData& data, std::int64_t layer = -1) const;
  NodeVectors embed(const datasets::Dataset& data, std::int64_t layer = -1) const {
    return embed(prepare(data), layer);
  }

  /// What edges counted for: see explain() in explanation.hpp.
  std::vector<ExplainedEdge> explain(const GraphData& data, const ExplainOptions& options = {}) const;
  std::vector<ExplainedEdge> explain(const datasets::Dataset& data,
                                     const ExplainOptions& options = {}) const {
    return explain(prepare(data), options);
  }

  /// How well the model does on some nodes whose labels are known.
  Score score(const GraphData& data, const Labels& labels) const;

  /// Writes best.safetensors as `gnn train` does; equal models give equal bytes. The old file stays when a
  /// step fails. Throws Error(usage) before fit(), Error(file).
  void save(const std::filesystem::path& path) const;

 private:
  struct State;
  explicit NodeClassifier(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gnn::inline GNN_PRECISION
