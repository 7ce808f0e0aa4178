// SPDX-License-Identifier: Apache-2.0
// Any text as svmlight features and labels: a value or Error(input).
#include <datasets/formats/feature_readers.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

GNN_FUZZ_TARGET(fuzz_svmlight) {
  const gnn::test::FuzzedFile input(data, size);
  gnn::datasets::Labels labels;
  gnn::test::expect_value_or_input_error(
      [&] { gnn::datasets::read_svmlight_features(input.file, 3, input.choice & 32 ? &labels : nullptr); });
  return 0;
}
