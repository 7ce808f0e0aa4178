// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/layers/parameters.hpp>

namespace gnn::inline GNN_PRECISION {

struct ModelConfig;
struct TypedInput;

/// Node features that a layer reads: a dense matrix, or a sparse one, which only a first layer sees. A network for typed
/// graphs gets the features of each type with the relations between them.
struct Input {
  Input(Var x) : dense(std::move(x)) {}
  Input(const SparseMatrix& x) : sparse(&x) {}
  Input(const TypedInput& x) : typed(&x) {}

  std::size_t rows() const { return sparse ? sparse->rows() : dense.rows(); }
  std::size_t cols() const { return sparse ? sparse->cols() : dense.cols(); }

  Var dense;
  const SparseMatrix* sparse = nullptr;
  const TypedInput* typed = nullptr;
};

/// What a layer gives: features, and a loss of its own to be added, if it has one (undefined else).
struct Output {
  Var y;
  Var loss;
};

/// Weights that a layer gave to edges, for people to read: E x heads, edges in the order of adjacency.in().
struct EdgeWeights {
  std::string name;  ///< of the layer or hop: "layer1", "hop3"
  Tensor weights;
};

/// How much the relations into a node, and the node itself, counted for it, for people to read.
struct RelationGates {
  std::string name;                    ///< of the layer: "layer1"
  std::vector<std::string> relations;  ///< metapaths into the type that is classified, and "self" behind them
  Tensor gates;                        ///< its nodes x relations; a row sums to one
};

/// One layer of a model. Its numbers live in the model's Parameters; a layer keeps their places and its options, and
/// forward() is its formula, written with ops.
class Layer {
 public:
  virtual ~Layer() = default;

  /// Begins what forward() does whatever its input is, such as draws, before the layers in front of it: for a device that can do
  /// both at once. Nothing, unless a layer says else.
  virtual void begin_ahead(Tape&, const Adjacency&) const {}

  /// x: S x in; returns R x (output width), for an adjacency of S sources, the first R of which are the targets (a plain
  /// graph: S = R = N).
  /// Throws Error(mismatch) when x has other than the expected columns.
  virtual Output forward(Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x) const = 0;

  virtual std::size_t output_width() const = 0;

  /// For a network that is one layer: the node vectors that it computes on its way to the logits, first to last.
  virtual std::vector<Var> hidden(Tape&, const Parameters&, const Adjacency&, const Input&) const { return {}; }

  /// What each edge counted for in forward(): attention before its dropout, or the fixed weights of a layer without
  /// attention. Takes an inference tape. Empty: the layer does not look at edges.
  virtual std::vector<EdgeWeights> explain(Tape&, const Parameters&, const Adjacency&, const Input&) const { return {}; }

  /// For a network on a typed graph: what each relation counted for, for each node of the type that is classified. Takes
  /// an inference tape.
  virtual std::vector<RelationGates> relation_gates(Tape&, const Parameters&, const Input&) const { return {}; }
};

}  // namespace gnn::inline GNN_PRECISION
