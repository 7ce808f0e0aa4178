// SPDX-License-Identifier: Apache-2.0
// Any bytes as a table of labels: a value or Error(input).
#include <datasets/formats/table_text.hpp>
#include <datasets/fuzz_tables.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_labels) {
  gnn::test::expect_value_or_input_error([&] {
    const gnn::test::FuzzedTable table(data, size);
    gnn::datasets::read_labels_text(table.text, "input", table.nodes, table.options);
  });
  return 0;
}
