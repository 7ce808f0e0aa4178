// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <datasets/formats/npy.hpp>

namespace gnn::datasets {

/// The nodes that are true (or 1) in a row of an array of masks, which has num_nodes columns; one mask alone has a single
/// dimension and row 0. Throws Error(input) when the array is no such thing.
std::vector<NodeId> nodes_of_mask(const NpyArray& masks, std::size_t row, NodeId num_nodes);

/// validate(split), with the name of the file before the message.
void check_masks(const Split& split, NodeId num_nodes, const std::string& file);

}  // namespace gnn::datasets
