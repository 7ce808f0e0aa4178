// SPDX-License-Identifier: Apache-2.0
// Any text as a Matrix Market file of edges or features: a value or Error(input).
#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_matrix_market) {
  const gnn::test::FuzzedFile input(data, size);
  gnn::test::expect_value_or_input_error(
      [&] { gnn::test::expect_graph(gnn::datasets::read_matrix_market_edges(input.file, input.options)); });
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::read_matrix_market_features(input.file, 3); });
  return 0;
}
