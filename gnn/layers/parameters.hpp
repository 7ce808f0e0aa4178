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
  /// How a matrix starts.
  enum class Start { uniform, normal, constant };

  struct Entry {
    std::string name;
    std::size_t rows, cols, offset;
    Start start;
    double scale;           ///< uniform in (-scale, scale); normal with this deviation; or this constant
    bool is_bias = false;   ///< a bias or a scalar: --l2-bias says whether L2 acts on it
    bool is_conv = false;   ///< of a convolution, not of the dense maps around it: has an L2 factor of its own
  };

  /// Announces a matrix and returns its number. Call before initialise().
  std::size_t add(std::string name, std::size_t rows, std::size_t cols, double bound);
  /// The same for a bias or a scalar, which starts at zero.
  std::size_t add_bias(std::string name, std::size_t rows, std::size_t cols);
  /// Any other matrix; the entry's offset is set here.
  std::size_t add(Entry entry);

  /// Allocates all matrices and draws their initial values: number k of matrix p is draw k of stream 2048 + p, step 0;
  /// a normal number is made of the draws 2 k and 2 k + 1 by the method of Box and Muller.
  void initialise(Context& ctx, std::uint64_t seed);

  void clear_gradients(Context& ctx) const;  ///< all become zero

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

/// The bound of a uniform start of Glorot and Bengio 2010: sqrt(6 / (fan in + fan out)).
double glorot(std::size_t fan_in, std::size_t fan_out);

}  // namespace gnn::inline GNN_PRECISION
