// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// The text of the files of a set in HGB form.
struct HgbText {
  std::string_view nodes, links, labels, test_labels, info;
};

/// Reads node.dat, link.dat, label.dat, label.dat.test and info.dat (gzipped or not) in `folder`, the form of the
/// Heterogeneous Graph Benchmark (Lv et al. 2021, arXiv:2112.14936).
///
/// A line of node.dat is the number of a node, its name, its type and its features; nodes are numbered from 0 and grouped
/// by type. A line of link.dat is source, target, link type and weight. Each link type becomes a relation with the name
/// that info.dat gives it; self-loops stay. A line of the label files is a node, its name, its type and its class, or its
/// classes separated by commas: then the set is multi-label. All labelled nodes must be of one type, the target.
/// 80 % of the nodes in label.dat, drawn with seed 0, train and the others validate; those in label.dat.test test.
///
/// Throws Error(file) when a file cannot be read, Error(input) naming file, line and column when one is malformed.
TypedDataset read_hgb(const std::filesystem::path& folder, const std::string& name);

/// The same from text; messages name the files as `folder` of them would.
TypedDataset parse_hgb(const HgbText& text, const std::string& name, const std::filesystem::path& folder = {});

}  // namespace gnn::datasets
