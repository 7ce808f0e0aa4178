// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/formats/edges.hpp>
#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// A typed graph from edges whose types are called SOURCE-TARGET ("author-paper"): one relation a type, node types in
/// sorted order. Numbers count within a node type: a type has as many nodes as its largest number says, or of names those
/// that occur with it. Duplicates are those within a relation; how many were merged is noted. Nothing is known of
/// the nodes yet. Throws Error(input) when edges have no types or one is called otherwise, or for a duplicate that must
/// not be.
TypedDataset typed_graph(const RawEdges& raw, Duplicates duplicates = Duplicates::merge);

}  // namespace gnn::datasets
