// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/parameters.hpp>

#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

std::size_t Parameters::add(std::string name, std::size_t rows, std::size_t cols, double bound) {
  entries_.push_back({std::move(name), rows, cols, size_, bound, false});
  size_ += rows * cols;
  return entries_.size() - 1;
}

std::size_t Parameters::add_bias(std::string name, std::size_t rows, std::size_t cols) {
  const std::size_t id = add(std::move(name), rows, cols, 0);
  entries_[id].is_bias = true;
  return id;
}

void Parameters::initialise(Context& ctx, std::uint64_t seed) {
  constexpr std::uint32_t first_stream = 2048;
  check(entries_.size() <= max_streams - first_stream, "parameters: at most ", max_streams - first_stream,
        " matrices, got ", entries_.size());
  std::vector<Real> numbers(size_);
  for (std::size_t p = 0; p < entries_.size(); ++p) {
    const Entry& entry = entries_[p];
    if (entry.bound == 0) continue;
    for (std::size_t k = 0; k < entry.rows * entry.cols; ++k) {
      const PhiloxWords words = philox(feature_counter(k, first_stream + std::uint32_t(p), 0), std::uint32_t(seed),
                                       std::uint32_t(seed >> 32));
      numbers[entry.offset + k] = Real(entry.bound * (2 * uniform(words[k % 4]) - 1));
    }
  }
  values_ = Tensor::from(ctx.pool(), 1, size_, numbers);
  gradients_ = ctx.tensor(1, size_);
  kernels::fill(ctx, gradients_, Real(0));
}

Tensor Parameters::part(const Tensor& all, std::size_t id) const {
  const Entry& entry = entries_[id];
  return all.part(entry.offset, entry.rows, entry.cols);
}

Var Parameters::use(Tape& tape, std::size_t id) const { return tape.leaf(value(id), gradient(id)); }

}  // namespace gnn::inline GNN_PRECISION
