// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/kernels/training.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;
using Numbers = std::vector<Real>;

namespace {

// Weights with their moments, all starting at zero moments.
struct Weights {
  Weights(Device device, const Numbers& start)
      : ctx(device, 1), value(Tensor::from(ctx.pool(), 1, start.size(), start)) {
    const Numbers zeros(start.size());
    m = Tensor::from(ctx.pool(), 1, start.size(), zeros);
    v = Tensor::from(ctx.pool(), 1, start.size(), zeros);
  }
  Numbers after(const AdamStep& step, const Numbers& gradient) {
    kernels::adam(ctx, step, Tensor::from(ctx.pool(), 1, gradient.size(), gradient), value, m, v);
    return value.to_host();
  }

  Context ctx;
  Tensor value, m, v;
};

const double few_roundings = tolerance(1e-6, 1e-14);

}  // namespace

TEST_CASE("adam: the first step moves every weight by the rate against the sign of its gradient") {
  for (const Device device : available_devices()) {
    AdamStep step;
    step.rate = 0.1;
    step.epsilon = 0;
    Weights w(device, {1, 1, 1, 1});
    CHECK(relative_error(w.after(step, {3, -0.001, 1e-6, -1e6}), Numbers{0.9, 1.1, 0.9, 1.1}) <
          few_roundings);
  }
}

TEST_CASE("adam: two steps by hand") {
  for (const Device device : available_devices()) {
    AdamStep step;
    step.rate = 0.1;
    step.epsilon = 0;
    Weights w(device, {1});
    w.after(step, {0.5});  // 0.9
    step.step = 2;
    // m = 0.9 * 0.05 - 0.1 * 0.25 = 0.02, v = 0.999 * 0.00025 + 0.001 * 0.0625 = 0.00031225
    const double move = 0.1 * (0.02 / 0.19) / std::sqrt(0.00031225 / (1 - 0.999 * 0.999));
    CHECK(relative_error(w.after(step, {-0.25}), Numbers{Real(0.9 - move)}) < tolerance(1e-6, 1e-12));
    CHECK(relative_error(w.m.to_host(), Numbers{Real(0.02)}) < few_roundings);
    CHECK(relative_error(w.v.to_host(), Numbers{Real(0.00031225)}) < few_roundings);
  }
}

TEST_CASE("adam: L2 is coupled: it is part of the gradient and so of the moments") {
  for (const Device device : available_devices()) {
    AdamStep step;
    step.rate = 0.1;
    step.l2 = 0.01;
    Weights w(device, {2, -2, 2});
    // The sum 0.01 * 2 = 0.02 is a gradient like any other; the third weight's own gradient is the larger
    // one.
    CHECK(relative_error(w.after(step, {0, 0, -1}), Numbers{1.9, -1.9, 2.1}) < tolerance(1e-6, 1e-6));
    CHECK(relative_error(w.m.to_host(), Numbers{0.002, -0.002, -0.098}) < few_roundings);
  }
}

TEST_CASE("adam: epsilon stands outside the root, after the correction") {
  for (const Device device : available_devices()) {
    AdamStep step;
    step.rate = 1;
    step.epsilon = 0.5;
    Weights w(device, {1});
    // 0.5 / (0.5 + 0.5)
    CHECK(relative_error(w.after(step, {0.5}), Numbers{0.5}) < few_roundings);
  }
}

TEST_CASE("adam: no gradient and no L2 leaves a weight alone") {
  for (const Device device : available_devices()) {
    Weights w(device, {1, -3});
    CHECK(w.after({}, {0, 0}) == Numbers{1, -3});
  }
}

TEST_CASE("count_not_finite: counts NaN and both infinities") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    Numbers values(5000, 1);
    values[0] = NAN;
    values[4097] = INFINITY;
    values[4999] = -INFINITY;
    const Buffer found(ctx.pool(), sizeof(std::size_t));
    std::size_t count = 99;
    const auto run = [&] {
      kernels::count_not_finite(ctx, Tensor::from(ctx.pool(), 1, values.size(), values),
                                static_cast<std::size_t*>(found.data()));
      ctx.pool()->source().copy_out(&count, found.data(), sizeof count, ctx.pool()->ordinal());
      return count;
    };
    CHECK(run() == 3);
    values.assign(5000, 1);
    CHECK(run() == 0);
  }
}
