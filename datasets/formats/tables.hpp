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

/// Which columns of a table are meant: a name of the header, or a number from 1; empty: as usual.
struct TableOptions {
  char delimiter = 0;  ///< 0: told from the content
  std::optional<bool> header;
  std::string id_column;     ///< features: none unless the header has "id" or "node", or names are used
  std::string label_column;  ///< labels, and the column that features leave out when both share a file
  LabelKind label_kind = LabelKind::automatic;
};

struct Labels {
  std::vector<std::int32_t> labels;  ///< as in Dataset
  std::vector<std::uint8_t> targets;
  std::int32_t num_classes = 0;
  std::vector<std::string> class_names;
  std::vector<std::string> notes;
};

/// Features of all nodes from CSV or TSV (by id or one row a node), npy, npz, Matrix Market or svmlight, told from the
/// content, gzipped or not. Throws Error(input) naming file, line and column (binary: row and column).
Features read_features(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options);

/// Labels from CSV or TSV (by id or one row a node) or npy: class numbers or names, lists "a;b", or columns of 0 and 1.
Labels read_labels(const std::filesystem::path& path, const Nodes& nodes, const TableOptions& options);

/// A split: CSV of node and train|val|test, npz of train_mask, val_mask and test_mask (fold k of N when they are N x
/// nodes), or JSON lists.
Split read_split(const std::filesystem::path& path, const Nodes& nodes, std::size_t fold = 0);

}  // namespace gnn::datasets
