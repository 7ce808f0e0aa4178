// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <apps/cli/settings.hpp>
#include <datasets/dataset.hpp>
#include <datasets/typed_dataset.hpp>
#include <graphs/build_csr.hpp>

namespace gnn::apps {

/// The graph of --edges with the features and labels of --features and --labels; it has no split yet. Without features
/// every node gets a constant and log(1 + degree), which a note says. Throws Error(usage) for options that do not go
/// together, and what the readers throw. self_loops: what becomes of them, which a note says.
datasets::Dataset load_own_graph(const Settings& settings, graphs::SelfLoops self_loops = graphs::SelfLoops::keep);

/// The same for edges with types of their own (--type), called SOURCE-TARGET: a typed graph. --features and --labels are
/// those of the nodes of --target; the other types have none. Throws as load_own_graph() does.
datasets::TypedDataset load_own_typed_graph(const Settings& settings);

/// The nodes of --nodes. Throws what read_node_list throws.
std::vector<NodeId> load_node_list(const Settings& settings, const datasets::Dataset& data);

/// Throws Error(usage) when options about a graph of one's own are given without --edges.
void refuse_own_graph_options(const Settings& settings);

}  // namespace gnn::apps
