// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <graphs/build_csr.hpp>
#include <graphs/csr.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::datasets {

enum class EdgeFormat { automatic, csv, tsv, space, snap, matrix_market, metis, graphml, npy, npz };

/// How a file of edges is to be read. What is left open is told from the content.
struct EdgeOptions {
  EdgeFormat format = EdgeFormat::automatic;
  char delimiter = 0;          ///< of text; 0: told from the content; ' ' stands for runs of blanks
  std::optional<bool> header;  ///< whether the first line of text names the columns
  std::string source_column, target_column, weight_column, type_column;  ///< name or number from 1; empty: as usual
  bool string_ids = false;                                               ///< nodes have names, numbered in sorted order
  std::optional<std::int64_t> index_base;  ///< 0 or 1; open: 1 in Matrix Market and METIS, else 0
  std::int64_t num_nodes = 0;              ///< 0: the largest id + 1
  bool relabel = false;                    ///< numbers are names: only the nodes that occur are kept, in ascending order
};

/// What a file of edges says, before anything is changed.
struct RawEdges {
  graphs::EdgeList edges;
  std::vector<std::string> node_names;  ///< empty, or one a node
  std::vector<std::int32_t> types;      ///< empty, or the type of each edge
  std::vector<std::string> type_names;
  bool is_symmetric = false;            ///< the format says that each edge counts in both directions (Matrix Market symmetric)
  std::vector<std::string> notes;       ///< what the user should know: "3 comment lines skipped"
};

/// Reads a file of edges of any known format, gzipped or not. Throws Error(file) when it cannot be read, and Error(input)
/// naming file, line and column, or byte, when it is malformed.
RawEdges read_edges(const std::filesystem::path& path, const EdgeOptions& options);

using graphs::Duplicates;
using graphs::SelfLoops;

/// How edges become a graph.
struct GraphOptions {
  bool directed = false;  ///< else every edge is taken in both directions
  Duplicates duplicates = Duplicates::merge;
  SelfLoops self_loops = SelfLoops::keep;
};

/// The graph of these edges, whose arrays are freed on the way. Duplicates are merged after both directions are there
/// (weights add up). What was done is counted in `notes`.
graphs::Csr build_graph(RawEdges& raw, const GraphOptions& options, std::vector<std::string>& notes);

}  // namespace gnn::datasets
