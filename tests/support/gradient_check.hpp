// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include <gnn/autograd/tape.hpp>

#include "numbers.hpp"

/// Gradients against central finite differences of <cotangent, y>.
namespace gnn::test {

/// y as a function of some matrices, written with ops.
using Function = std::function<Var(Tape& tape, const std::vector<Var>& inputs)>;

/// Dropout draws from these, so that every evaluation sees the same masks.
inline constexpr std::uint64_t check_seed = 77;
inline constexpr std::uint32_t check_step = 5;

inline Matrix value_of(Context& ctx, const Function& f, const std::vector<Matrix>& inputs) {
  Tape tape(ctx, Tape::training, check_seed, check_step);
  std::vector<Var> vars;
  for (const Matrix& m : inputs) vars.push_back(tape.constant(upload(ctx, m)));
  const Var y = f(tape, vars);
  return {y.rows(), y.cols(), y.value().to_host()};
}

/// The gradients of <cotangent, y> for the inputs that `wanted` names, added to `start`; empty for the
/// others.
inline std::vector<std::vector<Real>> gradients_of(Context& ctx, const Function& f,
                                                   const std::vector<Matrix>& inputs, const Matrix& cotangent,
                                                   const std::vector<bool>& wanted, Real start = 0) {
  Tape tape(ctx, Tape::training, check_seed, check_step);
  std::vector<Var> vars;
  std::vector<Tensor> gradients(inputs.size());
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Matrix& m = inputs[k];
    if (wanted[k]) gradients[k] = upload(ctx, {m.rows, m.cols, std::vector<Real>(m.values.size(), start)});
    vars.push_back(wanted[k] ? tape.leaf(upload(ctx, m), gradients[k]) : tape.constant(upload(ctx, m)));
  }
  tape.backward(f(tape, vars), upload(ctx, cotangent));
  std::vector<std::vector<Real>> result;
  for (const Tensor& gradient : gradients) result.push_back(gradient.to_host());
  return result;
}

/// Compares `gradient` with differences of <cotangent, evaluate()>, which reads `values`. All entries of a
/// small matrix; of a large one the first 120, where the test graph has its special nodes, and 120 spread
/// over the rest.
inline void compare_with_differences(const std::string& what, std::vector<Real>& values,
                                     std::span<const Real> gradient, std::span<const Real> cotangent,
                                     const std::function<std::vector<Real>()>& evaluate) {
  // The rounding of a difference is about 1e-16 / distance a changed number, its truncation distance^2: both
  // far below the tolerance of 1e-7 + 1e-5 |g|.
  constexpr double distance = 1e-6;
  constexpr std::size_t first = 120, spread = 120;
  const std::size_t stride = values.size() > first + spread ? (values.size() - first) / spread : 1;
  for (std::size_t k = 0; k < values.size(); k += k < first ? 1 : stride) {
    const Real centre = values[k];
    values[k] = Real(centre + distance);
    const std::vector<Real> above = evaluate();
    values[k] = Real(centre - distance);
    const std::vector<Real> below = evaluate();
    values[k] = centre;
    // Difference before product: numbers that do not depend on this entry cancel exactly.
    double expected = 0;
    for (std::size_t n = 0; n < above.size(); ++n)
      expected += double(cotangent[n]) * (double(above[n]) - double(below[n]));
    expected /= 2 * distance;
    const double error = std::abs(double(gradient[k]) - expected), allowed = 1e-7 + 1e-5 * std::abs(expected);
    CHECK_MESSAGE(error <= allowed, what, ", entry ", k, ": gradient ", double(gradient[k]), ", difference ",
                  expected);
    if (!(error <= allowed)) return;  // one report a matrix is enough
  }
}

/// All gradients of f, each also alone with the other inputs constant, and added to what is there already.
inline void check_gradient(Context& ctx, const std::string& what, const Function& f,
                           std::vector<Matrix> inputs) {
  const Matrix y = value_of(ctx, f, inputs);
  const Matrix cotangent = random_matrix(y.rows, y.cols, 99);
  const std::vector<bool> all(inputs.size(), true);
  const auto gradients = gradients_of(ctx, f, inputs, cotangent, all);
  const auto added = gradients_of(ctx, f, inputs, cotangent, all, Real(1));
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::string input = what + ", input " + std::to_string(k);
    compare_with_differences(input, inputs[k].values, gradients[k], cotangent.values,
                             [&] { return value_of(ctx, f, inputs).values; });

    std::vector<Real> one_more = gradients[k];
    for (Real& g : one_more) g += 1;
    CHECK_MESSAGE(relative_error(added[k], one_more) < 1e-12, input,
                  ": the gradient is not added to what is there");

    std::vector<bool> alone(inputs.size(), false);
    alone[k] = true;
    CHECK_MESSAGE(same_bits(gradients_of(ctx, f, inputs, cotangent, alone)[k], gradients[k]), input,
                  ": the gradient changes when the other inputs are constant");
  }
}

}  // namespace gnn::test
