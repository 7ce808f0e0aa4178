// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tiny.hpp"

namespace gnn::test {

inline std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A saved model, a saved training and a file of another program.
inline std::vector<std::string> model_seeds() {
  Tiny tiny;
  tiny.train(2);
  std::string other(8, '\0');
  const std::string header = R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";
  other[0] = static_cast<char>(header.size());
  return {text_of(model_checkpoint(tiny.model, tiny.card)),
          text_of(training_checkpoint(tiny.trainer, tiny.model, tiny.card, {})), other + header + std::string(16, '\1')};
}

}  // namespace gnn::test
