// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <support/pickle_writer.hpp>
#include <support/temporary_folder.hpp>

namespace gnn::test {

/// The eight files of a Planetoid set of 8 nodes, 4 features and 2 classes, to be changed by a test before it
/// writes them. Nodes 0 to 4 are in allx; 7 and 5 are the test nodes; 6 has neither features nor label. The
/// neighbour lists hold a duplicate (0-1), a self-loop (2) and an edge at one end only (4 -> 5).
inline std::map<std::string, std::string> tiny_planetoid() {
  return {
      {"x", pickle::file(pickle::matrix({{0, 2}, {1}}, 4))},
      {"y", pickle::file(pickle::one_hot({0, 1}, 2))},
      {"tx", pickle::file(pickle::matrix({{3}, {0, 1}}, 4))},
      {"ty", pickle::file(pickle::one_hot({1, 0}, 2))},
      {"allx", pickle::file(pickle::matrix({{0, 2}, {1}, {}, {2, 3}, {0}}, 4))},
      {"ally", pickle::file(pickle::one_hot({0, 1, 1, 0, 1}, 2))},
      {"graph", pickle::file(pickle::lists(
                    {{0, {1, 1}}, {1, {0, 0}}, {2, {2}}, {3, {}}, {4, {5}}, {5, {}}, {6, {7}}, {7, {6}}}))},
      {"test.index", "7\n5\n"},
  };
}

inline void write_planetoid(const TemporaryFolder& folder, const std::map<std::string, std::string>& parts) {
  for (const auto& [part, bytes] : parts) folder.write("ind.tiny." + part, bytes);
}

}  // namespace gnn::test
