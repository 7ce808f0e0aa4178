// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <datasets/formats/tables.hpp>

/// The readers of NumPy files behind tables.hpp. Rows are nodes, in their order.
namespace gnn::datasets {

/// Labels from an integer array: a class for each node, or N x C zeros and ones.
Labels read_npy_labels(std::span<const std::byte> bytes, const std::string& file, NodeId num_nodes);

/// A split from the arrays train_mask, val_mask and test_mask (or ..._masks) of zeros and ones: one a node, K
/// x N or N x K.
Split read_npz_split(std::span<const std::byte> bytes, const std::string& file, NodeId num_nodes,
                     std::size_t fold);

}  // namespace gnn::datasets
