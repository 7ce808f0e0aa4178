// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include <gnn/autograd/gat_layer.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"

// A layer of GAT on a ring on which every node has the `reach` nodes on either side and itself for sources, in closed form.
// Scores are zero, so that attention is a mean; features go round a circle, and so does the gradient, twice as fast. The mean
// of a circle's points around a node is the node's own times ratio(angle).
using namespace gnn;
using namespace gnn::test;

namespace {

struct Ring {
  std::int64_t nodes, reach;
  double angle;  // between neighbours' features

  double ratio(double a) const {
    const double sources = 2 * double(reach) + 1;
    return std::sin(sources * a / 2) / (sources * std::sin(a / 2));
  }
  Matrix circle(double a) const {
    Matrix x{std::size_t(nodes), 2, {}};
    for (std::int64_t i = 0; i < nodes; ++i) x.values.insert(x.values.end(), {Real(std::cos(a * double(i))), Real(std::sin(a * double(i)))});
    return x;
  }
  graphs::Csr graph() const {
    std::vector<EdgeOffset> offsets = {0};
    std::vector<NodeId> columns;
    columns.reserve(std::size_t(nodes * (2 * reach + 1)));
    for (std::int64_t i = 0; i < nodes; ++i) {
      // Ascending: what lies behind the end comes first.
      for (std::int64_t j = 0; j <= i + reach - nodes; ++j) columns.push_back(NodeId(j));
      for (std::int64_t j = std::max<std::int64_t>(0, i - reach); j <= std::min(nodes - 1, i + reach); ++j) columns.push_back(NodeId(j));
      for (std::int64_t j = nodes + i - reach; j < nodes; ++j) columns.push_back(NodeId(j));
      offsets.push_back(EdgeOffset(columns.size()));
    }
    return {NodeId(nodes), std::move(offsets), std::move(columns), {}};
  }
};

void check_layer(Context& ctx, const Ring& ring) {
  // Means of up to 2049 terms, and of the circle's points in float.
  const double allowed = tolerance(2e-6, 1e-13);
  const double slope = GatLayerOptions().slope, once = ring.ratio(ring.angle), twice = ring.ratio(2 * ring.angle);
  const Adjacency adjacency(ctx.pool(), ring.graph());
  REQUIRE(adjacency.num_edges() == std::size_t(ring.nodes * (2 * ring.reach + 1)));
  Tape tape(ctx);
  const auto leaf = [&](const Matrix& m) { return tape.leaf(upload(ctx, m)); };
  const Matrix zero{1, 2, {0, 0}};
  const Var x = leaf(ring.circle(ring.angle)), a_s = leaf(zero), a_t = leaf(zero);
  const GatLayerWeights weights{leaf({2, 2, {1, 0, 0, 1}}), a_s, a_t, {}, {}, leaf(zero), {}, {}};
  GatLayerOptions options;
  options.elu = false;
  const Var y = gat_layer(adjacency, nullptr, x, weights, options);
  const Matrix dy = ring.circle(2 * ring.angle);
  tape.backward(y, upload(ctx, dy));

  Matrix expected = ring.circle(ring.angle);
  for (Real& v : expected.values) v *= Real(once);
  CHECK(relative_error(y.value().to_host(), expected.values) < allowed);
  expected = dy;
  for (Real& v : expected.values) v *= Real(twice);
  CHECK(relative_error(tape.grad(x).to_host(), expected.values) < allowed);
  const std::vector<Real> da = tape.grad(a_s).to_host();
  CHECK(double(da[0]) == doctest::Approx(slope * (twice - once * once) * double(ring.nodes) / 2).epsilon(tolerance(1e-4, 1e-9)));
  CHECK(std::abs(double(da[1])) < tolerance(1e-4, 1e-9) * double(ring.nodes));
}

}  // namespace

TEST_CASE("ring lattice: a layer of GAT is its closed form, forward and backward") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    check_layer(ctx, {1024, 20, 2 * std::numbers::pi * 8 / 1024});
  }
}

// Some 50 GiB of the host's memory, 35 GiB of a GPU's, and two minutes: test_gnn --no-skip -tc='*more than 2^31*'.
TEST_CASE("ring lattice: so it is on a GPU with more than 2^31 edges" * doctest::skip()) {
  const Ring ring{1 << 20, 1024, 2 * std::numbers::pi * 160 / (1 << 20)};
  for (const Device device : available_devices()) {
    if (device.kind == Device::cpu) continue;
    Context ctx(device, 2);
    check_layer(ctx, ring);
  }
}
