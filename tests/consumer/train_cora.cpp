// SPDX-License-Identifier: Apache-2.0
// train_cora MODEL.safetensors: trains GAT on Cora for 20 epochs, saves it, and prints the class of every
// node.
#include <datasets/cora.hpp>
#include <gnn/train/classifier.hpp>

#include <iostream>

int main(int, char** argv) {
  const gnn::datasets::Dataset cora = gnn::datasets::cora();
  gnn::Recipe recipe = gnn::recipe_for("gat", "cora");
  recipe.train.epochs = 20;
  gnn::NodeClassifier gat(recipe, {.threads = 2});
  gat.fit(cora);
  gat.save(argv[1]);
  const gnn::NodeClassifier saved = gnn::NodeClassifier::load(argv[1]);
  std::cout << "node,class\n";
  const std::vector<std::int32_t> classes = saved.predict(cora);
  for (std::size_t i = 0; i < classes.size(); ++i) std::cout << i << ',' << classes[i] << '\n';
}
