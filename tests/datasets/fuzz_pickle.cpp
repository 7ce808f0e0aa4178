// SPDX-License-Identifier: Apache-2.0
// Any bytes: the pickle reader and what is made of its result either give a value or throw Error(input).
#include <cstdint>
#include <cstdlib>
#include <span>

#include <datasets/normalise.hpp>
#include <datasets/pickle.hpp>
#include <datasets/planetoid_tables.hpp>
#include <graphs/csr.hpp>
#include <graphs/error.hpp>

namespace {

template <class Action>
void expect_no_other_error(Action action) {
  try {
    action();
  } catch (const gnn::Error& error) {
    if (error.kind() != gnn::ErrorKind::input) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  expect_no_other_error([&] {
    const auto value = gnn::datasets::pickle::read(std::as_bytes(std::span(data, size)), "input");
    expect_no_other_error([&] { gnn::datasets::normalise_rows(gnn::datasets::to_features(value, "input")); });
    expect_no_other_error([&] { gnn::datasets::to_labels(value, "input"); });
    expect_no_other_error([&] { gnn::graphs::Csr::from_edges(gnn::datasets::to_edges(value, "input")); });
  });
  return 0;
}
