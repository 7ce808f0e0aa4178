// SPDX-License-Identifier: Apache-2.0
// Any bytes as the two files of a set in LINQS form.
#include <datasets/fuzz_sets.hpp>
#include <datasets/fuzz_target.hpp>
#include <datasets/sets/linqs.hpp>

GNN_FUZZ_TARGET(fuzz_linqs) {
  const auto files = gnn::test::cut(data, size, 2);
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::parse_linqs(files[0], files[1], "x", "x.content", "x.cites"); });
  return 0;
}
