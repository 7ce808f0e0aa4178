// SPDX-License-Identifier: Apache-2.0
#include "case_file.hpp"

#include <sstream>
#include <stdexcept>

namespace gnn::test {
namespace {

template <class... Parts>
[[noreturn]] void malformed(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw std::runtime_error(text.str());
}

void append(const Json& list, std::size_t depth, Numbers& result, const std::string& name) {
  if (!list.is_array()) {
    if (!list.is_number()) malformed(name, ": expected a number, found ", list.dump());
    if (depth != result.shape.size()) malformed(name, ": lists of different depth");
    result.values.push_back(list.get<double>());
    return;
  }
  if (depth == result.shape.size()) {
    if (!result.values.empty()) malformed(name, ": lists of different depth");
    result.shape.push_back(list.size());
  }
  if (result.shape[depth] != list.size())
    malformed(name, ": lists of ", result.shape[depth], " and of ", list.size(), " entries");
  for (const Json& entry : list) append(entry, depth + 1, result, name);
}

}  // namespace

const Json& need(const Json& object, const std::string& key) {
  if (!object.is_object() || !object.contains(key)) malformed("has no '", key, "'");
  return object[key];
}

Numbers read_numbers(const Json& list, const std::string& name) {
  Numbers result;
  append(list, 0, result, name);
  return result;
}

Matrix read_matrix(const Json& list, std::size_t rows, std::size_t cols, const std::string& name) {
  const Numbers numbers = read_numbers(list, name);
  const bool rows_fit = numbers.shape.size() < 2 || numbers.shape[0] == rows;
  if (!rows_fit || numbers.values.size() != rows * cols) {
    std::string shape;
    for (const std::size_t n : numbers.shape) shape.append(shape.empty() ? "" : "x").append(std::to_string(n));
    malformed(name, ": expected ", rows, "x", cols, " numbers, found ", shape);
  }
  return {rows, cols, {numbers.values.begin(), numbers.values.end()}};
}

Matrix read_transposed(const Json& list, std::size_t rows, std::size_t cols, const std::string& name) {
  const Matrix stored = read_matrix(list, cols, rows, name);
  Matrix result{rows, cols, std::vector<Real>(rows * cols)};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < cols; ++c) result.values[i * cols + c] = stored.values[c * rows + i];
  }
  return result;
}

graphs::EdgeList read_edges(const Json& list, NodeId num_nodes, const std::string& name) {
  if (!list.is_array() || list.size() != 2)
    malformed(name, ": expected two lists, of sources and of targets");
  graphs::EdgeList edges;
  edges.num_nodes = num_nodes;
  edges.source = list[0].get<std::vector<NodeId>>();
  edges.target = list[1].get<std::vector<NodeId>>();
  try {
    graphs::validate(edges);
  } catch (const std::exception& error) {
    malformed(name, ": ", error.what());
  }
  return edges;
}

void Comparison::compare(const std::string& name, const std::vector<Real>& actual,
                         const std::vector<Real>& expected, double allowed, double scale) {
  ++num_compared_;
  std::ostringstream text;
  if (actual.size() != expected.size()) {
    text << name << ": " << actual.size() << " numbers, expected " << expected.size();
    failures_.push_back(text.str());
    return;
  }
  double unit = largest(expected);
  if (unit < 1e-9 * scale || unit == 0) unit = scale > 0 ? scale : 1;
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t k = 0; k < actual.size(); ++k) {
    double error = std::abs(double(actual[k]) - double(expected[k])) / unit;
    if (std::isnan(error)) error = INFINITY;
    if (error > worst) {
      worst = error;
      where = k;
    }
  }
  if (worst <= allowed) return;
  text.precision(10);
  text << name << ": entry " << where << " is " << double(actual[where]) << ", expected "
       << double(expected[where]) << " (relative error " << worst << ", allowed " << allowed << ")";
  failures_.push_back(text.str());
}

void Comparison::compare(const std::string& name, double actual, double expected, double allowed,
                         double unit) {
  ++num_compared_;
  const double error = std::abs(actual - expected);
  if (error <= allowed * unit) return;
  std::ostringstream text;
  text.precision(17);
  text << name << ": is " << actual << ", expected " << expected;
  failures_.push_back(text.str());
}

}  // namespace gnn::test
