// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of tables without a fuzzer: over seeds, and over random changes of them.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include <datasets/changed_bytes.hpp>
#include <datasets/format_seeds.hpp>

namespace gnn::test {

FuzzTarget fuzz_features, fuzz_labels, fuzz_split;

namespace {

void run(const std::string& bytes) {
  for (FuzzTarget* target : {fuzz_features, fuzz_labels, fuzz_split}) run_target(target, bytes);
}

}  // namespace

TEST_CASE("fuzz tables: 20000 changed copies of the seeds raise no other error than Error(input)") {
  const auto seeds = table_seeds();
  std::mt19937 random(1);
  run("");
  for (const std::string& seed : seeds) run(seed);
  for (int i = 0; i < 20000; ++i) run(changed(seeds[random() % seeds.size()], random));
}

}  // namespace gnn::test
