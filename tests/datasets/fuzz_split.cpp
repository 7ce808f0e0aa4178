// SPDX-License-Identifier: Apache-2.0
// Any bytes as a table of a split: a value or Error(input).
#include <datasets/formats/table_text.hpp>
#include <datasets/fuzz_tables.hpp>
#include <datasets/fuzz_target.hpp>
#include <datasets/splits.hpp>

GNN_FUZZ_TARGET(fuzz_split) {
  const gnn::test::FuzzedTable table(data, size);
  gnn::test::expect_value_or_input_error([&] {
    gnn::datasets::validate(gnn::datasets::read_split_text(table.text, "input", table.nodes),
                            table.nodes.count);
  });
  gnn::test::expect_value_or_input_error(
      [&] { gnn::datasets::split_from_json(table.text, "input", table.nodes.count); });
  return 0;
}
