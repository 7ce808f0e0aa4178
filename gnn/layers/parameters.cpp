// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/parameters.hpp>

#include <cmath>
#include <numbers>

#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Draw k of a stream of initial values.
double draw(std::size_t k, std::uint32_t stream, std::uint64_t seed) {
  const PhiloxWords words = philox(feature_counter(k, stream, 0), std::uint32_t(seed), std::uint32_t(seed >> 32));
  return uniform(words[k % 4]);
}

double initial_value(const Parameters::Entry& entry, std::size_t k, std::uint32_t stream, std::uint64_t seed) {
  switch (entry.start) {
    case Parameters::Start::constant:
      return entry.scale;
    case Parameters::Start::uniform:
      return entry.scale * (2 * draw(k, stream, seed) - 1);
    case Parameters::Start::normal:
      return entry.scale * std::sqrt(-2 * std::log(draw(2 * k, stream, seed))) *
             std::cos(2 * std::numbers::pi * draw(2 * k + 1, stream, seed));
  }
  return 0;
}

}  // namespace

std::size_t Parameters::add(Entry entry) {
  entry.offset = size_;
  size_ += entry.rows * entry.cols;
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

std::size_t Parameters::add(std::string name, std::size_t rows, std::size_t cols, double bound) {
  return add({std::move(name), rows, cols, 0, Start::uniform, bound});
}

std::size_t Parameters::add_bias(std::string name, std::size_t rows, std::size_t cols) {
  return add({.name = std::move(name), .rows = rows, .cols = cols, .offset = 0, .start = Start::constant, .scale = 0, .is_bias = true});
}

void Parameters::initialise(Context& ctx, std::uint64_t seed) {
  constexpr std::uint32_t first_stream = 2048;
  check(entries_.size() <= max_streams - first_stream, "parameters: at most ", max_streams - first_stream,
        " matrices, got ", entries_.size());
  std::vector<Real> numbers(size_);
  for (std::size_t p = 0; p < entries_.size(); ++p) {
    const Entry& entry = entries_[p];
    if (entry.scale == 0) continue;
    for (std::size_t k = 0; k < entry.rows * entry.cols; ++k) {
      numbers[entry.offset + k] = Real(initial_value(entry, k, first_stream + std::uint32_t(p), seed));
    }
  }
  values_ = Tensor::from(ctx.pool(), 1, size_, numbers);
  gradients_ = ctx.tensor(1, size_);
  clear_gradients(ctx);
}

Tensor Parameters::part(const Tensor& all, std::size_t id) const {
  const Entry& entry = entries_[id];
  return all.part(entry.offset, entry.rows, entry.cols);
}

Var Parameters::use(Tape& tape, std::size_t id) const { return tape.leaf(value(id), gradient(id)); }

void Parameters::clear_gradients(Context& ctx) const { kernels::fill(ctx, gradients_, Real(0)); }

double glorot(std::size_t fan_in, std::size_t fan_out) { return std::sqrt(6.0 / double(fan_in + fan_out)); }

}  // namespace gnn::inline GNN_PRECISION
