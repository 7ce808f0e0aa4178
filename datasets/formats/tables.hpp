// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// The nodes that rows of a table belong to: numbers from 0, or names.
struct Nodes {
  NodeId count = 0;
  std::span<const std::string> names;  ///< empty, or one a node, ascending
};

enum class LabelKind { automatic, class_name, multi };

/// Which columns of a table are meant: a name of the header, or a number from 1; empty: as usual. Without
/// `header`, the first line is one when it holds a column that was named, a word such as "id" or "label", or
/// no number where numbers belong.
struct TableOptions {
  char delimiter = 0;  ///< 0: told from the content; ' ' stands for runs of blanks
  std::optional<bool> header;
  /// "none": one row a node, in the order of the nodes. Empty: the column that the header calls "id", "node"
  /// or the like; else the first one when nodes have names, or when a table holds labels only; else one row a
  /// node.
  std::string id_column;
  /// The column of labels, which features leave out when both share a file. Several columns of 0 and 1 with
  /// commas between them ("3,4,5"), or a beginning ("topic_*"), make a multi-label table. Empty: the column
  /// that the header calls "label", "class" or the like; else all but the ids.
  std::string label_column;
  /// The table has features and another one the labels: a label_column that its header does not name is taken as empty.
  bool labels_elsewhere = false;
  LabelKind label_kind = LabelKind::automatic;
};

struct Labels {
  std::vector<std::int32_t> labels;  ///< as in Dataset
  std::vector<std::uint8_t> targets;
  std::int32_t num_classes = 0;
  std::vector<std::string> class_names;
  std::vector<std::string> notes;
};

/// Features of all nodes from CSV or TSV (by id or one row a node), npy, npz, Matrix Market or svmlight, told
/// from the content, gzipped or not. Every node needs one row, every row one node. What the user should know
/// is added to `notes`. Throws Error(file) when the file cannot be read, Error(input) naming file, line and
/// column (binary: row and column).
Features read_features(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options,
                       std::vector<std::string>* notes = nullptr);

/// Labels from CSV or TSV (by id or one row a node) or npy: class numbers from 0, class names (numbered in
/// sorted order), lists "a;b" of either (";" is the empty list), or columns of 0 and 1. Empty, "?" and -1
/// mean unknown; with ids, a node without row is unknown too. Throws as read_features does.
Labels read_labels(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options);

/// Nodes from the first column of CSV or TSV, or the one of options.id_column, in the order of the file; other columns
/// are not read. Each node at most once. Throws as read_features does.
std::vector<NodeId> read_node_list(const std::filesystem::path& path, const Nodes& nodes, TableOptions options);

/// A split: lines of a node and train, val, test or none, in either order; such a word on each line for node
/// after node; npz of train_mask, val_mask and test_mask (row or column `fold` when they are
/// two-dimensional); or JSON lists. Named after the file unless it names itself. Throws as read_features
/// does.
Split read_split(const std::filesystem::path& path, const Nodes& nodes, std::size_t fold = 0);

}  // namespace gnn::datasets
