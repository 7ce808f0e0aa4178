// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/narrow_gat.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/gat_narrow.hpp>
#include <gnn/kernels/cuda/gat_rows.hpp>
#include <gnn/kernels/cuda/split_product.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/head_scores.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// F columns, in memory as many as whole packs of a lane hold.
constexpr std::size_t padded(std::size_t columns) { return (columns + cuda::narrow_columns - 1) / cuda::narrow_columns * cuda::narrow_columns; }

// The op: what its forward pass leaves, and the kernels of both passes.
struct Layer {
  Tape& tape;
  Context& ctx;
  Adjacency adjacency;
  Var x, w, a_s, a_t, b_s, b_t, bias, second_bias, through;
  GatLayerOptions options;
  Dropout input_drop, attention_drop;
  Tensor rows, weight, vectors, s, t, sums, maximum, sum, y;

  std::size_t sources() const { return adjacency.num_sources(); }
  std::size_t targets() const { return adjacency.num_targets(); }
  std::size_t heads() const { return a_s.rows(); }
  std::size_t channels() const { return a_s.cols(); }
  std::size_t columns() const { return padded(x.cols()); }
  ConstMat values() const { return rows.defined() ? ConstMat(rows) : ConstMat(x.value()); }
  Tensor vector(std::size_t which) const { return vectors.part(which * heads() * columns(), heads(), columns()); }
  AttentionState state() const { return {maximum, sum, Mat{}, Mat{}}; }
  GatEnd end() const {
    return {bias.value().data(), second_bias.defined() ? second_bias.value().data() : nullptr, options.elu,
            through.defined() ? through.value() : ConstMat{}, y};
  }

  // The columns of head h in sums of rows, and in projected ones.
  Mat narrow(const Tensor& m, std::size_t h) const { return m.mat().columns(h * columns(), columns()); }
  Mat wide(const Tensor& m, std::size_t h) const { return m.mat().columns(h * channels(), channels()); }

  // x after dropout, in rows that lanes can read.
  void prepare_rows() {
    if (input_drop.active()) {
      rows = ctx.tensor(sources(), x.cols());
      kernels::dropout_forward(ctx, x.value(), input_drop, MaskPlace{0, 1, adjacency.ids().data()}, rows);
    }
    if (cuda::are_narrow_packs(values())) return;
    const Tensor whole = ctx.tensor(sources(), columns());
    kernels::pad_heads(ctx, values(), std::size_t(1), whole);
    rows = whole;
  }

  void prepare_weights() {
    weight = ctx.tensor(columns(), w.cols());
    kernels::copy(ctx, w.value(), weight.part(0, w.rows(), w.cols()));
    kernels::fill(ctx, weight.part(w.rows() * w.cols(), columns() - w.rows(), w.cols()), Real(0));
    vectors = ctx.tensor(2 * heads(), columns());
    const Tensor scores = ctx.tensor(w.rows(), heads());
    for (const auto& [which, a] : {std::pair{0, a_s}, {1, a_t}}) {
      kernels::head_scores(ctx, w.value(), a.value(), ConstMat{}, scores);
      cuda::turn_scores(ctx, scores, vector(std::size_t(which)));
    }
  }

  void forward(bool train) {
    prepare_rows();
    prepare_weights();
    s = ctx.tensor(sources(), heads());
    t = ctx.tensor(targets(), heads());
    const auto value_of = [](const Var& b) { return b.defined() ? b.value() : ConstMat{}; };
    cuda::narrow_scores(ctx, values(), {vector(0), vector(1), value_of(b_s), value_of(b_t), s, t, Dropout{}, Mat{}});
    sums = ctx.tensor(targets(), heads() * columns());
    if (train) {
      maximum = ctx.tensor(targets(), heads());
      sum = ctx.tensor(targets(), heads());
    }
    cuda::narrow_rows(ctx, adjacency.in(), s, t, values(), Real(options.slope), attention_drop, sums, state());
    const Tensor projected = ctx.tensor(targets(), w.cols());
    for (std::size_t h = 0; h < heads(); ++h) {
      cuda::dense_product(ctx, narrow(sums, h), false, wide(weight, h), false, false, wide(projected, h));
    }
    y = ctx.tensor(targets(), w.cols());
    cuda::gat_mean_end(ctx, projected, 1, end());
    if (!train) rows = sums = Tensor();
  }

