// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>
#include <datasets/input_file.hpp>

namespace gnn::datasets {

/// A whole data set from one npz archive: edges as read_npz_edges has them, taken in both directions;
/// features
/// ("features", "x", "node_features", "attr_matrix", or a CSR matrix attr_*), labels ("labels", "y",
/// "node_labels": a class a node, -1 unknown, or N x C zeros and ones) and masks ("train_mask", "val_mask",
/// "test_mask", or train_masks and so on: N values, or K x N of which the first row counts) as far as they
/// are there. Entries not used are noted. Throws Error(input) naming the entry.
Dataset read_npz_dataset(const InputFile& file);

}  // namespace gnn::datasets
