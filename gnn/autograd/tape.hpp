// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gnn/core/philox.hpp>
#include <gnn/kernels/context.hpp>
#include <gnn/kernels/pieces.hpp>
#include <gnn/kernels/product.hpp>

namespace gnn::inline GNN_PRECISION {

class Tape;
struct AwaitedLoss;  // see loss.hpp

/// A matrix that an op made or that was given to a tape. Copies share it.
class Var {
 public:
  Var() = default;

  const Tensor& value() const { return value_; }
  std::size_t rows() const { return value_.rows(); }
  std::size_t cols() const { return value_.cols(); }
  bool defined() const { return tape_ != nullptr; }
  bool needs_grad() const { return id_ >= 0; }  ///< something upstream is trained
  bool is(const Var& other) const { return tape_ == other.tape_ && id_ == other.id_ && value_.data() == other.value_.data(); }
  Tape& tape() const { return *tape_; }

 private:
  friend class Tape;
  Var(Tape* tape, Tensor value, int id) : tape_(tape), value_(std::move(value)), id_(id) {}
  Tape* tape_ = nullptr;
  Tensor value_;
  int id_ = -1;
};

/// What a backward pass leaves to its caller: to add into gradients of leaves. No two have one result.
struct LeftSums {
  std::vector<PieceSum> pieces;
  std::optional<SparseWeightGradient> product;
};

/// Records what ops do, so that gradients can be sent back through them. What changes between two steps of training
/// (mode, seed, step) lives here and nowhere else; a tape serves one pass.
class Tape {
 public:
  enum Mode {
    inference,  ///< no dropout, nothing recorded: memory is free again as soon as a value is not needed
    training,
  };

  /// step_at: on a GPU, where kernels find the step's number, see Dropout.
  explicit Tape(Context& ctx, Mode mode = training, std::uint64_t seed = 0, std::uint32_t step = 1,
                const std::uint32_t* step_at = nullptr)
      : ctx_(ctx), mode_(mode), seed_(seed), step_(step), step_at_(step_at) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  Context& context() const { return ctx_; }
  bool is_training() const { return mode_ == training; }

  /// Dropout of this step for one use (stream) in a model; in inference it drops nothing.
  /// Throws Error(usage) unless 0 <= p < 1 and stream < max_streams.
  Dropout dropout(std::uint32_t stream, double p) const;

  /// Whether the pass is recorded, to be run again on a GPU: nobody reads a number of it in between.
  bool is_recorded() const { return step_at_ != nullptr; }

  /// a + b, both 1 x 1. Of a recorded pass the sum is left out: it would be one kernel more, for a number that nobody reads.
  Var add_losses(const Var& a, const Var& b);

  /// What a layer has begun before its turn, under the first number of its streams, for itself to take; null: nothing.
  void put_ahead(std::uint32_t stream, std::shared_ptr<void> work) { ahead_[stream] = std::move(work); }
  std::shared_ptr<void> take_ahead(std::uint32_t stream) { return std::exchange(ahead_[stream], nullptr); }

  /// The loss that the pass is for, which a model's last layer may find along with its result: see await_cross_entropy().
  void await(std::shared_ptr<AwaitedLoss> loss) { awaited_ = std::move(loss); }
  const std::shared_ptr<AwaitedLoss>& awaited() const { return awaited_; }
  /// For models: what comes next is a layer whose result is the pass's.
  void reach_last_layer() { at_last_layer_ = true; }
  bool at_last_layer() const { return at_last_layer_; }

  /// Lets the given numbers stand in for what `stream` would draw: for dropout multipliers (0 or 1/(1-p), one a number).
  void freeze(std::uint32_t stream, Tensor numbers) { frozen_[stream] = std::move(numbers); }
  /// What was frozen there; undefined: nothing.
  Tensor frozen(std::uint32_t stream) const {
    const auto found = frozen_.find(stream);
    return found == frozen_.end() ? Tensor() : found->second;
  }

  Var constant(Tensor value) { return Var(this, std::move(value), -1); }

  /// A matrix whose gradient is wanted. With `gradient` the result is added into it, else it starts at zero.
  Var leaf(Tensor value, Tensor gradient = {});

  /// For ops: y was computed from `inputs`; `backward` gets dL/dy and adds to the gradients of the inputs.
  Var record(Tensor y, std::initializer_list<Var> inputs, std::function<void(const Tensor& dy)> backward);
  Var record(Tensor y, const std::vector<Var>& inputs, std::function<void(const Tensor& dy)> backward);

  /// The gradient of a value that needs one; zero before anything was added.
  Tensor grad(const Var& var);

  /// Whether anything was added to it yet.
  bool has_grad(const Var& var) const { return nodes_[std::size_t(var.id_)].gradient.defined(); }

  /// Adds `more` to the gradient of a value. The first that comes is taken as it is, without a copy: the caller must
  /// not change it any more, nor give it to a second value.
  void add_grad(const Var& var, const Tensor& more);

  /// For ops' backward closures: the gradient of `to`, if it needs one, gets the sum of the rows of `pieces`, see PieceSum. That
  /// of a leaf gets it at the end of the backward pass, together with all others.
  void add_pieces(Tensor pieces, const Var& to);

  /// For ops' backward closures: the gradient of w gets `product`, whose dw is set here. On a GPU, that of a leaf may get it at the
  /// end of the backward pass, if nothing comes to it after this.
  void add_weight_gradient(SparseWeightGradient product, const Var& w);

  /// On a GPU: add(gradient) runs on the context's branch, beside the backward pass, on zeros of the shape of `var`, which are
  /// added when the gradient of `var` is complete but for that. `held` is kept alive until then: what the branch reads.
  void add_grad_beside(const Var& var, const std::function<void(const Tensor&)>& add, std::shared_ptr<const void> held);

  /// Sends dy = dL/dy back to all leaves. Once a tape.
  void backward(const Var& y, const Tensor& dy);

  /// The same for a 1 x 1 loss, with dL/dL = 1.
  void backward(const Var& loss);

  /// The same without the sums that were left for the end: the caller adds them while the tape is there.
  LeftSums backward_without_sums(const Var& loss);

 private:
  struct Node {
    std::size_t rows, cols;
    Tensor gradient;
    std::function<void(const Tensor&)> backward;
    std::vector<std::pair<Tensor, std::shared_ptr<const void>>> beside;
  };

  void start(const Var& loss);
  void send_back(const Var& y);
  void take_beside(Node& node);
  std::vector<PieceSum> add_later_pieces();
  void add_later_product();
  bool gets_later_product(const Node& node) const;
  void zero_gradients_at_once();
  Tensor zeroes(std::size_t rows, std::size_t cols);

  Context& ctx_;
  Mode mode_;
  std::uint64_t seed_;
  std::uint32_t step_;
  const std::uint32_t* step_at_;
  std::vector<Node> nodes_;
  std::map<std::uint32_t, Tensor> frozen_;
  std::map<std::uint32_t, std::shared_ptr<void>> ahead_;
  std::shared_ptr<AwaitedLoss> awaited_;
  bool at_last_layer_ = false;
  std::vector<std::pair<Tensor, Tensor>> later_;  // pieces and result
  std::optional<SparseWeightGradient> later_product_;
  bool leaves_product_ = false;
  Tensor zeroes_;               // memory of gradients to come, zero already
  std::size_t zeroes_used_ = 0;
  bool sending_back_ = false;
};

}  // namespace gnn::inline GNN_PRECISION
