// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gnn/autograd/tape.hpp>

namespace gnn::inline GNN_PRECISION {

/// The trained numbers of a model, each a named matrix. All lie one behind the other in one buffer, and so do their
/// gradients: the optimiser, the copy of the best weights and the check for NaN are then one pass each.
class Parameters {
 public:
  struct Entry {
    std::string name;
    std::size_t rows, cols, offset;
    double bound;  ///< initial values are uniform in (-bound, bound)
    bool is_bias;
  };

  /// Announces a matrix and returns its number. Call before initialise().
  std::size_t add(std::string name, std::size_t rows, std::size_t cols, double bound);
  /// The same for a bias or a scalar, which starts at zero.
  std::size_t add_bias(std::string name, std::size_t rows, std::size_t cols);

  /// Allocates all matrices and draws their initial values: number k of matrix p is draw k of stream 2048 + p, step 0.
  void initialise(Context& ctx, std::uint64_t seed);

  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return size_; }  ///< how many numbers

  const Tensor& values() const { return values_; }        ///< 1 x size()
  const Tensor& gradients() const { return gradients_; }  ///< 1 x size()
  Tensor value(std::size_t id) const { return part(values_, id); }
  Tensor gradient(std::size_t id) const { return part(gradients_, id); }
  Tensor part(const Tensor& all, std::size_t id) const;

  /// The matrix as an input of ops, whose gradient adds into gradient(id).
  Var use(Tape& tape, std::size_t id) const;

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
  Tensor values_, gradients_;
};

}  // namespace gnn::inline GNN_PRECISION
