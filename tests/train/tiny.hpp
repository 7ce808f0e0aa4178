// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include <gnn/train/checkpoint.hpp>
#include <graphs/error.hpp>
#include <support/temporary_folder.hpp>

/// A data set and a model small enough that a test can train them many times.
namespace gnn::test {

/// A ring of 12 nodes with chords, 5 features, 3 classes; 6 nodes train, 3 validate, 3 test.
inline datasets::Dataset tiny_data() {
  constexpr NodeId n = 12;
  datasets::Dataset data;
  data.name = "ring";
  graphs::EdgeList edges;
  edges.num_nodes = n;
  for (NodeId i = 0; i < n; ++i) {
    for (const NodeId j : {NodeId((i + 1) % n), NodeId((i + n - 1) % n), NodeId((i + n / 2) % n)}) {
      edges.source.push_back(i);
      edges.target.push_back(j);
    }
  }
  data.graph = graphs::Csr::from_edges(edges);
  data.features.rows = std::size_t(n);
  data.features.columns = 5;
  for (NodeId i = 0; i < n; ++i) {
    data.features.indices.push_back(std::int32_t(i % 5));
    data.features.values.push_back(float(i + 1));
    data.features.offsets.push_back(std::int64_t(data.features.indices.size()));
    data.labels.push_back(std::int32_t(i % 3));
  }
  data.num_classes = 3;
  data.class_names = {"rock", "paper", "scissors"};
  data.split = {"mine", {0, 1, 2, 3, 4, 5}, {6, 7, 8}, {9, 10, 11}};
  return data;
}

inline ModelCard tiny_card() {
  ModelCard card;
  card.config.in = 5;
  card.config.classes = 3;
  card.config.hidden = {3};
  card.config.heads = {2};
  card.config.score_bias = true;
  card.config.class_names = {"rock", "paper", "scissors"};
  card.data = "ring";
  card.preset = "none";
  return card;
}

/// One training, from data to trainer.
struct Tiny {
  explicit Tiny(const TrainOptions& options = {}, const ModelCard& model_card = tiny_card())
      : card(model_card),
        ready(prepare(ctx, tiny_data(), card.config)),
        model(ctx, card.config, options.seed),
        trainer(ctx, model, ready, options) {}

  void train(std::int64_t epochs) {
    for (std::int64_t e = 0; e < epochs && !trainer.finished(); ++e) trainer.run_epoch();
  }

  Context ctx{Device{}, 1};
  ModelCard card;
  GraphData ready;
  Model model;
  Trainer trainer;
};

inline std::filesystem::path save(const TemporaryFolder& folder, const std::string& name,
                                  const std::vector<std::byte>& bytes) {
  const std::filesystem::path path = folder.path() / name;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  return path;
}

/// The error that `action` throws, without the folder of the file that it names; "" when it throws none.
template <class Action>
std::string error_of(ErrorKind kind, const TemporaryFolder& folder, Action action) {
  try {
    action();
  } catch (const Error& error) {
    std::string text = error.what();
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at = text.find(prefix); at != text.npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return error.kind() == kind ? text : "other kind: " + text;
  }
  return "";
}

}  // namespace gnn::test
