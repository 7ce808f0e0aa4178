// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <datasets/dataset.hpp>
#include <datasets/formats/npz.hpp>
#include <graphs/edge_list.hpp>

namespace gnn::datasets {

/// The compressed sparse rows that an archive holds under PREFIXdata, PREFIXindices, PREFIXindptr and PREFIXshape, as SciPy
/// writes them. Columns of a row may stand in any order. Throws Error(input) naming the entry when they are no such matrix,
/// or a row holds a column twice.
Features csr_features(Npz& npz, const std::string& prefix);

/// A square matrix of ones in the same form, as edges from rows to columns. Throws Error(input) on values other than 1.
graphs::EdgeList csr_edges(Npz& npz, const std::string& prefix);

}  // namespace gnn::datasets
