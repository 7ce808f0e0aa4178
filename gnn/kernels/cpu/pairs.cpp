// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/pairs.hpp>

#include <cmath>
#include <vector>

#include <gnn/kernels/cpu/parallel.hpp>

// Plan of every kernel here: numbers are cut into pieces of fixed size, a piece has one owner; sums over pieces meet in
// their order.
namespace gnn::inline GNN_PRECISION::cpu {
namespace {

constexpr std::size_t piece = 16384;

// The sum of term(k) over k below n, in double.
template <class Term>
double sum_of(Context& ctx, std::size_t n, const Term& term) {
  std::vector<double> partial((n + piece - 1) / piece);
  parallel_ranges(ctx, n, piece, [&](std::size_t first, std::size_t last) {
    double sum = 0;
    for (std::size_t k = first; k < last; ++k) sum += term(k);
    partial[first / piece] = sum;
  });
  double total = 0;
  for (const double sum : partial) total += sum;
  return total;
}

template <class Work>
void for_each(Context& ctx, std::size_t n, const Work& work) {
  parallel_ranges(ctx, n, piece, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) work(k);
  });
}

std::size_t largest(const Real* row, std::size_t n) { return std::size_t(std::max_element(row, row + n) - row); }

double weight_of(ConstMat weight, std::size_t e) { return weight.data ? double(weight.data[e]) : 1; }

}  // namespace

void multiply(Context& ctx, ConstMat x, ConstMat factor, Mat y) {
  for_each(ctx, x.size(), [&](std::size_t k) { y.data[k] = factor.data[0] * x.data[k]; });
}

void multiply_backward(Context& ctx, ConstMat x, ConstMat factor, ConstMat dy, Mat dx, Mat dfactor) {
  if (dx.data) for_each(ctx, x.size(), [&](std::size_t k) { dx.data[k] += factor.data[0] * dy.data[k]; });
  if (!dfactor.data) return;
  dfactor.data[0] += Real(sum_of(ctx, x.size(), [&](std::size_t k) { return double(x.data[k]) * double(dy.data[k]); }));
}

void row_maximum(Context& ctx, ConstMat x, Mat y) {
  for_each(ctx, x.rows, [&](std::size_t i) { y.data[i] = x.row(i)[largest(x.row(i), x.cols)]; });
}

void row_maximum_backward(Context& ctx, ConstMat x, ConstMat dy, Mat dx) {
  for_each(ctx, x.rows, [&](std::size_t i) { dx.row(i)[largest(x.row(i), x.cols)] += dy.data[i]; });
}

void log_sigmoid_loss(Context& ctx, ConstMat score, ConstMat weight, Real sign, Real factor, Mat loss) {
  loss.data[0] = Real(double(factor) * sum_of(ctx, score.rows, [&](std::size_t e) {
                        const double z = -double(sign) * double(score.data[e]);
                        return weight_of(weight, e) * (std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))));
                      }));
}

void log_sigmoid_loss_backward(Context& ctx, ConstMat score, ConstMat weight, Real sign, Real factor, ConstMat dloss,
                               Mat dscore) {
  const double scale = -double(dloss.data[0]) * double(factor) * double(sign);
  for_each(ctx, score.rows, [&](std::size_t e) {
    dscore.data[e] += Real(scale * weight_of(weight, e) / (1 + std::exp(double(sign) * double(score.data[e]))));
  });
}

}  // namespace gnn::inline GNN_PRECISION::cpu
