// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <gnn/kernels/training.hpp>
#include <gnn/train/optimiser.hpp>
#include <gnn/train/schedule.hpp>
#include <graphs/error.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;
using Numbers = std::vector<Real>;

namespace {

// A dense weight, a weight of a convolution and a bias, one number each, with values 1, 2, 3 and gradients 0.5, -1, 2.
Numbers after_one_step(Device device, const OptimiserOptions& options, double factor = 1) {
  Context ctx(device, 1);
  Parameters parameters;
  parameters.add({.name = "dense", .rows = 1, .cols = 1, .offset = 0, .start = Parameters::Start::constant, .scale = 1});
  parameters.add({.name = "conv", .rows = 1, .cols = 1, .offset = 0, .start = Parameters::Start::constant, .scale = 2, .is_conv = true});
  parameters.add({.name = "bias", .rows = 1, .cols = 1, .offset = 0, .start = Parameters::Start::constant, .scale = 3, .is_bias = true});
  parameters.initialise(ctx, 0);
  parameters.gradients().copy_from(Numbers{0.5, -1, 2});
  const Numbers zeros(3);
  const AdamState state{Tensor::from(ctx.pool(), 1, 3, zeros), Tensor::from(ctx.pool(), 1, 3, zeros)};
  update(ctx, options, factor, 1, parameters, state);
  return parameters.values().to_host();
}

OptimiserOptions sgd() {
  OptimiserOptions o;
  o.kind = OptimiserOptions::sgd;
  o.learning_rate = 0.1;
  o.l2 = 0;
  return o;
}

const double few_roundings = tolerance(1e-6, 1e-14);

}  // namespace

TEST_CASE("optimiser: sgd moves weights against their gradient, each with the L2 factor of its group") {
  for (const Device device : available_devices()) {
    OptimiserOptions o = sgd();
    CHECK(relative_error(after_one_step(device, o), Numbers{0.95, 2.1, 2.8}) < few_roundings);
    CHECK(relative_error(after_one_step(device, o, 0.5), Numbers{0.975, 2.05, 2.9}) < few_roundings);
    o.l2 = 1;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.85, 1.9, 2.5}) < few_roundings);
    o.l2_on_bias = false;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.85, 1.9, 2.8}) < few_roundings);
    o.l2_conv = 2;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.85, 1.7, 2.8}) < few_roundings);
  }
}

TEST_CASE("optimiser: a gradient longer than clip_norm is cut to it, a shorter one is left") {
  const double length = std::sqrt(0.25 + 1 + 4);
  for (const Device device : available_devices()) {
    OptimiserOptions o = sgd();
    o.clip_norm = 2 * length;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.95, 2.1, 2.8}) < few_roundings);
    o.clip_norm = length / 2;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.975, 2.05, 2.9}) < few_roundings);
  }
}

TEST_CASE("optimiser: adamw shrinks weights apart from Adam's step, which has length rate") {
  for (const Device device : available_devices()) {
    OptimiserOptions o;
    o.kind = OptimiserOptions::adamw;
    o.learning_rate = 0.1;
    o.l2 = 0;
    o.weight_decay = 0.5;
    CHECK(relative_error(after_one_step(device, o), Numbers{0.95 - 0.1, 1.9 + 0.1, 2.85 - 0.1}) < tolerance(1e-6, 1e-7));
  }
}

TEST_CASE("sum_of_squares: of more numbers than a piece, on every device, in double") {
  constexpr std::size_t count = 40000;
  const Matrix x = random_matrix(1, count, 3, -2, 2);
  double expected = 0;
  for (const Real v : x.values) expected += double(v) * double(v);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Buffer result(ctx.pool(), sizeof(double));
    kernels::sum_of_squares(ctx, upload(ctx, x), static_cast<double*>(result.data()));
    double found = 0;
    ctx.pool()->source().copy_out(&found, result.data(), sizeof found, ctx.pool()->ordinal());
    CHECK(found == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("optimiser: options out of range are refused by name") {
  const auto text_of = [](auto change) {
    OptimiserOptions o;
    change(o);
    try {
      validate(o);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(text_of([](OptimiserOptions&) {}).empty());
  CHECK(text_of([](OptimiserOptions& o) { o.l2_conv = -1; }) == "l2-conv: must be 0 or greater, got -1");
  CHECK(text_of([](OptimiserOptions& o) { o.clip_norm = INFINITY; }) == "clip-norm: must be 0 or greater, got inf");
  CHECK(text_of([](OptimiserOptions& o) { o.weight_decay = 0.1; }) ==
        "weight-decay: needs the optimizer adamw; l2 is the coupled term");
}

TEST_CASE("schedule: plateau takes a tenth of the rate in the epoch after 11 without a lower loss") {
  ScheduleState state;
  observe(Schedule::plateau, state, 1.0);
  for (int k = 0; k < 10; ++k) observe(Schedule::plateau, state, 0.99995);  // lower, but by less than 0.01 %
  CHECK(rate_factor(Schedule::plateau, state, 12, 100) == 1);
  observe(Schedule::plateau, state, 1.0);
  CHECK(rate_factor(Schedule::plateau, state, 13, 100) == doctest::Approx(0.1));
  observe(Schedule::plateau, state, 0.5);
  for (int k = 0; k < 11; ++k) observe(Schedule::plateau, state, 0.6);
  CHECK(rate_factor(Schedule::plateau, state, 25, 100) == doctest::Approx(0.01));
}

TEST_CASE("schedule: cosine falls from 1 to next to 0, none stays") {
  const ScheduleState state;
  CHECK(rate_factor(Schedule::cosine, state, 1, 100) == 1);
  CHECK(rate_factor(Schedule::cosine, state, 51, 100) == doctest::Approx(0.5));
  CHECK(rate_factor(Schedule::cosine, state, 100, 100) < 0.001);
  CHECK(rate_factor(Schedule::none, state, 77, 100) == 1);
}
