// SPDX-License-Identifier: Apache-2.0
// Trains a graph attention network on Cora, saves it, and uses what was saved.
//
// Prints:
//   epoch 50 of the training
//   epoch 100 of the training
//   at least 80 % of the 1000 test papers right: yes
//   the saved model says the same: yes
#include <datasets/cora.hpp>
#include <gnn/train/classifier.hpp>

#include <filesystem>
#include <iostream>

int main() {
  const gnn::datasets::Dataset cora = gnn::datasets::cora();
  gnn::Recipe recipe = gnn::recipe_for("gat", "cora");  // the settings of the paper
  gnn::set(recipe, "epochs", "120");
  gnn::NodeClassifier gat(recipe, {.threads = 2});
  const auto show = [](const gnn::FitProgress& now) {
    if (now.epoch % 50 == 0) std::cout << "epoch " << now.epoch << " of the training\n";
  };
  const gnn::FitReport report = gat.fit(cora, {.progress = show});
  std::cout << "at least 80 % of the " << report.test.nodes
            << " test papers right: " << (report.test.accuracy >= 0.8 ? "yes" : "no") << '\n';

  const auto file = std::filesystem::temp_directory_path() / "example-cora.safetensors";
  gat.save(file);
  const gnn::NodeClassifier saved = gnn::NodeClassifier::load(file);
  std::cout << "the saved model says the same: " << (saved.predict(cora) == gat.predict(cora) ? "yes" : "no")
            << '\n';
  std::filesystem::remove(file);
}
