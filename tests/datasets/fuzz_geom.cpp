// SPDX-License-Identifier: Apache-2.0
// Any bytes as the two files of a set in Geom-GCN form.
#include "fuzz_sets.hpp"

#include <datasets/sets/geom_gcn.hpp>

#ifdef GNN_FUZZ_NAME
#define LLVMFuzzerTestOneInput GNN_FUZZ_NAME
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto files = gnn::test::cut(data, size, 2);
  gnn::test::expect_input_error([&] { gnn::datasets::parse_geom_gcn(files[0], files[1], "x", "nodes", "edges"); });
  return 0;
}
