// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>
#include <datasets/formats/edges.hpp>

namespace gnn::datasets {

/// Completes a data set that one file holds: the graph from its edges (duplicates merged; both directions of
/// every edge unless `directed`, or the edges are symmetric already), no features and unknown labels where
/// there are none. What was done is written to the notes. Throws Error(input) when the parts do not fit
/// together.
void finish_dataset(Dataset& data, RawEdges& raw, bool directed);

/// Sets labels from class numbers, -1: unknown. Throws Error(input) naming `where` and the row.
void set_labels(Dataset& data, std::span<const std::int64_t> classes, const std::string& where);

/// Sets the targets of a data set whose nodes are in any number of classes: N x classes zeros and ones.
void set_targets(Dataset& data, std::vector<std::uint8_t> targets, std::size_t classes);

/// The nodes whose mask is not 0.
std::vector<NodeId> masked(std::span<const std::int64_t> mask);

}  // namespace gnn::datasets
