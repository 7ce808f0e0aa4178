// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of the families of sets without a fuzzer: over tiny seeds, their cut copies and random changes of them.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>

#include <datasets/changed_bytes.hpp>
#include <datasets/set_seeds.hpp>

namespace gnn::test {
FuzzTarget fuzz_linqs, fuzz_geom, fuzz_hgb, fuzz_ppi_json;
}

namespace {

using gnn::test::run_target;

void run_changed(gnn::test::FuzzTarget* target, const std::vector<std::string>& seeds) {
  for (const std::string& seed : seeds) {
    for (std::size_t size = 0; size <= seed.size(); ++size) run_target(target, seed.substr(0, size));
  }
  constexpr std::string_view bytes_of_interest("\t\n\r,.:{}[]\"\\0123456789-eE", 25);
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) run_target(target, gnn::test::changed(seeds[random() % seeds.size()], random, bytes_of_interest));
}

}  // namespace

TEST_CASE("fuzz sets: changed and cut text of every family raises no other error than Error(input)") {
  run_changed(gnn::test::fuzz_linqs, gnn::test::linqs_seeds());
  run_changed(gnn::test::fuzz_geom, gnn::test::geom_seeds());
  run_changed(gnn::test::fuzz_hgb, gnn::test::hgb_seeds());
  run_changed(gnn::test::fuzz_ppi_json, gnn::test::ppi_json_seeds());
}
