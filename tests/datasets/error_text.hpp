// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <graphs/error.hpp>

namespace gnn::test {

/// The kind and the message of the Error that `action` throws, as "3 MESSAGE"; "no error" when it throws
/// none.
template <class Action>
std::string error_text(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.kind())) + " " + error.what();
  }
  return "no error";
}

}  // namespace gnn::test
