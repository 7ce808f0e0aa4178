// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <apps/cli/settings.hpp>
#include <datasets/formats/edges.hpp>
#include <datasets/formats/isolated.hpp>
#include <datasets/formats/tables.hpp>

/// What the flags about a graph of one's own say, in the words of the readers. All throw Error(usage) for what cannot be.
namespace gnn::apps {

/// The value of a flag, or "".
std::string optional_text(const Settings& settings, std::string_view name);

datasets::EdgeOptions edge_options(const Settings& settings);
datasets::GraphOptions graph_options(const Settings& settings);
datasets::TableOptions table_options(const Settings& settings);    ///< of labels and lists of nodes
datasets::TableOptions feature_options(const Settings& settings);  ///< of a table of features

/// The tables of features and labels, where they are given.
std::vector<datasets::NodeTable> node_tables(const Settings& settings);

/// The file of --edges, which is there. Throws Error(file) when it is not, Error(memory) when it is too large.
const std::string& file_of_edges(const Settings& settings);

}  // namespace gnn::apps
