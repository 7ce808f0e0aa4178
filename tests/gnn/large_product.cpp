// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <gnn/kernels/product.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

struct Sizes {
  std::size_t nodes, in, out;
};
// Below and above the tiles' and blocks' borders, multiples of them, and more than one depth.
constexpr Sizes all_sizes[] = {{32, 32, 32}, {33, 40, 35}, {97, 300, 65}, {192, 256, 64}, {101, 33, 543}, {3200, 64, 37}};

// sum over k of a(i, k) b(k, j), in double; start is added.
template <class A, class B>
std::vector<Real> product(std::size_t rows, std::size_t inner, std::size_t cols, const A& a, const B& b, Real start) {
  std::vector<Real> y(rows * cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) {
      double sum = double(start);
      for (std::size_t k = 0; k < inner; ++k) sum += double(a(i, k)) * double(b(k, j));
      y[i * cols + j] = Real(sum);
    }
  }
  return y;
}

struct Products {
  std::vector<Real> y, dx, dw;  // the last two added to ones
};

// x and dy are the right parts of wider matrices, so that rows do not follow on one another.
Products products(Context& ctx, const Sizes& s, const Matrix& x, const Matrix& w, const Matrix& dy) {
  const Tensor wide_x = upload(ctx, x), weight = upload(ctx, w), wide_dy = upload(ctx, dy);
  const ConstMat from = wide_x.mat().columns(3, s.in), above = wide_dy.mat().columns(5, s.out);
  const Tensor wide_y = upload(ctx, {s.nodes, s.out + 2, std::vector<Real>(s.nodes * (s.out + 2), Real(7))});
  const Tensor dx = upload(ctx, {s.nodes, s.in, std::vector<Real>(s.nodes * s.in, Real(1))});
  const Tensor dw = upload(ctx, {s.in, s.out, std::vector<Real>(s.in * s.out, Real(1))});
  kernels::matmul(ctx, from, weight.mat(), wide_y.mat().columns(1, s.out));
  kernels::matmul_input_gradient(ctx, above, weight.mat(), dx.mat());
  kernels::matmul_weight_gradient(ctx, from, above, dw.mat());
  const std::vector<Real> wide = wide_y.to_host();
  Products result{{}, dx.to_host(), dw.to_host()};
  for (std::size_t i = 0; i < s.nodes; ++i) {
    const Real* row = &wide[i * (s.out + 2)];
    CHECK(row[0] == 7);  // nothing beside the view is touched
    CHECK(row[s.out + 1] == 7);
    result.y.insert(result.y.end(), row + 1, row + 1 + s.out);
  }
  return result;
}

}  // namespace

TEST_CASE("products: matrices of any size, also parts of wider ones, give the sums of their terms") {
  // Sums of up to 3200 terms.
  const double allowed = tolerance(2e-6, 1e-14);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const Sizes& s : all_sizes) {
      CAPTURE(s.nodes);
      const Matrix x = random_matrix(s.nodes, s.in + 3, 1), w = random_matrix(s.in, s.out, 2),
                   dy = random_matrix(s.nodes, s.out + 5, 3);
      const auto x_at = [&](std::size_t i, std::size_t k) { return x.values[i * x.cols + 3 + k]; };
      const auto w_at = [&](std::size_t k, std::size_t j) { return w.values[k * w.cols + j]; };
      const auto dy_at = [&](std::size_t i, std::size_t j) { return dy.values[i * dy.cols + 5 + j]; };
      const auto turned = [](const auto& a) { return [&a](std::size_t i, std::size_t j) { return a(j, i); }; };
      const Products found = products(ctx, s, x, w, dy);
      CHECK(relative_error(found.y, product(s.nodes, s.in, s.out, x_at, w_at, 0)) < allowed);
      CHECK(relative_error(found.dx, product(s.nodes, s.out, s.in, dy_at, turned(w_at), 1)) < allowed);
      CHECK(relative_error(found.dw, product(s.in, s.nodes, s.out, turned(x_at), dy_at, 1)) < allowed);
    }
  }
}

TEST_CASE("products: large matrices give the same bits on 1, 2 and 3 threads") {
  Context one({}, 1);
  for (const Sizes& s : all_sizes) {
    const Matrix x = random_matrix(s.nodes, s.in + 3, 1), w = random_matrix(s.in, s.out, 2),
                 dy = random_matrix(s.nodes, s.out + 5, 3);
    const Products expected = products(one, s, x, w, dy);
    for (const int threads : {2, 3}) {
      Context ctx({}, threads);
      const Products found = products(ctx, s, x, w, dy);
      CHECK(same_bits(found.y, expected.y));
      CHECK(same_bits(found.dx, expected.dx));
      CHECK(same_bits(found.dw, expected.dw));
    }
  }
}

TEST_CASE("products: on a GPU, matrices that fill it come as close to sums in double as sums in float do") {
  // Sums of 384 to 8400 terms, of which some numbers are looked at.
  const double allowed = tolerance(6e-7, 1e-14);
  const Sizes s = {8400, 512, 384};
  for (const Device device : available_devices()) {
    if (device.kind == Device::cpu) continue;
    Context ctx(device, 2);
    const Matrix x = random_matrix(s.nodes, s.in, 1), w = random_matrix(s.in, s.out, 2), dy = random_matrix(s.nodes, s.out, 3);
    const Tensor x_there = upload(ctx, x), w_there = upload(ctx, w), dy_there = upload(ctx, dy);
    const Tensor y = ctx.tensor(s.nodes, s.out), dx = upload(ctx, {s.nodes, s.in, std::vector<Real>(s.nodes * s.in, Real(1))}),
                 dw = upload(ctx, {s.in, s.out, std::vector<Real>(s.in * s.out, Real(1))});
    kernels::matmul(ctx, x_there, w_there, y);
    kernels::matmul_input_gradient(ctx, dy_there, w_there, dx);
    kernels::matmul_weight_gradient(ctx, x_there, dy_there, dw);
    const auto check = [&](const Tensor& found, std::size_t inner, double start, const auto& a, const auto& b) {
      const std::vector<Real> all = found.to_host();
      std::vector<Real> some, expected;
      for (std::size_t k = 0; k < 997; ++k) {
        const std::size_t i = k * 7919 % found.rows(), j = k * 104729 % found.cols();
        double sum = start;
        for (std::size_t n = 0; n < inner; ++n) sum += double(a(i, n)) * double(b(n, j));
        some.push_back(all[i * found.cols() + j]);
        expected.push_back(Real(sum));
      }
      CHECK(relative_error(some, expected) < allowed);
    };
    const auto at = [](const Matrix& m) { return [&m](std::size_t i, std::size_t j) { return m.values[i * m.cols + j]; }; };
    const auto turned = [](const Matrix& m) { return [&m](std::size_t i, std::size_t j) { return m.values[j * m.cols + i]; }; };
    check(y, s.in, 0, at(x), at(w));
    check(dx, s.out, 1, at(dy), turned(w));
    check(dw, s.nodes, 1, turned(x), at(dy));
  }
}
