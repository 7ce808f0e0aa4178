// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <gnn/layers/layer.hpp>

#include "case_file.hpp"

namespace gnn::test {

/// A worked case of a network that is one layer: its graph, its weights, and one pass there and back.
class NetworkCase {
 public:
  /// Where a matrix of the model stands in a file: entry(rows of the object) for the matrix of this name, in
  /// the model's shape. Throws for a missing key.
  using ReadParameter = std::function<Matrix(const Json& object, const Parameters::Entry& entry)>;

  NetworkCase(Context& ctx, const Json& file);

  const Json& config() const { return config_; }
  std::size_t nodes() const { return nodes_; }
  const Matrix& x() const { return x_; }
  Parameters& parameters() { return parameters_; }

  /// The edges that the network sees; `position` has the place of each edge of the file, in its order, in the
  /// rows by target.
  void set_graph(const graphs::EdgeList& edges);
  const Adjacency& adjacency() const { return adjacency_; }
  const std::vector<EdgeOffset>& position() const { return position_; }

  /// Loads the weights, runs the network, and compares output, loss, metrics and all gradients. `names`: the
  /// keys that `params` may have.
  Comparison run(const Layer& layer, const ReadParameter& read, const std::vector<std::string>& names);

 private:
  void check_names(const std::vector<std::string>& names) const;

  Context& ctx_;
  const Json& file_;
  const Json& config_;
  std::size_t nodes_ = 0;
  Matrix x_;
  Parameters parameters_;
  Adjacency adjacency_;
  std::vector<EdgeOffset> position_;
};

// A plain program in float was within 4e-6 on the files of deep networks.
inline constexpr double deep_gradient_tolerance = tolerance(2e-5, 1e-10);

}  // namespace gnn::test
