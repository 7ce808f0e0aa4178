// SPDX-License-Identifier: Apache-2.0
// Any bytes as an npy file: numbers, texts, edges and features: a value or Error(input).
#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/npy.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_npy) {
  namespace datasets = gnn::datasets;
  using gnn::test::expect_value_or_input_error;
  const gnn::test::FuzzedFile input(data, size);
  expect_value_or_input_error([&] {
    const auto array = datasets::parse_npy(input.file.bytes(), "input");
    expect_value_or_input_error([&] { datasets::to_integers(array); });
    expect_value_or_input_error([&] { datasets::to_floats(array); });
    expect_value_or_input_error([&] { datasets::to_texts(array); });
  });
  expect_value_or_input_error(
      [&] { gnn::test::expect_graph(datasets::read_npy_edges(input.file, input.options)); });
  expect_value_or_input_error([&] { datasets::read_npy_features(input.file, 3); });
  return 0;
}
