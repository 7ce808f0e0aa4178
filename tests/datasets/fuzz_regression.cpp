// SPDX-License-Identifier: Apache-2.0
// The fuzz target without a fuzzer: over its corpus, and over random changes of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <datasets/changed_bytes.hpp>
#include <graphs/file.hpp>

namespace gnn::test {
FuzzTarget fuzz_pickle;
}

namespace {

void run(const std::string& bytes) {
  gnn::test::run_target(gnn::test::fuzz_pickle, bytes);
}

std::vector<std::string> read_corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(GNN_SOURCE_DIR "/tests/datasets/corpus")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) corpus.emplace_back(gnn::graphs::MappedFile(path).text());
  return corpus;
}

}  // namespace

TEST_CASE("fuzz pickle: the corpus raises no other error than Error(input)") {
  const auto corpus = read_corpus();
  REQUIRE(corpus.size() >= 8);
  for (const std::string& bytes : corpus) run(bytes);
}

TEST_CASE("fuzz pickle: 20000 changed copies of the corpus raise no other error than Error(input)") {
  const auto corpus = read_corpus();
  REQUIRE(!corpus.empty());
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) run(gnn::test::changed(corpus[random() % corpus.size()], random));
}
