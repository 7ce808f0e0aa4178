// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gatv2_layer.hpp>

#include <algorithm>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/kernels/cuda/gatv2_few.hpp>
#include <gnn/kernels/cuda/gatv2_rows.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The op on a GPU: what its forward pass leaves, and the kernels of both passes.
struct FusedGatV2Layer {
  Tape& tape;
  Context& ctx;
  Adjacency adjacency;
  Var source, target, a, bias, through, residual_bias;
  bool mean, elu;
  std::size_t width_of_y;
  Real slope;
  Dropout drop;
  Tensor out, alpha, maximum, sum, y;
  std::shared_ptr<Buffer> signs;
  bool has_few_edges = false;  // then alpha has the logits

  std::size_t heads() const { return a.rows(); }
  std::size_t width() const { return source.cols(); }
  std::size_t targets() const { return adjacency.num_targets(); }
  Tensor rows_of_target() const { return target.value().part(0, targets(), width()); }
  GatEnd end() const {
    const auto numbers = [](const Var& x) { return x.defined() ? x.value().data() : nullptr; };
    return {numbers(bias), numbers(residual_bias), elu, through.defined() ? through.value() : ConstMat{}, y};
  }
  cuda::FewState few_state() const { return {alpha, maximum, sum}; }
  PairAttentionState state() const { return {alpha, signs ? static_cast<std::uint8_t*>(signs->data()) : nullptr}; }

  void forward(bool train) {
    y = ctx.tensor(targets(), width_of_y);
    if (train || mean) out = ctx.tensor(targets(), width());
    if (train) {
      alpha = ctx.tensor(adjacency.num_edges(), heads());
      maximum = ctx.tensor(targets(), heads());
      sum = ctx.tensor(targets(), heads());
    }
    has_few_edges = !mean && cuda::gatv2_few_forward(ctx, adjacency.in(), adjacency.out(), source.value(), rows_of_target(), a.value(), slope,
                                                     drop, out, few_state(), end());
    if (has_few_edges) return finish(train);
    maximum = sum = Tensor();
    if (train) {
      signs = std::make_shared<Buffer>(ctx.pool(), adjacency.num_edges() * sign_bytes(a.rows(), a.cols()));
    }
    cuda::gatv2_rows_forward(ctx, adjacency.in(), source.value(), rows_of_target(), source.value(), a.value(), slope, drop, out, state(),
                             mean ? GatEnd{} : end());
    if (mean) cuda::gat_mean_end(ctx, out, heads(), end());
    finish(train);
  }
  void finish(bool train) {
    if (!train) out = Tensor();
  }

  void backward(const Tensor& dy) const { return has_few_edges ? backward_of_few(dy) : backward_of_many(dy); }

  void backward_of_few(const Tensor& dy) const {
    const std::size_t pieces = cuda::num_gat_pieces(adjacency.in());
    const Tensor a_pieces = ctx.tensor(pieces, width()), bias_pieces = ctx.tensor(pieces, width());
    const Tensor dout = elu ? ctx.tensor(targets(), width()) : Tensor(), dsource = ctx.tensor(source.rows(), width());
    const bool same = target.is(source);
    const Tensor dtarget = ctx.tensor(same ? targets() : target.rows(), width());
    if (dtarget.rows() > targets()) kernels::fill(ctx, dtarget.part(targets() * width(), dtarget.rows() - targets(), width()), Real(0));
    cuda::gatv2_few_backward(ctx, adjacency.in(), adjacency.out(), source.value(), rows_of_target(), a.value(), slope, drop, out, few_state(),
                             dy, end(), elu ? dout.mat() : Mat{}, dsource, dtarget.part(0, targets(), width()), same, a_pieces, bias_pieces);
    tape.add_pieces(a_pieces, a);
    if (bias.defined()) tape.add_pieces(bias_pieces, bias);
    if (residual_bias.defined()) tape.add_pieces(bias_pieces, residual_bias);
    if (source.needs_grad()) tape.add_grad(source, dsource);
    if (!same && target.needs_grad()) tape.add_grad(target, dtarget);
  }

