// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/autograd/product.hpp>

#include "support/devices.hpp"
#include "support/gradient_check.hpp"
#include "support/toy_data.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

constexpr std::size_t rows = 137, columns = 301;
constexpr std::uint32_t stream = 2;

// 5 % filled; row 3 and column 5 are empty, row 4 and column 6 are full.
Matrix mostly_zero() {
  Matrix x = random_matrix(rows, columns, 1);
  const Matrix chance = random_matrix(rows, columns, 2, 0, 1);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      const bool full = i == 4 || c == 6, empty = i == 3 || c == 5;
      Real& v = x.values[i * columns + c];
      v = (full || chance.values[i * columns + c] < Real(0.05)) && !empty ? Real(float(v)) : Real(0);
    }
  }
  return x;
}

}  // namespace

TEST_CASE("dropout_matmul: sparse input gives what the same dense input gives, with the same draws") {
  // A row of y sums up to 301 products, in another order.
  const double allowed = tolerance(2e-6, 1e-13);
  const Matrix x = mostly_zero();
  const datasets::Features stored = features_from(rows, columns, {x.values.begin(), x.values.end()});
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const SparseMatrix sparse(ctx.pool(), columns, stored.offsets, stored.indices, stored.values);
    for (const std::size_t masks : {1u, 3u, 8u}) {
      for (const std::size_t width : {7u, 24u, 64u}) {
        for (const double p : {0.0, 0.6}) {
          CAPTURE(masks);
          CAPTURE(width);
          CAPTURE(p);
          const Matrix w = random_matrix(columns, masks * width, 3),
                       cotangent = random_matrix(rows, masks * width, 4);
          const Function of_sparse = [&](Tape&, const std::vector<Var>& v) {
            return dropout_matmul(sparse, v[0], p, stream, masks);
          };
          const Function of_dense = [&](Tape& tape, const std::vector<Var>& v) {
            return dropout_matmul(tape.constant(upload(ctx, x)), v[0], p, stream, masks);
          };
          CHECK(relative_error(value_of(ctx, of_sparse, {w}).values, value_of(ctx, of_dense, {w}).values) <=
                allowed);
          CHECK(relative_error(gradients_of(ctx, of_sparse, {w}, cotangent, {true})[0],
                               gradients_of(ctx, of_dense, {w}, cotangent, {true})[0]) <= allowed);
        }
      }
    }
  }
}

TEST_CASE("dropout_matmul: a weight gradient that is left for the end has the same bits, whatever else adds to it") {
  const Matrix x = mostly_zero(), dense = random_matrix(rows, columns, 3), start = random_matrix(columns, 12, 4),
               cotangent = random_matrix(rows, 12, 5);
  const datasets::Features stored = features_from(rows, columns, {x.values.begin(), x.values.end()});
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const SparseMatrix sparse(ctx.pool(), columns, stored.offsets, stored.indices, stored.values);
    // w's products in the order of the way back: s with the sparse matrix, d with a dense one.
    const auto gradient = [&](const std::string& products, bool leave, bool expected) {
      Tape tape(ctx, Tape::training, check_seed, check_step);
      const Tensor result = upload(ctx, {columns, 12, std::vector<Real>(columns * 12)});
      const Var w = tape.leaf(upload(ctx, start), result);
      std::vector<Var> terms;
      for (std::size_t k = products.size(); k-- > 0;) {
        terms.push_back(products[k] == 's' ? dropout_matmul(sparse, w, 0.5, stream, 3) : matmul(tape.constant(upload(ctx, dense)), w));
      }
      const Var loss = tape.record(upload(ctx, {1, 1, {0}}), terms, [&](const Tensor&) {
        for (const Var& y : terms) tape.add_grad(y, upload(ctx, cotangent));
      });
      if (!leave) {
        tape.backward(loss);
        return result.to_host();
      }
      const LeftSums left = tape.backward_without_sums(loss);
      CHECK(left.pieces.empty());
      CHECK(left.product.has_value() == (expected && device.kind == Device::cuda));
      if (left.product) add_weight_gradient(ctx, *left.product);
      return result.to_host();
    };
    const auto compare = [&](const std::string& products, bool is_left) {
      CAPTURE(products);
      CHECK(same_bits(gradient(products, true, is_left), gradient(products, false, is_left)));
    };
    compare("s", true);
    compare("ss", true);
    compare("sd", false);
    compare("ds", true);
    compare("dsd", false);
    compare("sds", true);
  }
}

TEST_CASE("dropout_matmul: given masks need a dense input") {
  Context ctx({}, 1);
  Tape tape(ctx);
  const datasets::Features stored = features_from(1, 2, {1, 0});
  const SparseMatrix x(ctx.pool(), 2, stored.offsets, stored.indices, stored.values);
  tape.freeze(stream, upload(ctx, {1, 2, {1, 1}}));
  const Var w = tape.constant(upload(ctx, {2, 1, {1, 1}}));
  CHECK_THROWS_WITH_AS(dropout_matmul(x, w, 0.5, stream, 1), "dropout_matmul: given masks need a dense input",
                       Error);
}
