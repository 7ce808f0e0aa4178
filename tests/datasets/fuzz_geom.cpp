// SPDX-License-Identifier: Apache-2.0
// Any bytes as the two files of a set in Geom-GCN form.
#include <datasets/fuzz_sets.hpp>
#include <datasets/fuzz_target.hpp>
#include <datasets/sets/geom_gcn.hpp>

GNN_FUZZ_TARGET(fuzz_geom) {
  const auto files = gnn::test::cut(data, size, 2);
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::parse_geom_gcn(files[0], files[1], "x", "nodes", "edges"); });
  return 0;
}
