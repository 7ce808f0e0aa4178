// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <datasets/input_file.hpp>

namespace gnn::test {

/// A file that is in memory only.
inline datasets::InputFile memory_file(const std::string& content, const std::string& name = "x") {
  const auto bytes = std::as_bytes(std::span(content));
  return datasets::InputFile(name, {bytes.begin(), bytes.end()});
}

}  // namespace gnn::test
