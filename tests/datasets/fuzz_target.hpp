// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <graphs/error.hpp>

// GNN_FUZZ_TARGET(NAME) begins the function of a fuzz target: the one that libFuzzer calls when the target is
// built alone, and gnn::test::NAME in the tests, which hold all targets.
#ifdef GNN_FUZZ_ALONE
#define GNN_FUZZ_TARGET(name) \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
#else
#define GNN_FUZZ_TARGET(name)                           \
  namespace gnn::test {                                 \
  int name(const std::uint8_t* data, std::size_t size); \
  }                                                     \
  int gnn::test::name(const std::uint8_t* data, std::size_t size)
#endif

namespace gnn::test {

/// Any bytes give a value or Error(input): aborts on any other error of the library.
template <class Action>
void expect_value_or_input_error(Action action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    const bool says_what = message.find("expected") != message.npos && message.find("found") != message.npos;
    if (error.kind() != ErrorKind::input || !says_what) std::abort();
  }
}

}  // namespace gnn::test
