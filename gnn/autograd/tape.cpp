// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/tape.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// A size that leaves what comes behind it aligned as tensors are.
constexpr std::size_t aligned(std::size_t numbers) { return (numbers + 15) / 16 * 16; }

}  // namespace

Dropout Tape::dropout(std::uint32_t stream, double p) const {
  check(p >= 0 && p < 1, "dropout: must be in [0, 1), got ", p);
  check(stream < max_streams, "dropout: stream must be below ", max_streams, ", got ", stream);
  Dropout dropout = make_dropout(seed_, stream, step_, is_training() ? p : 0);
  dropout.step_at = step_at_;
  if (const auto found = frozen_.find(stream); found != frozen_.end()) dropout.frozen = found->second.data();
  return dropout;
}

Var Tape::leaf(Tensor value, Tensor gradient) {
  if (!is_training()) return constant(std::move(value));
  nodes_.push_back({value.rows(), value.cols(), std::move(gradient), nullptr, {}});
  return Var(this, std::move(value), int(nodes_.size()) - 1);
}

Var Tape::record(Tensor y, std::initializer_list<Var> inputs, std::function<void(const Tensor&)> backward) {
  return record(std::move(y), std::vector<Var>(inputs), std::move(backward));
}

Var Tape::record(Tensor y, const std::vector<Var>& inputs, std::function<void(const Tensor&)> backward) {
  const bool needed = std::any_of(inputs.begin(), inputs.end(), [](const Var& x) { return x.needs_grad(); });
  if (!needed) return constant(std::move(y));
  nodes_.push_back({y.rows(), y.cols(), Tensor(), std::move(backward), {}});
  return Var(this, std::move(y), int(nodes_.size()) - 1);
}

Tensor Tape::grad(const Var& var) {
  check(var.needs_grad(), "grad: this value has no gradient");
  Node& node = nodes_[std::size_t(var.id_)];
  if (gets_later_product(node)) add_later_product();
  if (!node.gradient.defined()) {
    node.gradient = zeroes(node.rows, node.cols);
  } else if (node.gradient.data() == ctx_.one().data()) {
    // The loss's own gradient, handed on; it is everybody's, so what is added to gets a copy.
    node.gradient = ctx_.tensor(1, 1);
    kernels::copy(ctx_, ctx_.one(), node.gradient);
  }
  return node.gradient;
}

// Small gradients on a GPU, where a launch costs more than their memory: one fill serves all of them.
void Tape::zero_gradients_at_once() {
  constexpr std::size_t most = std::size_t(1) << 22;
  const bool wanted = sending_back_ && !zeroes_.defined() && ctx_.device().kind != Device::cpu;
  if (!wanted) return;
  std::size_t size = 0;
  for (const Node& node : nodes_) {
    if (!node.gradient.defined()) size += aligned(node.rows * node.cols);
  }
  if (size > most) return;
  zeroes_ = ctx_.tensor(1, size);
  kernels::fill(ctx_, zeroes_, Real(0));
}

Tensor Tape::zeroes(std::size_t rows, std::size_t cols) {
  zero_gradients_at_once();
  if (zeroes_.defined() && zeroes_used_ + rows * cols <= zeroes_.size()) {
    const Tensor part = zeroes_.part(zeroes_used_, rows, cols);
    zeroes_used_ += aligned(rows * cols);
    return part;
  }
  const Tensor fresh = ctx_.tensor(rows, cols);
  kernels::fill(ctx_, fresh, Real(0));
  return fresh;
}

Var Tape::add_losses(const Var& a, const Var& b) {
  const Tensor sum = ctx_.tensor(1, 1);
  if (!is_recorded()) kernels::add(ctx_, a.value(), b.value(), sum);
  return record(sum, {a, b}, [a, b, this](const Tensor& dy) {
    const bool shared = dy.data() == ctx_.one().data();  // which grad() looks after
    if (b.needs_grad()) shared ? add_grad(b, dy) : kernels::add_scaled(ctx_, Real(1), dy, grad(b));
    if (a.needs_grad()) add_grad(a, dy);
  });
}

void Tape::add_grad(const Var& var, const Tensor& more) {
  Node& node = nodes_[std::size_t(var.id_)];
  if (node.gradient.defined()) {
    kernels::add_scaled(ctx_, Real(1), more, grad(var));
  } else {
    node.gradient = more;
  }
}

void Tape::add_grad_beside(const Var& var, const std::function<void(const Tensor&)>& add, std::shared_ptr<const void> held) {
  if constexpr (has_cuda) {
    Tensor more;
    ctx_.branch().run(ctx_, [&] {
      more = ctx_.tensor(var.rows(), var.cols());
      kernels::fill(ctx_, more, Real(0));
      add(more);
    });
    nodes_[std::size_t(var.id_)].beside.push_back({std::move(more), std::move(held)});
  }
}

