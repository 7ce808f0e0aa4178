// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <datasets/formats/edges.hpp>

namespace gnn::datasets {

graphs::Csr build_graph(RawEdges& raw, const GraphOptions& options, std::vector<std::string>& notes) {
  raw.types = {};
  graphs::CsrOptions csr_options;
  csr_options.both_directions = !options.directed || raw.is_symmetric;
  csr_options.duplicates = options.duplicates;
  csr_options.self_loops = options.self_loops;
  const auto given = std::to_string(raw.edges.num_edges());
  auto built = graphs::build_csr(std::move(raw.edges), csr_options);
  raw.edges = {};

  const auto note = [&](EdgeOffset count, const char* text) {
    if (count > 0) notes.push_back(std::to_string(count) + text);
  };
  if (csr_options.both_directions) {
    notes.push_back(given + " edges read, each taken in both directions: " + std::to_string(built.reversed) + " added");
  }
  if (options.self_loops == SelfLoops::keep) note(built.self_loops, " self-loops kept");
  if (options.self_loops == SelfLoops::remove) note(built.self_loops_removed, " self-loops removed");
  if (options.self_loops == SelfLoops::add) {
    note(built.self_loops_removed, " self-loops replaced");
    note(built.graph.num_rows(), " self-loops added, one a node");
  }
  if (options.self_loops == SelfLoops::fill) note(built.self_loops_added, " self-loops added, to nodes without");
  note(built.merged, raw.edges.weighted() || !built.graph.weights().empty()
                         ? " duplicate edges merged, their weights added"
                         : " duplicate edges merged");
  return std::move(built.graph);
}

}  // namespace gnn::datasets
