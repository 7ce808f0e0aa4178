// SPDX-License-Identifier: Apache-2.0
// What it costs that every number has one owner: the library's backward kernels, which add in a fixed order, beside kernels of the
// same work that add with atomics, in the order of arrival. On a GPU from compute capability 9.0 on:
//   bench_atomics [REPEATS]
// Prints, for each graph and work, the medians in microseconds and their ratio, after both have given the same numbers. Outputs are
// poisoned before each replay: they hold noise that is not part of the result, to which both add. The kernels are in atomics.cuh.
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <datasets/cora.hpp>
#include <gnn/core/adjacency.hpp>
#include <gnn/core/sparse_matrix.hpp>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/graph.hpp>
#include <gnn/kernels/cuda/supergat_rows.hpp>
#include <gnn/kernels/pieces.hpp>
#include <graphs/generators.hpp>
#include <graphs/self_loops.hpp>
#include <graphs/transforms.hpp>

#include <apps/bench/atomics.cuh>

using namespace gnn;
using namespace gnn::cuda;

namespace {

constexpr Real slope = atomics_slope;

std::vector<Real> noise(std::size_t n, unsigned seed) {
  std::vector<Real> x(n);
  for (Real& number : x) number = Real(int((seed = seed * 1664525u + 1013904223u) >> 8) % 2001 - 1000) / 1000;
  return x;
}
Tensor noise(Context& ctx, std::size_t rows, std::size_t cols, unsigned seed) {
  return Tensor::from(ctx.pool(), rows, cols, noise(rows * cols, seed));
}

// Work recorded as a graph, and what it adds to.
struct Contestant {
  std::function<void()> work;
  std::vector<Tensor> outputs;
};

// The median of a replay's microseconds. added: what the last one has added to each output.
double measure(Context& ctx, const Contestant& c, unsigned repeats, std::vector<std::vector<Real>>& added) {
  std::vector<Tensor> before;
  for (const Tensor& t : c.outputs) before.push_back(noise(ctx, t.rows(), t.cols(), 17));
  const auto graph = capture(ctx, c.work);
  cudaEvent_t start = nullptr, stop = nullptr;
  GNN_CUDA_CHECK(cudaEventCreate(&start));
  GNN_CUDA_CHECK(cudaEventCreate(&stop));
  std::vector<float> times;
  for (unsigned k = 0; k < repeats + 10; ++k) {
    for (std::size_t n = 0; n < before.size(); ++n) {
      GNN_CUDA_CHECK(cudaMemcpyAsync(c.outputs[n].data(), before[n].data(), before[n].size() * sizeof(Real), cudaMemcpyDeviceToDevice, ctx.cuda().stream));
    }
    GNN_CUDA_CHECK(cudaEventRecord(start, ctx.cuda().stream));
    graph->replay(ctx);
    GNN_CUDA_CHECK(cudaEventRecord(stop, ctx.cuda().stream));
    GNN_CUDA_CHECK(cudaEventSynchronize(stop));
    float ms = 0;
    GNN_CUDA_CHECK(cudaEventElapsedTime(&ms, start, stop));
    if (k >= 10) times.push_back(ms);
  }
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
  added.clear();
  for (std::size_t n = 0; n < before.size(); ++n) {
    std::vector<Real> x = c.outputs[n].to_host(), was = before[n].to_host();
    for (std::size_t k = 0; k < x.size(); ++k) x[k] -= was[k];
    added.push_back(x);
  }
  std::ranges::nth_element(times, times.begin() + std::ptrdiff_t(times.size() / 2));
  return 1000 * times[times.size() / 2];
}

void compare(Context& ctx, const std::string& name, const Contestant& ours, const Contestant& atomics, unsigned repeats) {
  std::vector<std::vector<Real>> a, b;
  const double our_time = measure(ctx, ours, repeats, a), their_time = measure(ctx, atomics, repeats, b);
  double worst = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    double largest = 0, apart = 0;
    for (std::size_t k = 0; k < a[n].size(); ++k) {
      largest = std::max(largest, std::fabs(double(a[n][k])));
      apart = std::max(apart, std::fabs(double(a[n][k]) - double(b[n][k])));
      if (!std::isfinite(b[n][k])) apart = INFINITY;
    }
    worst = std::max(worst, apart / largest);
  }
  // Sums of up to a hundred thousand numbers, in two orders.
  const bool same = worst <= 1e-3;
  std::printf("%-62s %10.1f %10.1f %8.3f   apart %.1e%s\n", name.c_str(), our_time, their_time, our_time / their_time, worst,
              same ? "" : "   NOT THE SAME");
  if (!same) std::exit(1);
}

