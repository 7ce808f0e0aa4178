// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <functional>

#include <gnn/autograd/adaptive_hops.hpp>
#include <gnn/autograd/aero_hops.hpp>
#include <graphs/transforms.hpp>

#include "plain_hops.hpp"
#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/test_graphs.hpp"

// The fused propagations against plain loops.
using namespace gnn;
using namespace gnn::test;

namespace {

// Sums of up to 310 terms in another order, over four hops.
constexpr double in_value = tolerance(5e-6, 1e-12), in_gradient = tolerance(2e-5, 1e-7);

std::vector<Matrix> aero_inputs(std::size_t nodes, std::size_t hops, std::size_t heads, std::size_t channels,
                                bool concat) {
  const std::size_t width = heads * channels;
  const double bound = 1 / std::sqrt(double(channels));
  return {random_matrix(nodes, width, 1), random_matrix(hops, concat ? 2 * width : width, 2, -bound, bound),
          random_matrix(heads, channels, 3, -bound, bound), random_matrix(hops, 2 * width, 4, -bound, bound),
          random_matrix(hops + 1, heads, 5)};
}

Function aero(const Adjacency& adjacency, double decay, bool concat) {
  return [=](Tape&, const std::vector<Var>& x) {
    return aero_hops(adjacency, x[0], {x[1], x[2], x[3], x[4]}, decay, concat);
  };
}

/// d <cotangent, loops> / d value by central differences, in double whatever Real is.
double difference(const std::function<Numbers(double)>& changed, const Matrix& cotangent) {
  constexpr double distance = 1e-5;
  const Numbers above = changed(distance), below = changed(-distance);
  double sum = 0;
  for (std::size_t n = 0; n < above.size(); ++n) sum += double(cotangent.values[n]) * (above[n] - below[n]);
  return sum / (2 * distance);
}

graphs::Csr symmetric_graph() {
  return graphs::Csr::from_edges(graphs::symmetrise(mixed_edges()).edges);
}

}  // namespace

TEST_CASE("adaptive_hops: equals plain loops; its gradient is that of each hop sent back by itself") {
  graphs::EdgeList edges = mixed_edges();
  for (const bool weighted : {false, true}) {
    if (weighted) {
      for (std::size_t e = 0; e < edges.source.size(); ++e) edges.weight.push_back(0.25f + float(e % 9) / 4);
    }
    const graphs::Csr graph = graphs::Csr::from_edges(edges);
    const std::vector<Edge> list = edges_of(graph);
    const std::size_t nodes = std::size_t(graph.num_rows()), hops = 4;
    for (const std::size_t cols : {std::size_t(1), std::size_t(7), std::size_t(16), std::size_t(70)}) {
      CAPTURE(cols);
      const std::vector<Matrix> in = {random_matrix(nodes, cols, 1, -2, 2), random_matrix(1, cols, 2),
                                      random_matrix(1, 1, 3)};
      const Matrix cotangent = random_matrix(nodes, cols, 4);
      Numbers weight;
      for (const Edge& e : list) weight.push_back(e.weight);
      const Numbers a = normalise(list, weight, nodes), w = to_double(in[1].values),
                    g = to_double(cotangent.values);
      Numbers h = to_double(in[0].values), out(h.size()), dz(h.size()), dw(cols);
      double db = 0;
      for (std::size_t k = 0; k <= hops; ++k) {
        if (k > 0) h = one_hop(list, a, h, cols);
        Numbers local(h.size());  // the gradient that reaches h_k through its own term of the sum
        for (std::size_t i = 0; i < nodes; ++i) {
          double v = double(in[2].values[0]), along = 0;
          for (std::size_t c = 0; c < cols; ++c)
            v += w[c] * h[i * cols + c], along += g[i * cols + c] * h[i * cols + c];
          const double s = 1 / (1 + std::exp(-v)), q = along * s * (1 - s);
          db += q;
          for (std::size_t c = 0; c < cols; ++c) {
            out[i * cols + c] += s * h[i * cols + c];
            local[i * cols + c] = s * g[i * cols + c] + q * w[c];
            dw[c] += q * h[i * cols + c];
          }
        }
        for (std::size_t back = 0; back < k; ++back) local = one_hop(list, a, local, cols, true);
        for (std::size_t n = 0; n < dz.size(); ++n) dz[n] += local[n];
      }
      for (const Device device : available_devices()) {
        Context ctx(device, 2);
        const Adjacency adjacency(ctx.pool(), graph);
        const Function f = [&](Tape&, const std::vector<Var>& x) {
          return adaptive_hops(adjacency, x[0], x[1], x[2], hops);
        };
        CHECK(relative_error(value_of(ctx, f, in).values, to_real(out)) <= in_value);
        const auto ours = gradients_of(ctx, f, in, cotangent, {true, true, true});
        CHECK(relative_error(ours[0], to_real(dz)) <= in_gradient);
        CHECK(relative_error(ours[1], to_real(dw)) <= in_gradient);
        CHECK(relative_error(ours[2], to_real({db})) <= in_gradient);
      }
    }
  }
}

