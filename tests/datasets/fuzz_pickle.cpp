// SPDX-License-Identifier: Apache-2.0
// Any bytes: the pickle reader and what is made of its result either give a value or throw Error(input).
#include <span>

#include <datasets/fuzz_target.hpp>
#include <datasets/normalise.hpp>
#include <datasets/pickle.hpp>
#include <datasets/planetoid_tables.hpp>
#include <graphs/csr.hpp>

GNN_FUZZ_TARGET(fuzz_pickle) {
  using gnn::test::expect_value_or_input_error;
  expect_value_or_input_error([&] {
    const auto value = gnn::datasets::pickle::read(std::as_bytes(std::span(data, size)), "input");
    expect_value_or_input_error([&] { gnn::datasets::normalise_rows(gnn::datasets::to_features(value, "input")); });
    expect_value_or_input_error([&] { gnn::datasets::to_labels(value, "input"); });
    expect_value_or_input_error([&] { gnn::graphs::Csr::from_edges(gnn::datasets::to_edges(value, "input")); });
  });
  return 0;
}
