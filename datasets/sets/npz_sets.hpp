// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Sets that are one npz file. Each function throws Error(file) when the file cannot be read, Error(input) naming the entry
/// when one is missing or malformed. What was done to the edges is counted in the notes.

/// A file of Platonov et al. 2023 (arXiv:2302.11640): node_features N x F, node_labels N, edges E x 2, and train_masks,
/// val_masks, test_masks with a split a row. The split is that of row `fold`. When the name of the file ends in _directed,
/// edges keep their direction; else the graph gets both.
Dataset read_heterophilous(const std::filesystem::path& path, const std::string& name, std::size_t fold = 0);

/// Only the split of row `fold`, for a set of num_nodes nodes. A node may be in no part.
Split heterophilous_split(const std::filesystem::path& path, NodeId num_nodes, std::size_t fold);

/// A file of Shchur et al. 2018 (arXiv:1811.05868), Amazon and Coauthor: sparse matrices adj_* and attr_*, labels, and
/// perhaps class_names and node_names. The graph gets both directions of every edge. There is no public split.
Dataset read_shchur(const std::filesystem::path& path, const std::string& name);

enum class NpzFamily { none, heterophilous, shchur };

/// Which of the two forms the file has, told from the names of its entries.
NpzFamily npz_family(const std::filesystem::path& path);

}  // namespace gnn::datasets
