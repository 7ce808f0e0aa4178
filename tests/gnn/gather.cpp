// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/kernels/direct.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;

TEST_CASE("gather: sums of rows by their numbers, narrow and wider than a warp, any number a sum") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const std::size_t columns : std::initializer_list<std::size_t>{4, 8, 64, 300}) {
      for (const std::size_t each : std::initializer_list<std::size_t>{1, 11, 16}) {
        CAPTURE(to_string(device));
        CAPTURE(columns);
        CAPTURE(each);
        const Matrix x = random_matrix(50, columns, 1);
        std::vector<NodeId> wanted;
        for (std::size_t k = 0; k < 70 * each; ++k) wanted.push_back(NodeId(k * k % 50));
        std::vector<Real> expected(70 * columns);
        for (std::size_t k = 0; k < wanted.size(); ++k) {
          for (std::size_t c = 0; c < columns; ++c) expected[k / each * columns + c] += x.values[std::size_t(wanted[k]) * columns + c];
        }
        const Array<NodeId> index(ctx.pool(), std::span<const NodeId>(wanted));
        const Tensor y = ctx.tensor(70, columns);
        direct::gather(ctx, index, each, upload(ctx, x), y);
        CHECK(relative_error(y.to_host(), expected) <= tolerance(1e-6, 1e-14));
      }
    }
  }
}

TEST_CASE("copy: of many numbers, whose count is no multiple of four or which do not begin at one") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const std::size_t size = (std::size_t(1) << 20) + 8;
    const Matrix x = random_matrix(1, size, 1);
    const Tensor from = upload(ctx, x);
    for (const std::size_t begin : std::initializer_list<std::size_t>{0, 1}) {
      for (const std::size_t count : {size - 4, size - 5}) {
        CAPTURE(to_string(device));
        CAPTURE(begin);
        CAPTURE(count);
        const Tensor to = ctx.tensor(1, size);
        direct::fill(ctx, to, Real(0));
        direct::copy(ctx, from.part(begin, 1, count), to.part(begin, 1, count));
        const std::vector<Real> result = to.to_host();
        CHECK(same_bits(std::span(result).subspan(begin, count), std::span(x.values).subspan(begin, count)));
        CHECK(result[begin + count] == 0);
      }
    }
  }
}
