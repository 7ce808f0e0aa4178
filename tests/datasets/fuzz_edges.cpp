// SPDX-License-Identifier: Apache-2.0
// Any bytes as a text file of edges, plain or gzipped: a graph or Error(input).
#include <span>
#include <vector>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

using namespace gnn::datasets;

GNN_FUZZ_TARGET(fuzz_edges) {
  if (size < 2) return 0;
  const unsigned choice = data[0], layout = data[1];
  EdgeOptions options;
  if (choice & 1) options.string_ids = true;
  if (choice & 2 && !options.string_ids) options.relabel = true;
  if (choice & 4) options.index_base = choice & 8 ? 1 : 0;
  if (choice & 16 && !options.string_ids && !options.relabel) options.num_nodes = 5;
  if (choice & 32) options.header = (choice & 64) != 0;
  if (choice & 128) options.delimiter = " ,\t;"[layout & 3];
  if (layout & 4) options.source_column = std::string("2");
  if (layout & 4) options.target_column = std::string("1");
  if (layout & 8) options.type_column = std::string("3");
  if (layout & 16) options.weight_column = std::string("4");
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  gnn::test::expect_value_or_input_error([&] {
    TextSource source("input", bytes);
    RawEdges raw = read_text_edges(source, options);
    if (!gnn::test::is_quick(raw.edges)) return;
    GraphOptions graph_options;
    graph_options.directed = layout & 32;
    graph_options.self_loops = SelfLoops(layout >> 6 & 1);
    std::vector<std::string> notes;
    build_graph(raw, graph_options, notes);
  });
  return 0;
}