void Tape::take_beside(Node& node) {
  if constexpr (has_cuda) {
    if (node.beside.empty()) return;
    if (gets_later_product(node)) add_later_product();
    ctx_.branch().join(ctx_);
    for (const auto& [more, held] : node.beside) {
      if (node.gradient.defined()) {
        kernels::add_scaled(ctx_, Real(1), more, node.gradient);
      } else if (node.backward) {
        node.gradient = more;
      } else {
        // The host may want it, and cannot read a branch's memory.
        node.gradient = ctx_.tensor(more.rows(), more.cols());
        kernels::copy(ctx_, more, node.gradient);
      }
    }
    node.beside.clear();
  }
}

void Tape::add_pieces(Tensor pieces, const Var& to) {
  if (!to.needs_grad()) return;
  Tensor gradient = grad(to);
  if (!nodes_[std::size_t(to.id_)].backward) return later_.push_back({std::move(pieces), std::move(gradient)});
  const PieceSum sum{pieces, gradient};
  kernels::add_pieces(ctx_, std::span<const PieceSum>(&sum, 1));
}

// Gradients get their parts in the order of the calls: what would come after the product brings it about.
void Tape::add_weight_gradient(SparseWeightGradient product, const Var& w) {
  if (!w.needs_grad()) return;
  add_later_product();  // one can wait: the last one, of the first layer
  product.dw = grad(w);
  const Real* const dw = product.dw.data();
  const bool has_pieces = std::any_of(later_.begin(), later_.end(), [&](const auto& sum) { return sum.second.data() == dw; });
  if (leaves_product_ && ctx_.device().kind != Device::cpu && !nodes_[std::size_t(w.id_)].backward && !has_pieces) {
    later_product_ = std::move(product);
  } else {
    gnn::add_weight_gradient(ctx_, product);
  }
}

void Tape::add_later_product() {
  if (const auto product = std::exchange(later_product_, std::nullopt)) gnn::add_weight_gradient(ctx_, *product);
}

bool Tape::gets_later_product(const Node& node) const {
  return later_product_ && node.gradient.defined() && node.gradient.data() == later_product_->dw.data();
}

// Sums at once do not know of each other: what gets two has two turns. Returns the last turn's.
std::vector<PieceSum> Tape::add_later_pieces() {
  std::vector<PieceSum> sums;
  for (const auto& [pieces, result] : later_) {
    const Real* const to = result.data();
    if (std::any_of(sums.begin(), sums.end(), [&](const PieceSum& sum) { return sum.result.data == to; })) {
      kernels::add_pieces(ctx_, std::span<const PieceSum>(sums));
      sums.clear();
    }
    sums.push_back({pieces, result});
  }
  return sums;
}

void Tape::backward(const Var& y, const Tensor& dy) {
  check(y.needs_grad(), "backward: nothing that leads to this value is trained");
  check(dy.rows() == y.rows() && dy.cols() == y.cols(), "backward: the gradient is ", dy.rows(), "x", dy.cols(),
        ", the value is ", y.rows(), "x", y.cols());
  kernels::add_scaled(ctx_, Real(1), dy, grad(y));
  send_back(y);
  if (const std::vector<PieceSum> sums = add_later_pieces(); !sums.empty()) kernels::add_pieces(ctx_, std::span<const PieceSum>(sums));
}

void Tape::send_back(const Var& y) {
  sending_back_ = true;
  for (std::size_t k = std::size_t(y.id_) + 1; k-- > 0;) {
    Node& node = nodes_[k];
    take_beside(node);
    if (!node.backward || !node.gradient.defined()) continue;
    node.backward(node.gradient);
    // What this step held is not needed upstream; its memory serves the gradients still to come.
    node.backward = nullptr;
    node.gradient = Tensor();
  }
}

void Tape::backward(const Var& loss) {
  start(loss);
  if (const std::vector<PieceSum> sums = add_later_pieces(); !sums.empty()) kernels::add_pieces(ctx_, std::span<const PieceSum>(sums));
}

LeftSums Tape::backward_without_sums(const Var& loss) {
  leaves_product_ = true;
  start(loss);
  return {add_later_pieces(), std::exchange(later_product_, std::nullopt)};
}

void Tape::start(const Var& loss) {
  check(loss.rows() == 1 && loss.cols() == 1, "backward: a loss is 1x1, got ", loss.rows(), "x", loss.cols());
  check(loss.needs_grad(), "backward: nothing that leads to this value is trained");
  Tensor& gradient = nodes_[std::size_t(loss.id_)].gradient;
  check(!gradient.defined(), "backward: the loss has a gradient already");
  gradient = ctx_.one();
  send_back(loss);
}

}  // namespace gnn::inline GNN_PRECISION
