// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <datasets/dataset.hpp>
#include <gnn/autograd/score.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/layers/config.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/typed_field.hpp>

namespace gnn::inline GNN_PRECISION {

/// What a model needs to give logits for some nodes: for each layer the edges into the nodes whose results the next one
/// reads, and the features of the nodes that the first one reads. It is a whole graph, or for few labelled nodes on a
/// large graph a small part of it with the same results, or some of many graphs side by side.
struct Field {
  std::vector<Adjacency> layers;  ///< one a layer, first to last; the sources of each are the targets of the one before
  SparseMatrix sparse;            ///< the features, when at most a quarter of them is not zero
  Tensor dense;                   ///< the features otherwise
  std::shared_ptr<const TypedField> typed;  ///< a typed graph, in place of all these; null: a plain one
  Labels labels;                  ///< of the logits' rows

  std::size_t num_nodes() const {  ///< rows of the logits
    return typed ? typed->graph.num_nodes[typed->target] : layers.back().num_targets();
  }
};

/// A data set made ready for a model: features normalised and self-loops added as its config says.
struct GraphData {
  /// On the device: the graphs with all their nodes, in their order. A large one, as most data have, is alone; small ones
  /// stand side by side.
  std::vector<Field> parts;
  Labels train, val, test;    ///< of the logits of all nodes

  /// The same on the host, where fields are cut out of it.
  struct Source {
    graphs::Csr graph;
    datasets::Features features;
    std::vector<std::int32_t> labels;
    std::vector<std::uint8_t> targets;
    std::size_t num_classes = 0, num_layers = 0;
    Reach reach = Reach::layers;  ///< of the model; whole when the features were given on the device
    std::vector<NodeId> first_node;  ///< of each graph, and behind them the number of nodes
    datasets::Split split;
    /// Of a typed graph: all of it, and for inductive training what validation and training may see.
    std::shared_ptr<const TypedField> typed, val_view, train_view;
  };
  std::shared_ptr<const Source> source;

  std::size_t num_nodes() const { return std::size_t(source->graph.num_rows()); }
  std::size_t num_edges() const {
    return source->typed ? source->typed->graph.num_edges() : std::size_t(source->graph.num_edges());
  }
};

/// Throws Error(mismatch) when the data's features, classes, kind of labels, node types or relations are not those of the
/// config, and Error(input) when graph_id falls, or an edge joins two graphs.
///
/// inductive: of a typed graph, training sees no edge that touches a target node that validates or tests, and validation
/// none of one that tests. Throws Error(usage) for a plain graph.
///
/// features: N x F on the device of `ctx`, in place of data.features; empty: those. They are not copied, so they must stay as
/// they are, and a model trains on the whole graph then, because a part of it would need rows of its own. What else is
/// in `data` (structure, labels) is copied to the device. Throws Error(mismatch) when they are elsewhere or of another size,
/// and Error(usage) for a typed graph, for several graphs, and when the config normalises.
GraphData prepare(Context& ctx, const datasets::Dataset& data, const ModelConfig& config, bool inductive = false,
                  const Tensor& features = {});

enum class Pass { training, evaluation };

/// What `nodes`, ascending, depend on. Its labels are theirs, in the same order, which is that of the logits' first rows.
/// Of many graphs those with one of the nodes stand side by side, without an edge between them. For a model that needs
/// whole graphs in that pass it is these with all their nodes, and the labels say which rows they belong to; on a GPU likewise
/// for nodes that depend on a third or more of a large graph, which then is there once.
Field make_field(Context& ctx, const GraphData& data, std::span<const NodeId> nodes, Pass pass = Pass::training);

}  // namespace gnn::inline GNN_PRECISION