void compare_attention(Context& ctx, const std::string& name, const graphs::Csr& graph, std::size_t heads, std::size_t channels, unsigned repeats) {
  const Adjacency adjacency(ctx.pool(), graph);
  const std::size_t nodes = adjacency.num_sources(), width = heads * channels;
  const Tensor s = noise(ctx, nodes, heads, 1), t = noise(ctx, nodes, heads, 2), value = noise(ctx, nodes, width, 3), dout = noise(ctx, nodes, width, 4);
  const Tensor out = ctx.tensor(nodes, width), positive_out = ctx.tensor(nodes, width), maximum = ctx.tensor(nodes, heads),
               sum = ctx.tensor(nodes, heads), positive_mass = ctx.tensor(nodes, heads);
  const AttentionState state{maximum, sum, positive_out, positive_mass};
  gat_rows(ctx, adjacency.in(), s, t, value, slope, Dropout{}, out, state, GatEnd{});
  const auto outputs = [&] { return std::vector<Tensor>{ctx.tensor(nodes, heads), ctx.tensor(nodes, heads), ctx.tensor(nodes, width)}; };
  const Tensor numbers = ctx.tensor(nodes, heads * gat_edge_numbers);
  const std::vector<Tensor> a = outputs(), b = outputs();
  const Contestant ours{[&] {
    gat_attention_backward(ctx, adjacency.out(), s, t, value, slope, Dropout{}, out, state, dout, a[0], a[1], a[2]);
  }, a};
  const Contestant atomics{[&] {
    const Attention all{adjacency.in(), s, t, value, out, maximum, sum, dout, b[0], b[1], b[2]};
    const auto kernel = channels == 8 ? attention_atomics<1, 2> : attention_atomics<2, 16>;
    launch_blocks(ctx, kernel, dim3(unsigned(num_row_blocks(adjacency.in()))), all);
  }, b};
  compare(ctx, name + ": attention's gradients", ours, atomics, repeats);

  // The same as in a layer, where ours writes the gradient of z as a whole, and atomics need zeros to add to and a pass behind.
  const Tensor a_s = noise(ctx, heads, channels, 7), a_t = noise(ctx, heads, channels, 8), zeros = ctx.tensor(nodes, width + 2 * heads);
  const auto of_layer = [&] { return std::vector<Tensor>{ctx.tensor(nodes, width), ctx.tensor(heads, channels), ctx.tensor(heads, channels)}; };
  const std::vector<Tensor> c = of_layer(), d = of_layer();
  const Contestant our_layer{[&] {
    const std::size_t pieces = num_gat_pieces(nodes) + adjacency.out().num_slots;
    const Tensor dt = ctx.tensor(nodes, heads), of_source = ctx.tensor(pieces, width), of_target = ctx.tensor(pieces, width);
    gat_backward_targets(ctx, slope, t, out, state, dout, GatEnd{}, false, Mat{}, numbers, false, dt, Mat{});
    GatSources to;
    to.source_vector = a_s.data();
    to.target_vector = a_t.data();
    to.dtarget_score = dt;
    to.z = value;
    to.dz = c[0];
    to.source_pieces = of_source;
    to.target_pieces = of_target;
    gat_backward_sources(ctx, adjacency.out(), slope, Dropout{}, s, value, numbers, dout, false, to);
    const PieceSum sums[] = {{of_source, c[1]}, {of_target, c[2]}};
    add_pieces(ctx, sums);
  }, c};
  const Contestant atomic_layer{[&] {
    const Tensor dvalue = zeros.part(0, nodes, width), ds = zeros.part(nodes * width, nodes, heads), dt = zeros.part(nodes * (width + heads), nodes, heads);
    GNN_CUDA_CHECK(cudaMemsetAsync(zeros.data(), 0, zeros.size() * sizeof(Real), ctx.cuda().stream));
    const auto kernel = channels == 8 ? attention_atomics<1, 2> : attention_atomics<2, 16>;
    launch_blocks(ctx, kernel, dim3(unsigned(num_row_blocks(adjacency.in()))),
                  Attention{adjacency.in(), s, t, value, out, maximum, sum, dout, ds, dt, dvalue});
    launch_blocks(ctx, layer_end_atomics, dim3(264), LayerEnd{value, dvalue, ds, dt, a_s, a_t, d[0], d[1], d[2]});
  }, d};
  compare(ctx, name + ": in a layer", our_layer, atomic_layer, repeats);
}

