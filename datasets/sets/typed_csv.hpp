// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// Reads a typed graph from a folder of CSV files: the sets of Yun et al. 2019 (arXiv:1911.06455, "GTN"), or a user's own.
///
/// A-B.csv (gzipped or not) has the header "A,B" and an edge from a node of type A to one of type B a line, both counted
/// from 0 within their type. It becomes the relation "A-B"; where A and B differ and there is no B-A.csv, "B-A" is added as
/// its reverse. A-features.npz holds a SciPy CSR matrix with a row for each node of A. Exactly one A-labels.csv, with the
/// header "node,class,split", gives the class and the part (train, val or test) of nodes of the target type A; others have
/// no label. Types stand in sorted order behind the target. A type has as many nodes as its features have rows, without
/// features as many as the largest number in its files + 1.
///
/// Throws Error(file) when a file cannot be read, Error(input) naming file, line and column when one is malformed or the
/// folder has no relation or not one file of labels.
TypedDataset read_typed_csv(const std::filesystem::path& folder, const std::string& name);

/// Whether the folder has a file *-labels.csv and another one *-*.csv.
bool has_typed_csv(const std::filesystem::path& folder);

}  // namespace gnn::datasets
