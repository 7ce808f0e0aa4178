// SPDX-License-Identifier: Apache-2.0
// The fuzz target of saved models without a fuzzer: over random changes of good ones.
#include <doctest/doctest.h>

#include <datasets/changed_bytes.hpp>

#include "model_seeds.hpp"

namespace gnn::test {
FuzzTarget fuzz_safetensors;
}

TEST_CASE("fuzz safetensors: changed copies of saved models raise no other error than Error(input)") {
  std::mt19937 random(1);
  for (const std::string& seed : gnn::test::model_seeds()) {
    gnn::test::run_target(gnn::test::fuzz_safetensors, seed);
    for (int i = 0; i < 2000; ++i) {
      gnn::test::run_target(gnn::test::fuzz_safetensors, gnn::test::changed(seed, random, "0123456789,:[]{}\""));
    }
  }
}
