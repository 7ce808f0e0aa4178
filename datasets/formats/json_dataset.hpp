// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>
#include <datasets/input_file.hpp>

namespace gnn::datasets {

/// A whole data set from one JSON file:
///
///   {"edges": [[0, 1], [1, 2]],                 pairs, or all of them triples with a weight
///    "num_nodes": 3, "directed": false, "name": "tiny", "weights": [1, 0.5],
///    "features": [[0, 1], ...], "labels": [0, 1, null] or ["a", "b", null] or [[0, 1], ...],
///    "class_names": [...], "node_names": [...], "split": {"train": [0], "val": [1], "test": [2]}}
///
/// Only the edges are needed. Other keys are noted and skipped. Throws Error(input) naming line and column.
Dataset read_json_dataset(const InputFile& file);

}  // namespace gnn::datasets
