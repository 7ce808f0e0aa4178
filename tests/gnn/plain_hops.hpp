// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <vector>

#include <graphs/csr.hpp>

#include "support/numbers.hpp"

/// The propagations of AERO-GNN and DAGNN as plain loops over nodes, edges and channels, in double and without any short cut.
namespace gnn::test {

using Numbers = std::vector<double>;

struct Edge {
  std::size_t source, target;
  double weight;
};

inline std::vector<Edge> edges_of(const graphs::Csr& graph) {
  std::vector<Edge> edges;
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    const std::size_t first = std::size_t(graph.offsets()[std::size_t(i)]);
    for (std::size_t k = 0; k < graph.row(i).size(); ++k) {
      const double weight = graph.weights().empty() ? 1 : double(graph.weights()[first + k]);
      edges.push_back({std::size_t(graph.row(i)[k]), std::size_t(i), weight});
    }
  }
  return edges;
}

inline Numbers to_double(const std::vector<Real>& values) {
  return {values.begin(), values.end()};
}
inline std::vector<Real> to_real(const Numbers& values) {
  return {values.begin(), values.end()};
}
inline double elu(double x) {
  return x > 0 ? x : std::expm1(x);
}

/// a[e] = weight / sqrt(degree of both ends).
inline Numbers normalise(const std::vector<Edge>& edges, const Numbers& weight, std::size_t nodes) {
  Numbers degree(nodes), a(edges.size());
  for (std::size_t e = 0; e < edges.size(); ++e) degree[edges[e].target] += weight[e];
  const auto scale = [&](std::size_t i) { return degree[i] > 0 ? 1 / std::sqrt(degree[i]) : 0; };
  for (std::size_t e = 0; e < edges.size(); ++e)
    a[e] = weight[e] * scale(edges[e].source) * scale(edges[e].target);
  return a;
}

/// y_i = sum of a[e] x_j, or with `back` the transposed product.
inline Numbers one_hop(const std::vector<Edge>& edges, const Numbers& a, const Numbers& x, std::size_t cols,
                bool back = false) {
  Numbers y(x.size());
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const std::size_t to = back ? edges[e].source : edges[e].target,
                      from = back ? edges[e].target : edges[e].source;
    for (std::size_t c = 0; c < cols; ++c) y[to * cols + c] += a[e] * x[from * cols + c];
  }
  return y;
}

// One head of AERO's hops. edge: K x C or K x 2C; hop: K x 2C.
inline Numbers aero_head(const std::vector<Edge>& edges, const Numbers& h0, const Numbers& edge,
                  const Numbers& first, const Numbers& hop, const Numbers& bias, double decay, bool concat) {
  const std::size_t channels = first.size(), nodes = h0.size() / channels, hops = bias.size() - 1;
  Numbers h = h0, z(h.size());
  for (std::size_t k = 0; k <= hops; ++k) {
    const double lambda = aero_decay(decay, k == 0 ? 0 : k - 1);
    const auto seen = [&](std::size_t i, std::size_t c) { return lambda * z[i * channels + c]; };
    if (k > 0) {
      Numbers weight;
      for (const Edge& e : edges) {
        double v = 0;
        for (std::size_t c = 0; c < channels; ++c) {
          v += concat ? edge[(k - 1) * 2 * channels + c] * elu(seen(e.target, c)) +
                            edge[(k - 1) * 2 * channels + channels + c] * elu(seen(e.source, c))
                      : edge[(k - 1) * channels + c] * elu(seen(e.target, c) + seen(e.source, c));
        }
        weight.push_back(std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))) + 1e-6);
      }
      h = one_hop(edges, normalise(edges, weight, nodes), h, channels);
    }
    for (std::size_t i = 0; i < nodes; ++i) {
      double gamma = bias[k];
      for (std::size_t c = 0; c < channels; ++c) {
        const double own = elu(h[i * channels + c]);
        gamma += k == 0 ? first[c] * own
                        : hop[(k - 1) * 2 * channels + c] * own +
                              hop[(k - 1) * 2 * channels + channels + c] * elu(seen(i, c));
      }
      for (std::size_t c = 0; c < channels; ++c) z[i * channels + c] += gamma * h[i * channels + c];
    }
  }
  return z;
}

/// Columns [h width / heads, ...) of each row.
inline Numbers head_of(const Numbers& m, std::size_t width, std::size_t h, std::size_t heads) {
  const std::size_t cols = width / heads;
  Numbers part;
  for (std::size_t i = 0; i < m.size() / width; ++i) {
    for (std::size_t c = 0; c < cols; ++c) part.push_back(m[i * width + h * cols + c]);
  }
  return part;
}

/// All heads, from the op's five inputs.
inline Numbers aero_loops(const graphs::Csr& graph, const std::vector<Numbers>& in, std::size_t heads, double decay,
                   bool concat) {
  const std::size_t channels = in[2].size() / heads, width = in[2].size();
  const std::vector<Edge> edges = edges_of(graph);
  Numbers all(in[0].size());
  for (std::size_t h = 0; h < heads; ++h) {
    const Numbers z =
        aero_head(edges, head_of(in[0], width, h, heads),
                  head_of(in[1], concat ? 2 * width : width, h, heads), head_of(in[2], width, h, heads),
                  head_of(in[3], 2 * width, h, heads), head_of(in[4], heads, h, heads), decay, concat);
    for (std::size_t i = 0; i < all.size() / width; ++i) {
      for (std::size_t c = 0; c < channels; ++c) all[i * width + h * channels + c] = z[i * channels + c];
    }
  }
  return all;
}

}  // namespace gnn::test
