// SPDX-License-Identifier: Apache-2.0
#include <datasets/cora.hpp>
#include <gnn/train/classifier.hpp>

#include <iostream>

int main() {
  gnn::Recipe recipe = gnn::recipe_for("gat", "cora");
  gnn::set(recipe, "epochs", "20");
  gnn::NodeClassifier gat(recipe);
  std::cout << "test accuracy " << gat.fit(gnn::datasets::cora()).test.accuracy << '\n';
  return gat.is_fitted() ? 0 : 1;
}
