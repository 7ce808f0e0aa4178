// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/edges.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <memory>

#include <datasets/formats/edge_format.hpp>
#include <datasets/formats/edge_readers.hpp>
#include <graphs/parallel.hpp>

namespace gnn::datasets {
namespace {

/// Nodes that no edge touches: gaps in the numbers, as a rule.
std::size_t count_isolated(const graphs::EdgeList& edges) {
  const auto num_nodes = std::size_t(edges.num_nodes);
  const std::size_t words = (num_nodes + 63) / 64;
  const auto touched = std::make_unique<std::atomic<std::uint64_t>[]>(words);
  constexpr std::size_t block = std::size_t(1) << 20;
  const auto mark = [&](const std::vector<NodeId>& nodes, std::size_t begin) {
    for (std::size_t e = begin; e < std::min(nodes.size(), begin + block); ++e) {
      auto& word = touched[std::size_t(nodes[e]) / 64];
      const std::uint64_t bit = std::uint64_t(1) << (nodes[e] % 64);
      if (!(word.load(std::memory_order_relaxed) & bit)) word.fetch_or(bit, std::memory_order_relaxed);
    }
  };
  graphs::parallel_for((edges.source.size() + block - 1) / block, [&](std::size_t b) {
    mark(edges.source, b * block);
    mark(edges.target, b * block);
  });
  std::size_t count = 0;
  for (std::size_t w = 0; w < words; ++w) count += std::size_t(std::popcount(touched[w].load()));
  return num_nodes - count;
}

RawEdges read_binary_or_markup(EdgeFormat format, const InputFile& file, const EdgeOptions& options) {
  switch (format) {
    case EdgeFormat::matrix_market:
      return read_matrix_market_edges(file, options);
    case EdgeFormat::metis:
      return read_metis_edges(file, options);
    case EdgeFormat::graphml:
      return read_graphml_edges(file, options);
    case EdgeFormat::npy:
      return read_npy_edges(file, options);
    default:
      return read_npz_edges(file, options);
  }
}

bool is_text(EdgeFormat format) { return format <= EdgeFormat::snap; }

}  // namespace

RawEdges read_edges(const std::filesystem::path& path, const EdgeOptions& options) {
  RawEdges raw;
  TextSource source(path);
  const EdgeFormat format =
      options.format == EdgeFormat::automatic ? detect_edge_format(source.head(), path) : options.format;
  raw = is_text(format) ? read_text_edges(source, options)
                        : read_binary_or_markup(format, InputFile(path), options);
  graphs::validate(raw.edges);
  if (const std::size_t isolated = count_isolated(raw.edges)) {
    raw.notes.push_back(std::to_string(isolated) + " of " + std::to_string(raw.edges.num_nodes) +
                        " nodes are in no edge");
  }
  return raw;
}

}  // namespace gnn::datasets
