// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/formats/edges.hpp>
#include <datasets/formats/npz.hpp>
#include <datasets/formats/tables.hpp>

namespace gnn::datasets {

/// Which way a list of pairs lies: rows 2 x E, columns E x 2; automatic: what the shape says, rows for 2 x 2.
enum class PairAxis { automatic, rows, columns };

/// Edges from an array of integers of shape 2 x E or E x 2. `declared` is the number of nodes, 0 when
/// unknown.
RawEdges edges_of_array(const NpyArray& array, PairAxis axis, std::uint64_t declared,
                        const EdgeOptions& options);

/// The edges of an archive, as read_npz_edges says.
RawEdges edges_of_npz(Npz& npz, const EdgeOptions& options);

/// Features from a dense array of N or N x F numbers.
Features features_of_array(const NpyArray& array, NodeId num_nodes);

/// The features of an archive: a CSR matrix under attr_ or, where `alone`, without prefix, or a dense array
/// of one of the usual names or, where `alone`, the only one. None: `alone` throws Error(input), else no
/// columns are returned.
Features features_of_npz(Npz& npz, NodeId num_nodes, bool alone);

/// A CSR matrix as scipy keeps it: PREFIXdata, PREFIXindices, PREFIXindptr and PREFIXshape, checked against
/// each other.
struct CsrArrays {
  std::size_t rows = 0, columns = 0;
  std::vector<std::int64_t> offsets, indices;
  std::vector<float> values;
};
bool has_csr(const Npz& npz, const std::string& prefix);

/// Throws Error(input) naming the entry when offsets, indices, data and shape do not fit together.
CsrArrays csr_of_npz(Npz& npz, const std::string& prefix);

/// The same as features. Throws Error(input) also when a row holds a column twice.
Features csr_features(Npz& npz, const std::string& prefix);

}  // namespace gnn::datasets
