// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gnn/layers/config.hpp>

namespace gnn::inline GNN_PRECISION {

/// A kind of path through a typed graph: a relation, or a shorter metapath and the relation in front of it. Messages run
/// from the tail to the head, as from source to target.
struct Metapath {
  std::string name;   ///< "author-paper"; of longer ones the types on the way, "paper-author-paper", where they tell them apart,
                      ///< else of the relations on the way, "writes+written-by"
  std::size_t head = 0, tail = 0;    ///< node types
  std::size_t shorter = 0;           ///< number of the metapath, one relation shorter, that ends at the head
  std::size_t relation = 0;          ///< number of the relation that it is longer by, at the tail
};

/// All metapaths of 1 to `order` relations: result[t - 1] holds those of length t. They are numbered as in LATTE: for each
/// shorter one, in order, the relations that end where it begins. Throws Error(usage) when there are more than 1000.
std::vector<std::vector<Metapath>> metapaths(const ModelConfig& config);

/// Whose results LATTE's layers must give: result[t][m] is not 0 for a type m whose nodes layer t + 1 serves. Only what the
/// logits of the target depend on, or everything: for a loss over all relations, and for a network without classifier.
std::vector<std::vector<char>> needed_types(const ModelConfig& config, bool everything);

/// Number of the node type of that name. Throws Error(usage) when there is none.
std::size_t type_number(const ModelConfig& config, const std::string& name);

}  // namespace gnn::inline GNN_PRECISION
