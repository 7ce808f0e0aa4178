// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Reads a set of many graphs in GraphSAGE's form (Hamilton et al. 2017, arXiv:1706.02216), gzipped or not: STEM-G.json,
/// STEM-feats.npy (N x F), STEM-id_map.json, STEM-class_map.json (rows of 0 and 1: the set is multi-label) and, if they are
/// there, tissue_graph_id.npy (which graph each node is in, ascending by 1 from any number) and labels-exact-row.npy.
///
/// Nodes marked "val" validate, those marked "test" test, the others train. Without tissue_graph_id.npy each part of the
/// split counts as one graph. The graph gets both directions of every edge; self-loops are removed and counted in the notes.
///
/// Throws Error(file) when a file cannot be read, Error(input) naming the file and the place when one is malformed or does
/// not fit to the others.
Dataset read_graphsage(const std::filesystem::path& folder, const std::string& name);

/// Whether the folder has a file *-G.json.
bool has_graphsage(const std::filesystem::path& folder);

/// Reads the form in which DGL and GAT use PPI: PART_graph.json, PART_feats.npy, PART_labels.npy and PART_graph_id.npy for
/// each PART of train, valid and test, one after the other. Graph ids are numbered from 0; self-loops stay as they are.
Dataset read_dgl_ppi(const std::filesystem::path& folder, const std::string& name);

/// Whether the folder has train_graph.json and train_feats.npy.
bool has_dgl_ppi(const std::filesystem::path& folder);

/// The DGL form made from the GraphSAGE form: the largest connected component of a graph keeps its id, every smaller one
/// gets the first id of its part of the split, and nodes are sorted by that id. Features are standardised with mean and
/// standard deviation of the training nodes (a constant column is divided by 1). Every node gets exactly one self-loop.
/// Throws Error(input) when a graph has nodes of several parts.
Dataset derive_dgl_ppi(const Dataset& graphsage);

}  // namespace gnn::datasets
