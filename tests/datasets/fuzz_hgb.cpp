// SPDX-License-Identifier: Apache-2.0
// Any bytes as the five files of a set in HGB form.
#include <datasets/fuzz_sets.hpp>
#include <datasets/fuzz_target.hpp>
#include <datasets/sets/hgb.hpp>

GNN_FUZZ_TARGET(fuzz_hgb) {
  const auto files = gnn::test::cut(data, size, 5);
  gnn::test::expect_value_or_input_error([&] {
    const gnn::datasets::HgbText text = {files[0], files[1], files[2], files[3], files[4]};
    gnn::datasets::merge_types(gnn::datasets::parse_hgb(text, "x"));
  });
  return 0;
}
