// SPDX-License-Identifier: Apache-2.0
// One trained model answers several threads at once, each with its own graph; nobody waits for another.
//
// Prints:
//   4 threads x 5 answers, all as expected: yes
#include <datasets/cora.hpp>
#include <gnn/train/classifier.hpp>

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

int main() {
  const gnn::datasets::Dataset cora = gnn::datasets::cora();
  gnn::Recipe recipe = gnn::recipe_for("gcn", "cora");
  gnn::set(recipe, "epochs", "20");
  gnn::NodeClassifier model(recipe, {.threads = 1});
  model.fit(cora);

  const gnn::GraphData ready = model.prepare(cora);  // once; read by all
  const std::vector<std::int32_t> expected = model.predict(ready);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<std::int32_t> classes(expected.size());  // the caller's memory, used again for each answer
      for (int k = 0; k < 5; ++k) {
        model.predict(ready, classes);
        right += classes == expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << "4 threads x 5 answers, all as expected: " << (right == 20 ? "yes" : "no") << '\n';
}