TEST_CASE("aero_hops: equals plain loops, and its gradients their differences") {
  constexpr std::size_t hops = 4;
  constexpr std::size_t shapes[][2] = {{1, 64}, {1, 1}, {2, 3}, {3, 9}, {1, 70}, {2, 130}};
  for (const bool symmetric : {false, true}) {
    const graphs::Csr graph = symmetric ? symmetric_graph() : mixed_graph();
    for (const bool concat : {false, true}) {
      for (const auto& shape : shapes) {
        const std::size_t heads = shape[0], channels = shape[1];
        CAPTURE(symmetric);
        CAPTURE(concat);
        CAPTURE(heads);
        CAPTURE(channels);
        const std::vector<Matrix> in =
            aero_inputs(std::size_t(graph.num_rows()), hops, heads, channels, concat);
        std::vector<Numbers> wide;
        for (const Matrix& m : in) wide.push_back(to_double(m.values));
        const std::vector<Real> expected = to_real(aero_loops(graph, wide, heads, 0.7, concat));
        const Matrix cotangent = random_matrix(in[0].rows, in[0].cols, 6);
        // Entries of every input, some of them of the special nodes, and what each gradient should be.
        std::vector<std::vector<std::size_t>> places(in.size());
        std::vector<std::vector<Real>> differences(in.size());
        for (std::size_t k = 0; k < in.size(); ++k) {
          const std::size_t size = in[k].values.size();
          for (const std::size_t place :
               {std::size_t(0), in[k].cols, 3 * in[k].cols, 4 * in[k].cols + 1, size - 1}) {
            if (place >= size) continue;
            places[k].push_back(place);
            const auto changed = [&](double by) {
              std::vector<Numbers> other = wide;
              other[k][place] += by;
              return aero_loops(graph, other, heads, 0.7, concat);
            };
            differences[k].push_back(Real(difference(changed, cotangent)));
          }
        }
        for (const Device device : available_devices()) {
          Context ctx(device, 2);
          const Function f = aero(Adjacency(ctx.pool(), graph), 0.7, concat);
          CHECK(relative_error(value_of(ctx, f, in).values, expected) <= in_value);
          const auto ours = gradients_of(ctx, f, in, cotangent, std::vector<bool>(in.size(), true));
          for (std::size_t k = 0; k < in.size(); ++k) {
            CAPTURE(k);
            for (std::size_t p = 0; p < places[k].size(); ++p) {
              const double unit = std::max(largest(ours[k]), 1e-3);
              CHECK(std::abs(double(ours[k][places[k][p]]) - double(differences[k][p])) <=
                    in_gradient * unit);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("aero_hops: on a symmetric graph one walk gives what the general way gives") {
  // Two more nodes with a single edge between them make the whole graph take the general way. Nothing asks
  // for their rows.
  graphs::EdgeList edges = graphs::symmetrise(mixed_edges()).edges;
  const graphs::Csr symmetric = graphs::Csr::from_edges(edges);
  const std::size_t nodes = std::size_t(edges.num_nodes);
  edges.num_nodes += 2;
  edges.source.push_back(NodeId(nodes));
  edges.target.push_back(NodeId(nodes + 1));
  const graphs::Csr general = graphs::Csr::from_edges(edges);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Adjacency one(ctx.pool(), symmetric), other(ctx.pool(), general);
    REQUIRE(one.is_symmetric());
    REQUIRE_FALSE(other.is_symmetric());
    const std::vector<Matrix> in = aero_inputs(nodes, 5, 1, 64, false);
    std::vector<Matrix> more = in;
    more[0].rows += 2;
    more[0].values.resize(more[0].rows * 64, Real(0.5));
    const Matrix cotangent = random_matrix(nodes, 64, 6);
    Matrix longer = cotangent;
    longer.rows += 2;
    longer.values.resize(longer.rows * 64);
    const std::vector<bool> all(5, true);
    const auto ours = gradients_of(ctx, aero(one, 1, false), in, cotangent, all);
    auto expected = gradients_of(ctx, aero(other, 1, false), more, longer, all);
    expected[0].resize(nodes * 64);
    for (std::size_t k = 0; k < 5; ++k) {
      CAPTURE(k);
      CHECK(relative_error(ours[k], expected[k]) <= tolerance(1e-5, 1e-12));
    }
  }
}

TEST_CASE("aero_hops: 64 hops with large weights stay finite, and so do their gradients") {
  const graphs::Csr graph = symmetric_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    std::vector<Matrix> in = aero_inputs(std::size_t(graph.num_rows()), 64, 1, 8, false);
    for (Real& w : in[1].values) w *= 40;  // scores of several tens
    const Function f = aero(Adjacency(ctx.pool(), graph), 1, false);
    const Matrix y = value_of(ctx, f, in);
    CHECK(all_finite(y.values));
    for (const auto& gradient :
         gradients_of(ctx, f, in, random_matrix(y.rows, y.cols, 6), std::vector<bool>(5, true)))
      CHECK(all_finite(gradient));
  }
}

TEST_CASE("aero_hops: weights of other shapes are refused") {
  Context ctx({}, 1);
  Tape tape(ctx);
  const Adjacency adjacency(ctx.pool(), graph_without_edges(4));
  std::vector<Var> x;
  for (const Matrix& m : aero_inputs(4, 2, 1, 3, false)) x.push_back(tape.constant(upload(ctx, m)));
  CHECK_THROWS_WITH_AS(aero_hops(adjacency, x[0], {x[1], x[2], x[3], x[4]}, 1, true),
                       "aero_hops: expected edge of 2x6, got 2x3", Error);
  CHECK_THROWS_WITH_AS(aero_hops(adjacency, x[0], {x[1], x[2], x[1], x[4]}, 1, false),
                       "aero_hops: expected hop of 2x6, got 2x3", Error);
}
