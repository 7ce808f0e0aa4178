// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <gnn/train/field.hpp>

namespace gnn::inline GNN_PRECISION {

/// Some nodes of a data set in batches of whole graphs. Data of one graph make one batch.
class Batches {
 public:
  /// nodes ascend. Graphs without a labelled node among them are left out. Throws Error(usage) for batches of 0 graphs.
  Batches(const GraphData& data, std::span<const NodeId> nodes, std::int64_t graphs_a_batch);

  std::size_t size() const { return (graphs_.size() + graphs_a_batch_ - 1) / graphs_a_batch_; }

  /// Whether fields of the batches can be made once and kept: shuffling changes no more than their order, since there is a
  /// single one or each is one graph, and they are not so many that their number matters.
  bool are_kept() const {
    constexpr std::size_t most_kept = 256;
    return size() <= 1 || (graphs_a_batch_ == 1 && size() <= most_kept);
  }

  /// Deals the graphs to batches anew, in an order that depends on seed and epoch only. A single batch stays as it is.
  void shuffle(std::uint64_t seed, std::uint32_t epoch);

  /// The nodes of batch k, ascending.
  std::vector<NodeId> nodes(std::size_t k) const;

  /// Of batches that are kept: for each one, as they are dealt now, which it was before they were ever shuffled.
  std::vector<std::size_t> order() const;

 private:
  std::vector<std::vector<NodeId>> graphs_;  // the nodes of each
  std::vector<std::size_t> order_;           // of the graphs
  std::size_t graphs_a_batch_;
};

/// A field for each batch, as the batches are dealt now.
std::vector<Field> make_fields(Context& ctx, const GraphData& data, const Batches& batches, Pass pass = Pass::training);

}  // namespace gnn::inline GNN_PRECISION