// Both ways, so that one node is in half of all edges, and the rest is spread.
graphs::Csr hub_graph(NodeId nodes) {
  graphs::EdgeList edges = graphs::erdos_renyi(nodes, 4 * EdgeOffset(nodes), 1);
  for (NodeId i = 1; i < nodes; ++i) {
    edges.source.insert(edges.source.end(), {i, 0});
    edges.target.insert(edges.target.end(), {0, i});
  }
  return graphs::Csr::from_edges(graphs::add_self_loops(edges).edges);
}

}  // namespace

int main(int argc, char** argv) try {
  const unsigned repeats = argc > 1 ? unsigned(std::atoi(argv[1])) : 101;
  Context ctx(Device{Device::cuda, 0});
  std::printf("%-62s %10s %10s %8s\n", "us", "ours", "atomics", "ratio");
  const datasets::Dataset cora = datasets::cora();
  const graphs::Csr rmat = graphs::Csr::from_edges(graphs::add_self_loops(graphs::rmat(17, 2'000'000, 1)).edges);
  compare_attention(ctx, "Cora, 8 x 8", graphs::with_self_loops(cora.graph, graphs::SelfLoops::fill), 8, 8, repeats);
  compare_attention(ctx, "R-MAT, 131,072 nodes, 2 M edges, 4 x 64", rmat, 4, 64, repeats);
  compare_attention(ctx, "hub with 262,143 edges each way, 8 x 8", hub_graph(262144), 8, 8, repeats);

  const SparseMatrix x(ctx.pool(), cora.features.columns, cora.features.offsets, cora.features.indices, cora.features.values);
  const Tensor dy = noise(ctx, x.rows(), 64, 5), a = ctx.tensor(x.cols(), 64), b = ctx.tensor(x.cols(), 64);
  compare(ctx, "Cora, 1433 x 64: weights of sparse features",
          {[&] { project_sparse(ctx, x.transposed(), dy, Dropout{}, 1, nullptr, true, a, ProjectedScores{}); }, {a}},
          {[&] { launch_blocks(ctx, weight_atomics, dim3(unsigned(num_row_blocks(x.view().pattern))), x.view(), dy, b); }, {b}}, repeats);
  for (const std::size_t rows : {std::size_t(2708), std::size_t(131072)}) {
    const Tensor numbers = noise(ctx, rows, 64, 6), c = ctx.tensor(1, 64), d = ctx.tensor(1, 64);
    compare(ctx, std::to_string(rows) + " x 64: sums of columns",
            {[&] {
               const Tensor pieces = ctx.tensor(num_layer_pieces(rows), 64);
               LayerSums sums;
               sums.sum[sums.count++] = {numbers, {}, pieces};
               layer_sums(ctx, sums);
               const PieceSum whole{pieces, c};
               add_pieces(ctx, {&whole, 1});
             }, {c}},
            {[&] { launch_blocks(ctx, column_atomics, dim3(264), numbers, d); }, {d}}, repeats);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_atomics: error: %s\n", error.what());
  return 1;
}
