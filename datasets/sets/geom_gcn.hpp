// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Reads out1_graph_edges.txt and out1_node_feature_label.txt (gzipped or not) in `folder`, the form in which Pei et al.
/// 2020 (arXiv:2002.05287) published Chameleon, Squirrel, Actor ("film"), Texas, Cornell and Wisconsin, and split 0 of
/// those beside them, if there are any.
///
/// Both files begin with a header. A line of the second is a node, its features and its class, separated by tabs; the
/// features are values of 0 or 1, or, when the header has "feature_amount", the numbers of those that are 1. Nodes are
/// placed by their number. The graph gets both directions of every edge; duplicates and self-loops are removed. Each of
/// these is counted in the notes.
///
/// Throws Error(file) when a file cannot be read, Error(input) naming file, line and column when one is malformed.
Dataset read_geom_gcn(const std::filesystem::path& folder, const std::string& name);

/// The same from the text of both files, whose names are for messages; without a split.
Dataset parse_geom_gcn(std::string_view nodes, std::string_view edges, const std::string& name,
                       const std::string& nodes_file, const std::string& edges_file);

/// Whether a file of `folder` or of folder/geom-gcn-splits is called *_split_0.6_0.2_N.npz for some N.
bool has_geom_splits(const std::filesystem::path& folder);

/// Split n of those that Pei et al. published beside a set: from NAME_split_0.6_0.2_N.npz, with masks of all nodes, in
/// folder/geom-gcn-splits or in `folder`. Where these hold the splits of several sets, data.name tells which one is meant
/// ("film" for actor). A node may be in no part. Throws Error(file) when there is no such file, Error(input) when it is
/// malformed or its masks overlap or have another length.
Split geom_split(const Dataset& data, const std::filesystem::path& folder, std::size_t n);

}  // namespace gnn::datasets
