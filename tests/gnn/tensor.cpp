// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/tensor.hpp>

#include <doctest/doctest.h>

#include <gnn/core/sparse_matrix.hpp>
#include <graphs/error.hpp>

#include "support/devices.hpp"

using namespace gnn;
using Numbers = std::vector<Real>;

TEST_CASE("tensor: numbers go to a device and come back") {
  for (const Device device : test::available_devices()) {
    Context ctx(device, 1);
    const Tensor t = Tensor::from(ctx.pool(), 2, 3, Numbers{1, 2, 3, 4, 5, 6});
    CHECK(t.rows() == 2);
    CHECK(t.cols() == 3);
    CHECK(t.to_host() == Numbers{1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("tensor: a part shares its numbers with the whole") {
  for (const Device device : test::available_devices()) {
    Context ctx(device, 1);
    const Tensor whole = Tensor::from(ctx.pool(), 1, 6, Numbers{1, 2, 3, 4, 5, 6});
    const Tensor part = whole.part(2, 2, 2);
    CHECK(part.to_host() == Numbers{3, 4, 5, 6});
    CHECK(part.part(1, 1, 2).to_host() == Numbers{4, 5});
    part.copy_from(Numbers{7, 8, 9, 0});
    CHECK(whole.to_host() == Numbers{1, 2, 7, 8, 9, 0});
  }
}

TEST_CASE("tensor: a part keeps the memory of the whole alive") {
  Context ctx;
  Tensor part;
  {
    const Tensor whole = Tensor::from(ctx.pool(), 1, 3, Numbers{1, 2, 3});
    part = whole.part(1, 1, 2);
  }
  CHECK(part.to_host() == Numbers{2, 3});
}

TEST_CASE("tensor: sizes that do not fit are refused") {
  Context ctx;
  CHECK_THROWS_WITH_AS(Tensor::from(ctx.pool(), 2, 2, Numbers{1, 2, 3}), "tensor: 2x2 needs 4 numbers, got 3",
                       Error);
  const Tensor t = Tensor::from(ctx.pool(), 2, 2, Numbers{1, 2, 3, 4});
  CHECK_THROWS_WITH_AS(t.part(1, 2, 2), "tensor: a part of 2x2 at 1 does not fit into 4 numbers", Error);
  CHECK_THROWS_WITH_AS(t.copy_from(Numbers{1}), "tensor: 2x2 needs 4 numbers, got 1", Error);
}

TEST_CASE("tensor: one that was never made is empty") {
  const Tensor none;
  CHECK_FALSE(none.defined());
  CHECK(none.size() == 0);
  CHECK(none.to_host().empty());
}

TEST_CASE("sparse matrix: keeps its rows and a transposed copy") {
  Context ctx;
  // 5 . 7
  // . . .
  // 8 9 .
  const std::vector<std::int64_t> offsets = {0, 2, 2, 4};
  const std::vector<std::int32_t> columns = {0, 2, 0, 1};
  const std::vector<float> values = {5, 7, 8, 9};
  const SparseMatrix x(ctx.pool(), 3, offsets, columns, values);
  CHECK(x.rows() == 3);
  CHECK(x.cols() == 3);
  CHECK(x.num_nonzero() == 4);
  const SparseView t = x.transposed();
  CHECK(Numbers(t.values, t.values + 4) == Numbers{5, 8, 9, 7});
  CHECK(std::vector<NodeId>(t.pattern.columns, t.pattern.columns + 4) == std::vector<NodeId>{0, 2, 2, 0});
  CHECK(std::vector<EdgeOffset>(t.pattern.offsets, t.pattern.offsets + 4) ==
        std::vector<EdgeOffset>{0, 2, 3, 4});
}

TEST_CASE("sparse matrix: arrays that do not fit are refused") {
  Context ctx;
  const std::vector<std::int64_t> offsets = {0, 1};
  const std::vector<std::int32_t> outside = {3};
  const std::vector<float> one = {1}, two = {1, 2};
  CHECK_THROWS_AS(SparseMatrix(ctx.pool(), 3, offsets, outside, one), Error);
  CHECK_THROWS_WITH_AS(SparseMatrix(ctx.pool(), 4, offsets, outside, two),
                       "sparse matrix: 1 columns but 2 values", Error);
}
