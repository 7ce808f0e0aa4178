// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/formats/edges.hpp>
#include <datasets/formats/text_source.hpp>
#include <datasets/input_file.hpp>

namespace gnn::datasets {

// One reader for each format of edges. All throw Error(input) naming file, line and column, or byte or entry,
// when the file is malformed.

/// Lines of two node ids, perhaps with weight and type: CSV, TSV, blanks, SNAP.
RawEdges read_text_edges(TextSource& source, const EdgeOptions& options);

/// Matrix Market: a square `coordinate` matrix of pattern, real or integer values, general or symmetric. The
/// entry in row i and column j is the edge i -> j.
RawEdges read_matrix_market_edges(const InputFile& file, const EdgeOptions& options);

/// METIS .graph: line k lists the neighbours of node k, with edge weights where fmt says so. Both ends must
/// list an edge, which is then given once, and is_symmetric. Vertex weights and sizes are skipped and counted
/// in the notes.
RawEdges read_metis_edges(const InputFile& file, const EdgeOptions& options);

/// GraphML: nodes keep their ids as names; weights come from the edge attribute `weight_column`, "weight"
/// when open.
RawEdges read_graphml_edges(const InputFile& file, const EdgeOptions& options);

/// npy: integers of shape 2 x E or E x 2, sources before targets. 2 x 2 is taken as 2 x E.
RawEdges read_npy_edges(const InputFile& file, const EdgeOptions& options);

/// npz: `edge_index` (2 x E) or `edges` (E x 2), or the CSR matrix adj_indptr, adj_indices, adj_data,
/// adj_shape (adj_ may be missing), whose row i and column j are the edge i -> j. `num_nodes`, when there,
/// counts the nodes.
RawEdges read_npz_edges(const InputFile& file, const EdgeOptions& options);

}  // namespace gnn::datasets
