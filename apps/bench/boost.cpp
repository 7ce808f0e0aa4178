// SPDX-License-Identifier: Apache-2.0
// bench_boost [SCALE] [EDGES]: time of Boost.Graph's graphs to ours, and of breadth-first search over both,
// on one R-MAT graph.
#include <graphs/boost.hpp>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <graphs/generators.hpp>

namespace {

using namespace gnn;
using namespace gnn::graphs;
using Clock = std::chrono::steady_clock;

template <class Work>
double seconds(const Work& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

/// Distances from `root`; their sum, so that two graphs can be compared.
template <class Graph, class Vertex>
std::uint64_t search(const Graph& graph, Vertex root, std::vector<int>& distance) {
  std::ranges::fill(distance, 0);
  const auto map = boost::make_iterator_property_map(distance.begin(), get(boost::vertex_index, graph));
  boost::breadth_first_search(
      graph, root,
      boost::visitor(boost::make_bfs_visitor(boost::record_distances(map, boost::on_tree_edge()))));
  std::uint64_t sum = 0;
  for (const int d : distance) sum += std::uint64_t(d);
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const int scale = argc > 1 ? std::atoi(argv[1]) : 20;
  const EdgeOffset edges = argc > 2 ? std::atoll(argv[2]) : 10'000'000;
  const EdgeList list = rmat(scale, edges, 1);
  const std::size_t nodes = std::size_t(list.num_nodes);
  std::vector<std::pair<std::size_t, std::size_t>> pairs(list.source.size());
  for (std::size_t k = 0; k < pairs.size(); ++k)
    pairs[k] = {std::size_t(list.source[k]), std::size_t(list.target[k])};
  std::printf("graph                   %zu nodes, %zu edges, %zu threads\n", nodes, pairs.size(),
              parallel_threads());

  Csr csr;
  {
    const boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(pairs.begin(), pairs.end(),
                                                                                  nodes);
    std::vector<double> times;
    for (int k = 0; k < 5; ++k) times.push_back(seconds([&] { csr = csr_from_boost(graph); }));
    std::printf("adjacency_list -> Csr   %.3f s, %.1f M edges/s\n", median(times),
                double(pairs.size()) / 1e6 / median(times));
  }
  const boost::compressed_sparse_row_graph<> theirs(boost::edges_are_unsorted_multi_pass, pairs.begin(),
                                                    pairs.end(), nodes);
  std::printf("csr graph -> Csr        %.3f s\n", seconds([&] { csr = csr_from_boost(theirs); }));
  const auto made = Clock::now();
  const BoostView ours(csr);
  std::printf("Csr -> view             %.3f s\n", std::chrono::duration<double>(Clock::now() - made).count());

  // By turns, so that both see the same machine.
  std::size_t root = 0;
  for (std::size_t v = 0; v < nodes; ++v)
    root = out_degree(NodeId(v), ours) > out_degree(NodeId(root), ours) ? v : root;
  std::vector<int> distance(nodes);
  std::vector<double> mine, other;
  std::uint64_t a = 0, b = 0;
  for (int k = 0; k < 7; ++k) {
    mine.push_back(seconds([&] { a = search(ours, NodeId(root), distance); }));
    other.push_back(seconds([&] { b = search(theirs, root, distance); }));
  }
  std::printf(
      "BFS, our Csr            %.3f s\nBFS, Boost's csr graph  %.3f s\nratio                   %.2f%s\n",
      median(mine), median(other), median(mine) / median(other), a == b ? "" : "   (distances differ)");
  return a == b ? 0 : 1;
}
