// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/gat_last.hpp>

#include <gnn/autograd/loss.hpp>
#include <gnn/kernels/cuda/gat_last.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

cuda::GatLast::Drop drop_of(const Dropout& d) { return {d.stream, d.threshold, d.scale}; }

// The op. Pieces: those of w, a_s, a_t and bias, then of b_s and b_t, if there are any.
struct FusedLast {
  Tape& tape;
  Var x;
  std::vector<Var> parameters;
  std::vector<Tensor> pieces;
  Tensor y, dy, dx, loss;

  void run(const Adjacency& adjacency, const GatLayerOptions& o, const AwaitedLoss& awaited) {
    Context& ctx = tape.context();
    const std::size_t sources = adjacency.num_sources(), targets = adjacency.num_targets(), classes = y.cols();
    const CsrView in = adjacency.in(), out = adjacency.out();
    cuda::GatLast a;
    a.in_offsets = in.offsets;
    a.in_columns = in.columns;
    a.rank = in.rank;
    a.ids = in.ids;
    a.out_offsets = out.offsets;
    a.out_columns = out.columns;
    a.out_edge = out.edge;
    a.x = x.value().data();
    const auto value = [&](std::size_t k) { return k < parameters.size() ? parameters[k].value().data() : nullptr; };
    a.w = value(0);
    a.source_vector = value(1);
    a.target_vector = value(2);
    a.bias = value(3);
    a.source_bias = value(4);
    a.target_bias = value(5);
    a.labels = awaited.labels.classes.data();
    a.sources = unsigned(sources);
    a.targets = unsigned(targets);
    a.width = unsigned(x.cols());
    a.classes = unsigned(classes);

    const Dropout x_drop = tape.dropout(o.stream, o.dropout);
    a.x_drop = drop_of(x_drop);
    a.value_drop = drop_of(tape.dropout(o.feature_stream, o.feature_dropout));
    a.attention_drop = drop_of(tape.dropout(o.attention_stream, o.attention_dropout));
    a.seed = x_drop.seed;
    a.step = x_drop.step;
    a.step_at = x_drop.step_at;
    a.slope = Real(o.slope);

    const std::size_t rows = cuda::num_last_pieces(ctx), biases = parameters.size() - 4;
    const Buffer memory(ctx.pool(), cuda::bytes_of_last(sources, targets, adjacency.num_edges(), classes));
    const Tensor of_w = ctx.tensor(rows, x.cols() * classes), vectors = ctx.tensor(3 * rows, classes), of_biases = ctx.tensor(biases * rows, 1);
    pieces = {of_w};
    for (std::size_t k = 0; k < 3; ++k) pieces.push_back(vectors.part(k * rows * classes, rows, classes));
    for (std::size_t k = 0; k < biases; ++k) pieces.push_back(of_biases.part(k * rows, rows, 1));
    a.memory = static_cast<std::byte*>(memory.data());
    a.y = y.data();
    a.dy = dy.data();
    a.dx = dx.data();
    a.w_pieces = of_w.data();
    a.vector_pieces = vectors.data();
    a.bias_pieces = biases > 0 ? of_biases.data() : nullptr;
    a.result = reinterpret_cast<double*>(awaited.numbers);
    a.loss = loss.data();
    cuda::gat_last(ctx, a, rows);
  }

  // The values that the kernel found are right for its own dy only.
  void backward(const Tensor& sent) const {
    check(sent.data() == dy.data(), "gat: the loss of the last layer was awaited, and another gradient came back");
    for (std::size_t k = 0; k < parameters.size(); ++k) tape.add_pieces(pieces[k], parameters[k]);
    tape.add_grad(x, dx);
  }
};

}  // namespace

bool LastGat::fits(const Adjacency& adjacency, const Var& x, const GatLayerWeights& m, const GatLayerOptions& o) {
  if constexpr (has_cuda) {
    const Tape& tape = m.w.tape();
    const AwaitedLoss* awaited = tape.awaited().get();
    if (!awaited || !tape.at_last_layer() || !x.needs_grad() || awaited->logits.defined()) return false;
    const Labels& labels = awaited->labels;
    const bool is_loss = labels.in_order && labels.count() == adjacency.num_targets() && labels.largest_class < std::int64_t(m.w.cols());
    const bool trained = m.w.needs_grad() && m.a_s.needs_grad() && m.a_t.needs_grad() && m.bias.needs_grad();
    const bool frozen = tape.dropout(o.attention_stream, o.attention_dropout).frozen != nullptr;
    return is_loss && trained && !frozen && !o.elu && m.a_s.rows() == 1 && o.masks == 1 && !m.residual_bias.defined() &&
           cuda::gat_last_fits(tape.context(), adjacency.in(), x.cols(), m.w.cols());
  }
  return false;
}

Var LastGat::layer(const Adjacency& adjacency, const Var& x, const GatLayerWeights& m, const GatLayerOptions& o) {
  if constexpr (has_cuda) {
    Tape& tape = m.w.tape();
    Context& ctx = tape.context();
    AwaitedLoss& awaited = *tape.awaited();
    const std::size_t targets = adjacency.num_targets(), classes = m.w.cols();
    const auto layer = std::make_shared<FusedLast>(FusedLast{tape, x, {m.w, m.a_s, m.a_t, m.bias}, {}, ctx.tensor(targets, classes),
                                                             ctx.tensor(targets, classes), ctx.tensor(x.rows(), x.cols()), ctx.tensor(1, 1)});
    if (m.b_s.defined()) layer->parameters.insert(layer->parameters.end(), {m.b_s, m.b_t});
    layer->run(adjacency, o, awaited);
    std::vector<Var> inputs = layer->parameters;
    inputs.push_back(x);
    awaited.logits = tape.record(layer->y, inputs, [layer](const Tensor& dy) { layer->backward(dy); });
    awaited.loss = tape.record(layer->loss, {awaited.logits}, [layer, logits = awaited.logits](const Tensor& dloss) {
      check(dloss.data() == layer->tape.context().one().data(), "gat: an awaited loss goes back as it is");
      layer->tape.add_grad(logits, layer->dy);
    });
    return awaited.logits;
  }
  fail_without_cuda();
}

}  // namespace gnn::inline GNN_PRECISION