  void backward(const Tensor& dy) const {
    const Tensor dout = options.elu ? ctx.tensor(targets(), w.cols()) : dy, bias_pieces = ctx.tensor(cuda::num_gat_pieces(targets()), w.cols());
    cuda::gat_end_backward(ctx, heads(), dy, end(), options.elu ? dout.mat() : Mat{}, bias_pieces);
    tape.add_pieces(bias_pieces, bias);
    if (second_bias.defined()) tape.add_pieces(bias_pieces, second_bias);
    if (through.defined() && through.needs_grad()) tape.add_grad(through, dout);
    if (!w.needs_grad()) return;

    const Tensor dsums = ctx.tensor(targets(), heads() * columns()), dw = ctx.tensor(columns(), w.cols());
    for (std::size_t h = 0; h < heads(); ++h) {
      cuda::dense_product(ctx, wide(dout, h), false, wide(weight, h), true, false, narrow(dsums, h));
      cuda::dense_product(ctx, narrow(sums, h), true, wide(dout, h), false, false, wide(dw, h));
    }
    kernels::add_scaled(ctx, Real(1), dw.part(0, w.rows(), w.cols()), tape.grad(w));
    send_back_scores(dsums);
  }

  // Through attention to the vectors, and from these to w, a_s and a_t. What x would get goes nowhere.
  void send_back_scores(const Tensor& dsums) const {
    const std::size_t width = heads() * columns(), pieces = cuda::num_narrow_pieces(adjacency.in());
    const Tensor source_pieces = ctx.tensor(pieces, width), target_pieces = ctx.tensor(pieces, width),
                 score_bias_pieces = b_s.defined() ? ctx.tensor(pieces, heads()) : Tensor();
    cuda::narrow_rows_backward(ctx, adjacency.in(), s, t, values(), Real(options.slope), attention_drop, sums, state(), dsums, source_pieces,
                               target_pieces, score_bias_pieces);
    if (b_s.defined()) {
      tape.add_pieces(score_bias_pieces, b_s);
      tape.add_pieces(score_bias_pieces, b_t);
    }
    const Tensor dvectors = ctx.tensor(2 * heads(), columns()), dscores = ctx.tensor(w.rows(), heads());
    kernels::fill(ctx, dvectors, Real(0));
    const PieceSum both[] = {{source_pieces, dvectors.part(0, heads(), columns())}, {target_pieces, dvectors.part(width, heads(), columns())}};
    kernels::add_pieces(ctx, std::span<const PieceSum>(both));
    for (const auto& [which, a] : {std::pair{0, a_s}, {1, a_t}}) {
      cuda::turn_vectors(ctx, dvectors.part(std::size_t(which) * width, heads(), columns()), dscores);
      kernels::head_scores_backward(ctx, w.value(), a.value(), dscores, tape.grad(w), tape.grad(a));
    }
  }
};

}  // namespace

bool NarrowGat::fits(const Tape& tape, const Var& x, const GatLayerWeights& m, const GatLayerOptions& o) {
  constexpr std::size_t large = 1 << 20;  // projected numbers, below which the launches cost more
  const bool trains = m.w.needs_grad(), together = m.a_s.needs_grad() == trains && m.a_t.needs_grad() == trains;
  const bool drops_projected = tape.is_training() && o.feature_dropout > 0;
  const std::size_t columns = x.defined() ? padded(x.cols()) : 0;
  // What an edge gathers, once for each slice of heads, is to be a third of a projected row: at half of it, products head by head
  // take longer than what is saved (R-MAT's 128 columns and 4 x 64: 3.2 ms a step in place of 2.5 ms, one H200).
  const bool saves = 3 * cuda::narrow_slices(m.a_s.rows()) * columns <= m.w.cols();
  return columns > 0 && columns <= cuda::widest_narrow && saves && !x.needs_grad() && together && !drops_projected && !o.mean &&
         x.rows() * m.w.cols() >= large && tape.context().device().kind == Device::cuda;
}

Var NarrowGat::layer(const Adjacency& adjacency, const Var& x, const GatLayerWeights& m, const Var& through, const GatLayerOptions& o) {
  if constexpr (has_cuda) {
    Tape& tape = m.w.tape();
    const auto layer = std::make_shared<Layer>(Layer{tape, tape.context(), adjacency, x, m.w, m.a_s, m.a_t, m.b_s, m.b_t, m.bias,
                                                     m.residual_bias, through, o, tape.dropout(o.stream, o.dropout),
                                                     tape.dropout(o.attention_stream, o.attention_dropout), {}, {}, {}, {}, {}, {}, {}, {}, {}});
    const std::vector<Var> inputs = {m.w, m.a_s, m.a_t, m.b_s, m.b_t, m.bias, through, m.residual_bias};
    layer->forward(std::any_of(inputs.begin(), inputs.end(), [](const Var& v) { return v.needs_grad(); }));
    return tape.record(layer->y, inputs, [layer](const Tensor& dy) { layer->backward(dy); });
  }
  fail_without_cuda();
}

}  // namespace gnn::inline GNN_PRECISION
