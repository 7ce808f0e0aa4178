// SPDX-License-Identifier: Apache-2.0
// Any text as a GraphML file: a value or Error(input).
#include <datasets/formats/edge_readers.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_graphml) {
  const gnn::test::FuzzedFile input(data, size);
  gnn::test::expect_value_or_input_error(
      [&] { gnn::test::expect_graph(gnn::datasets::read_graphml_edges(input.file, input.options)); });
  return 0;
}
