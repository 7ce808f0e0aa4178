// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gat_layer.hpp>

#include <algorithm>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/by_head.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gat_last.hpp>
#include <gnn/autograd/narrow_gat.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/autograd/scored_projection.hpp>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/state.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The op on a GPU: what its forward pass leaves, and the kernels of both passes.
struct FusedGatLayer {
  Tape& tape;
  Context& ctx;
  Adjacency adjacency;
  ScoredProjection projection;
  Var a_s, a_t, b_s, b_t, bias, through, second_bias;
  GatLayerOptions options;
  Dropout attention_drop, feature_drop;
  Tensor z, value, s, t, out, maximum, sum, positive_out, positive_mass, y;
  std::size_t launched = 0;  // kernels, behind the forward pass

  std::size_t heads() const { return a_s.rows(); }
  std::size_t width() const { return projection.w.cols(); }
  std::size_t width_of_y() const { return bias.cols(); }
  std::size_t width_of_dout() const { return options.mean ? a_s.cols() : width(); }  // of the mean, dout has one head's columns
  const NodeId* ids() const { return adjacency.ids().data(); }
  GatEnd end() const {
    return {bias.value().data(), second_bias.defined() ? second_bias.value().data() : nullptr, options.elu,
            through.defined() ? through.value() : ConstMat{}, y};
  }
  AttentionState state() const { return {maximum, sum, positive_out, positive_mass}; }

  void project() {
    const std::size_t sources = adjacency.num_sources();
    s = ctx.tensor(sources, heads());
    t = ctx.tensor(adjacency.num_targets(), heads());
    if (feature_drop.active()) value = ctx.tensor(sources, width());
    z = projection.forward({a_s.value(), a_t.value(), b_s.value(), b_t.value(), s, t, feature_drop, value.defined() ? value.mat() : Mat{}});
    if (!value.defined()) value = z;
  }

  void forward(bool train) {
    project();
    const std::size_t targets = adjacency.num_targets();
    y = ctx.tensor(targets, width_of_y());
    if (train || options.mean) out = ctx.tensor(targets, width());
    if (train) {
      positive_out = ctx.tensor(targets, width());
      maximum = ctx.tensor(targets, heads());
      sum = ctx.tensor(targets, heads());
      positive_mass = ctx.tensor(targets, heads());
    }
    cuda::gat_rows(ctx, adjacency.in(), s, t, value, Real(options.slope), attention_drop, out, state(),
                   options.mean ? GatEnd{} : end());
    if (options.mean) cuda::gat_mean_end(ctx, out, heads(), end());
    launched = ctx.cuda().launched;
    if (!train) out = Tensor();
  }

  void backward(const Tensor& dy) const {
    const std::size_t sources = adjacency.num_sources(), pieces = cuda::num_gat_pieces(adjacency.out());
    const Tensor dz = ctx.tensor(sources, width()), source_pieces = ctx.tensor(pieces, width()),
                 target_pieces = ctx.tensor(pieces, width());
    const Tensor source_bias_pieces = b_s.defined() ? ctx.tensor(pieces, heads()) : Tensor(),
                 target_bias_pieces = b_s.defined() ? ctx.tensor(pieces, heads()) : Tensor();
    cuda::GatSources to;
    to.source_vector = a_s.value().data();
    to.target_vector = a_t.value().data();
    to.z = z;
    to.dropout = feature_drop;
    to.ids = ids();
    to.dz = dz;
    to.source_pieces = source_pieces;
    to.target_pieces = target_pieces;
    to.source_bias_pieces = source_bias_pieces;
    to.target_bias_pieces = target_bias_pieces;
    Tensor bias_pieces = options.mean ? Tensor() : ctx.tensor(pieces, width_of_y());
    if (options.mean || !cuda::gat_few_backward(ctx, adjacency.out(), Real(options.slope), attention_drop, s, t, value, out, state(), dy,
                                                end(), to, bias_pieces, launched)) {
      bias_pieces = backward_in_two(dy, to);
    }
    tape.add_pieces(bias_pieces, bias);
    if (second_bias.defined()) tape.add_pieces(bias_pieces, second_bias);
    tape.add_pieces(source_pieces, a_s);
    tape.add_pieces(target_pieces, a_t);
    if (b_s.defined()) {
      tape.add_pieces(source_bias_pieces, b_s);
      tape.add_pieces(target_bias_pieces, b_t);
    }
    projection.backward(dz);
  }

  // One pass over targets, one over sources; returns the pieces of the bias.
  Tensor backward_in_two(const Tensor& dy, cuda::GatSources to) const {
    const std::size_t targets = adjacency.num_targets();
    const Real slope = Real(options.slope);
    const bool own_dout = options.elu || width_of_dout() != width_of_y();
    const Tensor dout = own_dout ? ctx.tensor(targets, width_of_dout()) : dy, dt = ctx.tensor(targets, heads());
    const Tensor numbers = ctx.tensor(targets, heads() * cuda::gat_edge_numbers);
    const Tensor bias_pieces = ctx.tensor(cuda::num_gat_pieces(targets), width_of_y());
    if (options.mean) {
      cuda::gat_mean_end_backward(ctx, dy, end(), own_dout ? dout.mat() : Mat{}, bias_pieces);
      cuda::gat_backward_targets(ctx, slope, t, out, state(), dout, GatEnd{}, true, Mat{}, numbers, false, dt, Mat{});
    } else {
      cuda::gat_backward_targets(ctx, slope, t, out, state(), dy, end(), false, dout, numbers, false, dt, bias_pieces);
    }
    to.dtarget_score = dt;
    cuda::gat_backward_sources(ctx, adjacency.out(), slope, attention_drop, s, value, numbers, dout, options.mean, to);
    if (through.defined() && through.needs_grad()) tape.add_grad(through, dout);
    return bias_pieces;
  }
};

}  // namespace