  void backward_of_many(const Tensor& dy) const {
    // Of the mean of heads, dout has one head's columns.
    const std::size_t columns = mean ? a.cols() : width();
    const bool own_dout = elu || columns != width_of_y;
    const Tensor dout = own_dout ? ctx.tensor(targets(), columns) : dy, correction = ctx.tensor(targets(), heads());
    const Tensor bias_pieces = ctx.tensor(cuda::num_gat_pieces(targets()), width_of_y);
    if (mean) {
      cuda::gat_mean_end_backward(ctx, dy, end(), own_dout ? dout.mat() : Mat{}, bias_pieces);
      cuda::gatv2_end_backward(ctx, a.value(), out, dout, GatEnd{}, true, Mat{}, correction, Mat{});
    } else {
      cuda::gatv2_end_backward(ctx, a.value(), out, dy, end(), false, own_dout ? dout.mat() : Mat{}, correction, bias_pieces);
    }
    if (bias.defined()) tape.add_pieces(bias_pieces, bias);
    if (residual_bias.defined()) tape.add_pieces(bias_pieces, residual_bias);

    const Tensor dsource = ctx.tensor(source.rows(), width()), dtarget = ctx.tensor(target.rows(), width());
    const std::size_t left_out = target.rows() - targets();
    if (left_out > 0) kernels::fill(ctx, dtarget.part(targets() * width(), left_out, width()), Real(0));
    const Tensor pieces = cuda::gatv2_rows_backward(ctx, adjacency.in(), adjacency.out(), source.value(), rows_of_target(), source.value(),
                                                    a.value(), slope, drop, state(), {dout, correction, mean}, dsource,
                                                    dtarget.part(0, targets(), width()), Mat{}, true);
    tape.add_pieces(pieces, a);
    if (through.defined() && through.needs_grad()) tape.add_grad(through, dout);
    if (source.needs_grad()) tape.add_grad(source, dsource);
    if (target.needs_grad()) tape.add_grad(target, dtarget);
  }
};

[[maybe_unused]] Var fused(const Adjacency& adjacency, const Var& source, const Var& target, const Var& a, double slope, double p,
                           std::uint32_t stream, const GatV2End& end) {
  Tape& tape = source.tape();
  const std::size_t columns = end.mean ? a.cols() : a.value().size(), width_of_y = end.bias.defined() ? end.bias.cols() : columns;
  check(source.rows() == adjacency.num_sources() && source.cols() == a.value().size() && target.cols() == a.value().size() &&
            target.rows() >= adjacency.num_targets(),
        "gatv2_layer: source is ", source.rows(), "x", source.cols(), " and target ", target.rows(), "x", target.cols(), ", expected ",
        adjacency.num_sources(), " and ", adjacency.num_targets(), " rows of ", a.value().size());
  check(width_of_y == columns || (end.mean && width_of_y < columns), "gatv2_layer: expected a bias of 1x", columns, ", got 1x", width_of_y);
  const Var through = end.residual ? end.residual(columns) : Var();
  if (through.defined()) {
    check(through.rows() == adjacency.num_targets() && through.cols() == columns, "gatv2_layer: the residual is ", through.rows(), "x",
          through.cols(), ", expected ", adjacency.num_targets(), "x", columns);
  }
  const auto layer = std::make_shared<FusedGatV2Layer>(
      FusedGatV2Layer{tape, tape.context(), adjacency, source, target, a, end.bias, through, end.residual_bias, end.mean, end.elu, width_of_y,
                      Real(slope), tape.dropout(stream, p), {}, {}, {}, {}, {}, {}});
  const std::vector<Var> inputs = {source, target, a, end.bias, through, end.residual_bias};
  layer->forward(std::any_of(inputs.begin(), inputs.end(), [](const Var& x) { return x.needs_grad(); }));
  return tape.record(layer->y, inputs, [layer](const Tensor& dy) { layer->backward(dy); });
}

}  // namespace

Var gatv2_layer(const Adjacency& adjacency, Var source, Var target, const Var& a, double slope, double p, std::uint32_t stream,
                const GatV2End& end) {
  if constexpr (has_cuda) {
    if (source.tape().context().device().kind == Device::cuda && cuda::gatv2_rows_fit(a.rows(), a.cols())) {
      return fused(adjacency, source, target, a, slope, p, stream, end);
    }
  }
  Var y = gatv2_attention(adjacency, source, top_rows(target, adjacency.num_targets()), source, a, slope, p, stream);
  source = target = Var();  // in inference nobody else holds these rows
  if (end.mean) y = mean_heads(y, a.rows());
  if (end.residual) y = add(y, end.residual(y.cols()));
  if (end.residual_bias.defined()) y = add_bias(std::move(y), end.residual_bias);
  if (end.elu && end.bias.defined()) return bias_elu(std::move(y), end.bias);
  if (end.bias.defined()) y = add_bias(std::move(y), end.bias);
  return end.elu ? elu(std::move(y)) : y;
}

}  // namespace gnn::inline GNN_PRECISION
