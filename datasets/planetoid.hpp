// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// The files of a Planetoid set NAME are called ind.NAME.x and so on.
inline constexpr std::array<std::string_view, 8> planetoid_parts = {"x",    "y",    "tx",    "ty",
                                                                    "allx", "ally", "graph", "test.index"};

/// Whether at least one file ind.NAME.* of the eight stands in the folder.
bool has_planetoid(const std::filesystem::path& folder, const std::string& name);

/// Reads the set NAME from the eight files ind.NAME.{x,y,tx,ty,allx,ally,graph,test.index} in `folder`, the
/// form in which Yang et al. 2016 (arXiv:1603.08861) published Cora, Citeseer and Pubmed.
///
/// Nodes 0 to A-1 are the rows of allx and ally; row i of tx and ty is the node on line i of test.index, A or
/// more. A node of the graph that neither covers (Citeseer has 15) gets no features and the label -1. The
/// public split trains on the rows of x, validates on the next 500 of allx (fewer where there are fewer),
/// tests on test.index. The graph gets both directions of every edge; duplicates and self-loops are removed.
/// Each of these is counted in the notes.
///
/// Throws Error(file) when none of the files is there or one cannot be read, and Error(input) when one is
/// missing beside the others, is malformed, or does not fit to the others.
Dataset read_planetoid(const std::filesystem::path& folder, const std::string& name);

}  // namespace gnn::datasets
