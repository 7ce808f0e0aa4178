// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <graphs/edge_list.hpp>

#include "support/numbers.hpp"

/// Reading the worked cases, JSON files with a graph, weights, and the numbers that a layer must give for
/// them. Everything here throws std::runtime_error, with the key in the text, for a file that is not as it
/// should be.
namespace gnn::test {

using Json = nlohmann::json;

/// The numbers of a nested list, read row by row.
struct Numbers {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

/// The entry of an object.
const Json& need(const Json& object, const std::string& key);

Numbers read_numbers(const Json& list, const std::string& name);

/// A list of rows x cols numbers; every shape with that many numbers in that order will do, such as (rows, H,
/// C).
Matrix read_matrix(const Json& list, std::size_t rows, std::size_t cols, const std::string& name);

/// A weight that files store output-major, cols x rows: returns it as rows x cols.
Matrix read_transposed(const Json& list, std::size_t rows, std::size_t cols, const std::string& name);

graphs::EdgeList read_edges(const Json& list, NodeId num_nodes, const std::string& name);

/// What a case found wrong. Empty: all numbers agree.
class Comparison {
 public:
  /// Compares with a tolerance relative to the largest expected number, or to `scale` when all are next to
  /// nothing beside it (gradients that are zero but for rounding).
  void compare(const std::string& name, const std::vector<Real>& actual, const std::vector<Real>& expected,
               double tolerance, double scale = 0);
  /// One number, relative to `unit`.
  void compare(const std::string& name, double actual, double expected, double tolerance, double unit);

  const std::vector<std::string>& failures() const { return failures_; }
  std::size_t num_compared() const { return num_compared_; }

 private:
  std::vector<std::string> failures_;
  std::size_t num_compared_ = 0;
};

// As the description of the cases gives them; a plain program in float stays within 4e-7 and 4e-6.
inline constexpr double forward_tolerance = tolerance(1e-6, 1e-10);
inline constexpr double gradient_tolerance = tolerance(1e-5, 1e-10);

}  // namespace gnn::test
