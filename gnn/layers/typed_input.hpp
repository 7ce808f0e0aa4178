// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>
#include <vector>

#include <gnn/layers/layer.hpp>
#include <gnn/layers/metapaths.hpp>
#include <graphs/join.hpp>

namespace gnn::inline GNN_PRECISION {

/// The edges of a metapath: rows are nodes of its head, columns nodes of its tail.
struct Join {
  Join() = default;
  Join(Context& ctx, graphs::NumberedEdges joined)
      : edges(std::move(joined)), adjacency(ctx.pool(), edges.edges) {}

  std::size_t num_edges() const { return edges.values.size(); }

  graphs::NumberedEdges edges;  ///< on the host, where they are joined further
  Adjacency adjacency;          ///< on the device
};

/// The relations of a typed graph and, where they stay the same for all steps, longer metapaths.
struct MetapathGraph {
  std::vector<std::size_t> num_nodes;    ///< of each type
  std::vector<std::vector<Join>> joins;  ///< [t - 1][k]: metapath k of length t; longer ones may be missing or empty

  std::size_t num_edges() const;  ///< of all relations
};

/// What a network on a typed graph reads.
struct TypedInput {
  const MetapathGraph* graph = nullptr;
  std::vector<Input> features;  ///< one a type: dense, sparse or, for a type without features, an undefined Var

  /// Pairs that stand in for the negative ones that a loss would draw, for [t - 1, k]. For worked examples.
  std::map<std::pair<std::size_t, std::size_t>, Adjacency> negatives = {};
};

/// Makes the edges of relations single and joins them as far as the model of this config can do so ahead of time.
/// relations: in the order of the config's, rows are targets. Throws Error(mismatch) when one has other sizes than its types.
MetapathGraph metapath_graph(Context& ctx, const ModelConfig& config, std::vector<std::size_t> num_nodes,
                             const std::vector<graphs::Csr>& relations);

}  // namespace gnn::inline GNN_PRECISION
