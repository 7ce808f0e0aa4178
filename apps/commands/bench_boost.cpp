// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/bench_boost.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <vector>

#include <apps/commands/machine.hpp>
#include <apps/commands/stopwatch.hpp>
#include <graphs/boost.hpp>
#include <graphs/generators.hpp>

namespace gnn::apps {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// The sum of all distances from `root`, so that two graphs can be compared.
template <class Graph, class Vertex>
std::uint64_t search(const Graph& graph, Vertex root, std::vector<int>& distance) {
  std::ranges::fill(distance, 0);
  const auto map = boost::make_iterator_property_map(distance.begin(), get(boost::vertex_index, graph));
  boost::breadth_first_search(
      graph, root, boost::visitor(boost::make_bfs_visitor(boost::record_distances(map, boost::on_tree_edge()))));
  std::uint64_t sum = 0;
  for (const int d : distance) sum += std::uint64_t(d);
  return sum;
}

double time_conversion(const Pairs& pairs, std::size_t nodes, std::int64_t repeats) {
  const boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(pairs.begin(), pairs.end(), nodes);
  std::vector<double> times;
  for (std::int64_t k = 0; k < repeats; ++k) times.push_back(seconds([&] { graphs::csr_from_boost(graph); }));
  return median(times);
}

}  // namespace

int print_boost(const Settings& settings, Output& output) {
  const std::int64_t edges = settings.integer("boost"), repeats = settings.integer("repeats");
  const int scale = int(std::bit_width(std::uint64_t(std::max<std::int64_t>(2, edges / 9)))) - 1;
  const graphs::EdgeList list = graphs::rmat(scale, EdgeOffset(edges), 1);
  const auto nodes = std::size_t(list.num_nodes);
  Pairs pairs(list.source.size());
  for (std::size_t k = 0; k < pairs.size(); ++k) pairs[k] = {std::size_t(list.source[k]), std::size_t(list.target[k])};
  output.line(fmt::format("graph   R-MAT, {} nodes, {} edges   {}, {} threads   median of {}", nodes, edges, processor_name(),
                          graphs::parallel_threads(), repeats));

  const double converted = time_conversion(pairs, nodes, repeats);
  output.line(fmt::format("adjacency_list to Csr           {:.3f} s, {:.1f} million edges a second", converted,
                          double(edges) / 1e6 / converted));

  const boost::compressed_sparse_row_graph<> theirs(boost::edges_are_unsorted_multi_pass, pairs.begin(), pairs.end(), nodes);
  const graphs::Csr csr = graphs::csr_from_boost(theirs);
  const graphs::BoostView ours(csr);
  std::size_t root = 0;
  for (std::size_t v = 0; v < nodes; ++v) root = out_degree(NodeId(v), ours) > out_degree(NodeId(root), ours) ? v : root;
  std::vector<int> distance(nodes);
  std::vector<double> mine, other;
  for (std::int64_t k = 0; k < repeats; ++k) {  // by turns, so that both see the same machine
    std::uint64_t a = 0, b = 0;
    mine.push_back(seconds([&] { a = search(ours, NodeId(root), distance); }));
    other.push_back(seconds([&] { b = search(theirs, root, distance); }));
    if (a != b) fail(ErrorKind::internal, "bench: distances in our graph and in Boost's differ");
  }
  output.line(fmt::format("search in Csr                   {:.3f} s", median(mine)));
  output.line(fmt::format("search in Boost's csr graph     {:.3f} s, ratio {:.2f}", median(other), median(mine) / median(other)));
  output.event(Event("bench_boost")
                   .add("nodes", nodes)
                   .add("edges", edges)
                   .add("processor", processor_name())
                   .add("repeats", repeats)
                   .add("conversion_s", converted)
                   .add("search_s", median(mine))
                   .add("search_boost_s", median(other)));
  return 0;
}

}  // namespace gnn::apps
