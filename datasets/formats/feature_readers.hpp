// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/formats/tables.hpp>
#include <datasets/input_file.hpp>

namespace gnn::datasets {

// One reader for each binary or sparse format of features. All want one row a node and throw Error(input)
// naming the file and the line and column, or the row and column, when it is malformed. Zeros of dense
// matrices are not stored.

/// npy: numbers of shape N x F; N alone is one feature a node.
Features read_npy_features(const InputFile& file, NodeId num_nodes);

/// npz: a matrix as scipy.sparse.save_npz writes it (CSR: data, indices, indptr, shape), perhaps with attr_
/// before the names, or one dense array ("features", "x", "node_features", "attr_matrix" or the only one).
Features read_npz_features(const InputFile& file, NodeId num_nodes);

/// Matrix Market: coordinate (pattern, real or integer, general) or array (real or integer, general).
Features read_matrix_market_features(const InputFile& file, NodeId num_nodes);

/// svmlight: "LABEL INDEX:VALUE ...", one line a node, indices ascending, counted from 1 unless 0 occurs.
/// `labels`, when given, becomes the whole numbers in front, as classes in ascending order; lists of labels
/// are refused.
Features read_svmlight_features(const InputFile& file, NodeId num_nodes, Labels* labels = nullptr);

}  // namespace gnn::datasets
