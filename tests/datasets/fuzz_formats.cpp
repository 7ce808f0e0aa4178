// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of file formats without a fuzzer: over seeds, and over random changes of them.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include "changed_bytes.hpp"
#include "format_seeds.hpp"

namespace gnn::test {

FuzzTarget fuzz_npy, fuzz_npz, fuzz_matrix_market, fuzz_metis, fuzz_graphml, fuzz_svmlight, fuzz_json;

namespace {

/// The seed behind a byte of options, then copies of it with up to three changes.
void run_changed(FuzzTarget* target, const std::string& seed, int copies) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  run_target(target, "");
  run_target(target, std::string(1, '\0') + seed);
  for (int i = 0; i < copies; ++i) {
    std::string bytes = std::string(1, static_cast<char>(below(128))) + seed;
    for (std::size_t changes = 1 + below(3); changes > 0 && bytes.size() > 1; --changes) {
      const std::size_t at = 1 + below(bytes.size() - 1);
      if (below(3) == 0) bytes[at] = static_cast<char>(below(256));
      if (below(3) == 0) bytes.erase(at, 1 + below(8));
      if (below(3) == 0) bytes.insert(at, bytes.substr(below(bytes.size()), below(16)));
    }
    run_target(target, bytes);
  }
}

}  // namespace

TEST_CASE("fuzz formats: changed copies of good files raise no other error than Error(input)") {
  const std::pair<FuzzTarget*, std::vector<std::string>> formats[] = {
      {fuzz_npy, npy_seeds()},     {fuzz_npz, npz_seeds()},           {fuzz_matrix_market, matrix_market_seeds()},
      {fuzz_metis, metis_seeds()}, {fuzz_svmlight, svmlight_seeds()}, {fuzz_json, json_seeds()},
      {fuzz_graphml, graphml_seeds()}};
  for (const auto& [target, seeds] : formats) {
    for (const std::string& seed : seeds) run_changed(target, seed, 5000);
  }
}

TEST_CASE("fuzz npz: sound archives of random arrays raise no other error than Error(input)") {
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(1 + random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() % 256 : random() % 16);
    bytes[0] = static_cast<char>(128 | random() % 32);
    run_target(fuzz_npz, bytes);
  }
}

}  // namespace gnn::test
