// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/layer.hpp>

namespace gnn::inline GNN_PRECISION {

struct LinearOptions {
  std::size_t in = 0, out = 0;  ///< columns
  bool bias = true;
  bool relu = false;   ///< max(0, y) at the end
  double dropout = 0;  ///< of the input
  /// How the weight starts: uniform in +-scale, or normal with that deviation. The bias starts at zero.
  Parameters::Start start = Parameters::Start::uniform;
  double scale = 0;
};

/// A dense map of each node by itself: y = x W + b, x after dropout, and ReLU where asked for. On one-hot features it is a
/// table with a row for each.
///
/// Parameters, prefixed with the given name: weight (in x out), bias (1 x out).
/// Stream: the given one, for the dropout.
class Linear {
 public:
  static constexpr std::uint32_t num_streams = 1;

  /// Throws Error(usage), with the name of the map in the text, for options out of range.
  Linear(const LinearOptions& options, Parameters& parameters, const std::string& name, std::uint32_t stream);

  /// x: N x in; returns N x out. ids as in dropout(). Throws Error(mismatch) when x has other than the expected columns.
  Var forward(Tape& tape, const Parameters& parameters, const Input& x, const Array<NodeId>& ids) const;

  std::size_t output_width() const { return options_.out; }

 private:
  LinearOptions options_;
  std::string name_;
  std::uint32_t stream_;
  std::size_t weight_, bias_ = 0;
};

/// A layer of a multilayer perceptron: a Linear that does not look at edges, what everything that does should beat.
class MlpLayer final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = Linear::num_streams;

  MlpLayer(const LinearOptions& options, Parameters& parameters, const std::string& name, std::uint32_t first_stream)
      : linear_(options, parameters, name, first_stream) {}

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const override;
  std::size_t output_width() const override { return linear_.output_width(); }

 private:
  Linear linear_;
};

/// Layer k (from 0) of a model.
std::unique_ptr<Layer> make_mlp(const ModelConfig& config, std::size_t k, Parameters& parameters, std::uint32_t first_stream);

}  // namespace gnn::inline GNN_PRECISION
