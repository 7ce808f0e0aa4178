// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <gnn/layers/parameters.hpp>

#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;

TEST_CASE("parameters: each starts as it says: uniform in its bounds, normal with its deviation, or constant") {
  constexpr std::size_t count = 40000;
  Context ctx({}, 1);
  Parameters parameters;
  const std::size_t flat = parameters.add("flat", 200, 200, 0.5);
  const std::size_t bell = parameters.add({.name = "bell", .rows = 200, .cols = 200, .offset = 0, .start = Parameters::Start::normal, .scale = 2});
  const std::size_t ones = parameters.add({.name = "ones", .rows = 1, .cols = 3, .offset = 0, .start = Parameters::Start::constant, .scale = 1});
  const std::size_t bias = parameters.add_bias("bias", 1, 2);
  parameters.initialise(ctx, 11);
  CHECK(parameters.size() == 2 * count + 5);

  const auto moments = [&](std::size_t id, int power) {
    double sum = 0;
    for (const Real v : parameters.value(id).to_host()) sum += std::pow(double(v), power);
    return sum / double(count);
  };
  const std::vector<Real> uniform = parameters.value(flat).to_host();
  CHECK(std::ranges::max(uniform) <= 0.5);
  CHECK(std::ranges::min(uniform) >= -0.5);
  CHECK(moments(flat, 2) == doctest::Approx(0.25 / 3).epsilon(0.02));
  CHECK(std::abs(moments(bell, 1)) < 0.04);  // four deviations of the mean
  CHECK(moments(bell, 2) == doctest::Approx(4).epsilon(0.03));
  CHECK(moments(bell, 4) == doctest::Approx(48).epsilon(0.08));
  CHECK(parameters.value(ones).to_host() == std::vector<Real>{1, 1, 1});
  CHECK(parameters.value(bias).to_host() == std::vector<Real>{0, 0});
}
