// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <datasets/dataset.hpp>

/// Splits made by chance, and splits as text. The same arguments give the same split on every platform. Nodes
/// without label (-1) are in no part.
namespace gnn::datasets {

/// Throws Error(input) unless the lists are ascending, disjoint (val and test may be equal) and hold nodes below num_nodes.
void validate(const Split& split, NodeId num_nodes);

/// `train` nodes of each class train, `val` nodes of each class validate, all others test: the usual split of
/// sets without a public one (Shchur et al. 2018, arXiv:1811.05868, with 20 and 30). Throws Error(usage) when
/// a class has fewer than train + val nodes.
Split random_split(std::span<const std::int32_t> labels, std::size_t train, std::size_t val,
                   std::uint64_t seed);

/// The share `train` of the nodes trains, the share `val` validates, the rest tests. Throws Error(usage)
/// unless both are at least 0 and their sum is at most 1.
Split ratio_split(std::span<const std::int32_t> labels, double train, double val, std::uint64_t seed);

/// k splits: the nodes fall into k parts of nearly equal size; split i tests on part i, validates on part i +
/// 1 (after the last comes the first) and trains on the others. Throws Error(usage) unless k is at least 3
/// and at most the number of nodes with label.
std::vector<Split> kfold_splits(std::span<const std::int32_t> labels, std::size_t k, std::uint64_t seed);

/// The shares `train` and `val` of the graphs, with all of their nodes. graph_id: as in Dataset. Throws
/// Error(usage) as ratio_split does, and when graph_id is empty.
Split graph_split(std::span<const std::int32_t> graph_id, double train, double val, std::uint64_t seed);

/// {"name": ..., "train": [...], "val": [...], "test": [...]} and a line feed.
std::string to_json(const Split& split);

/// "node,split" and a line for every node of the split, by node; nodes are called by their names where there are some.
std::string to_csv(const Split& split, std::span<const std::string> node_names);

/// The split in a text of to_json; `file` names it in messages. The lists may be in any order. Throws Error(input)
/// when the text is something else or the split does not fit a graph of num_nodes nodes.
Split split_from_json(std::string_view text, const std::string& file, NodeId num_nodes);

}  // namespace gnn::datasets
