// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <datasets/formats/edges.hpp>
#include <datasets/input_file.hpp>
#include <graphs/csr.hpp>

namespace gnn::test {

/// A fuzzer's bytes as a file; the first one chooses options and is left out.
struct FuzzedFile {
  unsigned choice;
  datasets::InputFile file;
  datasets::EdgeOptions options;

  FuzzedFile(const std::uint8_t* data, std::size_t size)
      : choice(size > 0 ? data[0] : 0), file("input", content(data, size)) {
    if (choice & 1) options.index_base = choice & 2 ? 1 : 0;
    if (choice & 4) options.relabel = true;
    if (choice & 8) options.num_nodes = 5;
    if (choice & 16) options.string_ids = true;
  }

  static std::vector<std::byte> content(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(size > 0 ? 1 : 0);
    return {bytes.begin(), bytes.end()};
  }
};

/// A file of a few bytes may ask for a million nodes, and its graph then takes a noticeable part of the second that a run may
/// last: such graphs are left to the tests.
inline bool is_quick(const graphs::EdgeList& edges) { return edges.num_nodes <= 1 << 14; }

/// Edges that a reader lets pass have to make a graph.
inline void expect_graph(const datasets::RawEdges& raw) {
  if (is_quick(raw.edges)) graphs::Csr::from_edges(raw.edges);
}

}  // namespace gnn::test
