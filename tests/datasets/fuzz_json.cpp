// SPDX-License-Identifier: Apache-2.0
// Any text as a JSON data set: a value or Error(input).
#include <datasets/formats/json_dataset.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_json) {
  const gnn::test::FuzzedFile input(data, size);
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::read_json_dataset(input.file); });
  return 0;
}