Var composed_gat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const GatLayerWeights& m,
                       const GatLayerOptions& o) {
  const Array<NodeId>& ids = adjacency.ids();
  const auto attend = [&] {  // in inference, the projected rows, as large as the result, are gone behind it
    if (goes_by_head(m.w.tape(), adjacency.num_sources(), m.a_s.rows(), m.a_s.cols()))
      return m.w.tape().constant(gat_by_head(adjacency, sparse, dense, m.w, m.a_s, m.a_t, m.b_s, m.b_t, o.slope));
    const Var z = sparse ? dropout_matmul(*sparse, m.w, o.dropout, o.stream, o.masks, ids)
                         : dropout_matmul(dense, m.w, o.dropout, o.stream, o.masks, ids);
    const Var s = head_scores(z, m.a_s, m.b_s), t = head_scores(top_rows(z, adjacency.num_targets()), m.a_t, m.b_t);
    const Var value = dropout(z, o.feature_dropout, o.feature_stream, ids);
    return gat_attention(adjacency, s, t, value, o.slope, o.attention_dropout, o.attention_stream);
  };
  Var y = attend();
  if (o.mean) y = mean_heads(y, m.a_s.rows());
  if (m.residual) y = add(y, m.residual(y.cols()));
  if (m.residual_bias.defined()) y = add_bias(std::move(y), m.residual_bias);
  y = add_bias(std::move(y), m.bias);
  return o.elu ? elu(std::move(y)) : y;
}

Var gat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const GatLayerWeights& m,
              const GatLayerOptions& o) {
  Tape& tape = m.w.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    const Dropout drop = tape.dropout(o.stream, o.dropout), attention_drop = tape.dropout(o.attention_stream, o.attention_dropout),
                  feature_drop = tape.dropout(o.feature_stream, o.feature_dropout);
    const bool masks_fit = sparse ? o.masks <= cuda::most_masks : o.masks == 1 || !drop.active();
    const bool drawn = !drop.frozen && !feature_drop.frozen && m.b_s.defined() == m.b_t.defined();
    if (ctx.device().kind == Device::cuda && masks_fit && drawn && cuda::gat_rows_fit(m.a_s.rows(), m.a_s.cols())) {
      const std::size_t rows = sparse ? sparse->rows() : dense.rows(), columns = sparse ? sparse->cols() : dense.cols();
      const std::size_t width = m.w.cols(), heads = m.a_s.rows(), channels = m.a_s.cols();
      check(columns == m.w.rows(), "gat_layer: inner sizes differ: x is ", rows, "x", columns, ", w is ", m.w.rows(), "x", width);
      check(rows == adjacency.num_sources(), "gat_layer: x has ", rows, " rows, the graph has ", adjacency.num_sources(), " sources");
      check(heads * m.a_s.cols() == width && m.a_t.rows() == heads && m.a_t.cols() == m.a_s.cols(), "gat_layer: w has ", width,
            " columns, the vectors are ", heads, "x", m.a_s.cols(), " and ", m.a_t.rows(), "x", m.a_t.cols());
      const std::size_t out = o.mean ? m.a_s.cols() : width;
      check(m.bias.rows() == 1 && m.bias.cols() == out, "gat_layer: expected a bias of 1x", out);
      // Masks of projected rows depend on their width.
      const std::size_t padded = o.mean && !feature_drop.active() ? padded_channels(tape, rows, channels) : channels;
      const std::size_t wide = o.mean ? padded : width;
      const Var through = m.residual ? m.residual(wide) : Var();
      if (through.defined()) {
        check(through.rows() == adjacency.num_targets() && through.cols() == wide, "gat_layer: the residual is ", through.rows(), "x",
              through.cols(), ", expected ", adjacency.num_targets(), "x", wide);
      }
      if (!sparse && NarrowGat::fits(tape, dense, m, o)) return NarrowGat::layer(adjacency, dense, m, through, o);
      if (!sparse && !through.defined() && LastGat::fits(adjacency, dense, m, o)) return LastGat::layer(adjacency, dense, m, o);
      const auto layer = std::make_shared<FusedGatLayer>(FusedGatLayer{
          tape, ctx, adjacency, {tape, sparse ? *sparse : SparseMatrix(), sparse ? Var() : dense, pad_heads(m.w, heads, padded), drop, o.masks, adjacency.ids()},
          pad_heads(m.a_s, 1, padded), pad_heads(m.a_t, 1, padded), m.b_s, m.b_t, m.bias, through, m.residual_bias, o, attention_drop,
          feature_drop, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
      const std::vector<Var> inputs = {layer->projection.w, layer->a_s, layer->a_t, m.b_s, m.b_t, m.bias, layer->projection.dense, through,
                                       m.residual_bias};
      layer->forward(std::any_of(inputs.begin(), inputs.end(), [](const Var& x) { return x.needs_grad(); }));
      return tape.record(layer->y, inputs, [layer](const Tensor& dy) { layer->backward(dy); });
    }
  }
  return composed_gat_layer(adjacency, sparse, dense, m, o);
}

}  // namespace gnn::inline GNN_PRECISION
