// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gnn/core/real.hpp>

namespace gnn::inline GNN_PRECISION {

/// A JSON object in a stranger's file, read key by key. Its values are numbers, words and lists of them.
/// Every value is asked for with its type, and what nobody asked for is refused at the end. Throws
/// Error(input): "best.safetensors: card: expected a number at 'dropout', found "much"".
class StrictObject {
 public:
  /// `where` stands before messages.
  StrictObject(const std::string& text, std::string where);
  ~StrictObject();
  StrictObject(const StrictObject&) = delete;
  StrictObject& operator=(const StrictObject&) = delete;

  bool has(const char* key) const;  ///< for keys that may be missing
  bool boolean(const char* key);
  double number(const char* key);
  std::uint64_t count(const char* key);
  std::string string(const char* key);
  std::vector<std::size_t> counts(const char* key);
  std::vector<double> numbers(const char* key);
  std::vector<std::string> strings(const char* key);

  void finish() const;

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace gnn::inline GNN_PRECISION
