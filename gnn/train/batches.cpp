// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/batches.hpp>

#include <algorithm>
#include <numeric>

#include <gnn/core/philox.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Layers draw from low streams, initial weights from the upper half at step 0 only: the last one is free for epochs.
constexpr std::uint32_t stream = max_streams - 1;

}  // namespace

Batches::Batches(const GraphData& data, std::span<const NodeId> nodes, std::int64_t graphs_a_batch)
    : graphs_a_batch_(std::size_t(graphs_a_batch)) {
  check(graphs_a_batch >= 1, "batch: must be 1 or greater, got ", graphs_a_batch);
  const std::vector<NodeId>& first = data.source->first_node;
  for (std::size_t g = 0; g + 1 < first.size(); ++g) {
    const auto begin = std::ranges::lower_bound(nodes, first[g]), end = std::ranges::lower_bound(nodes, first[g + 1]);
    const bool labelled = std::any_of(begin, end, [&](NodeId i) { return data.source->labels[std::size_t(i)] >= 0; });
    if (labelled) graphs_.emplace_back(begin, end);
  }
  order_.resize(graphs_.size());
  std::iota(order_.begin(), order_.end(), std::size_t(0));
}

void Batches::shuffle(std::uint64_t seed, std::uint32_t epoch) {
  std::iota(order_.begin(), order_.end(), std::size_t(0));
  if (size() <= 1) return;
  for (std::size_t k = order_.size(); k-- > 1;) {
    const PhiloxWords words = philox(feature_counter(k, stream, epoch), std::uint32_t(seed), std::uint32_t(seed >> 32));
    std::swap(order_[k], order_[std::size_t((std::uint64_t(words[k % 4]) * (k + 1)) >> 32)]);
  }
}

std::vector<NodeId> Batches::nodes(std::size_t k) const {
  const std::size_t first = k * graphs_a_batch_, last = std::min(order_.size(), first + graphs_a_batch_);
  std::vector<std::size_t> dealt(order_.begin() + std::ptrdiff_t(first), order_.begin() + std::ptrdiff_t(last));
  std::ranges::sort(dealt);
  std::vector<NodeId> nodes;
  for (const std::size_t g : dealt) nodes.insert(nodes.end(), graphs_[g].begin(), graphs_[g].end());
  return nodes;
}

std::vector<std::size_t> Batches::order() const {
  return graphs_a_batch_ == 1 ? order_ : std::vector<std::size_t>(size(), 0);
}

std::vector<Field> make_fields(Context& ctx, const GraphData& data, const Batches& batches, Pass pass) {
  std::vector<Field> fields;
  for (std::size_t k = 0; k < batches.size(); ++k) fields.push_back(make_field(ctx, data, batches.nodes(k), pass));
  return fields;
}

}  // namespace gnn::inline GNN_PRECISION
