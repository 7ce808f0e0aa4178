// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/supergat_layer.hpp>

#include <algorithm>
#include <optional>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/links.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/autograd/scored_projection.hpp>
#include <gnn/autograd/supergat.hpp>
#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/cuda/supergat_rows.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

bool has_links(const Tape& tape, const Adjacency& adjacency, const SuperGatLayerOptions& o) {
  return tape.is_training() && o.edge_loss > 0 && adjacency.num_edges() > 0;
}

double link_scale(const SuperGatLayerOptions& o) { return o.dot_scale / double(o.heads); }

// Whether the kernels of a GPU take this layer: in training a whole graph, and nothing that a test has given in the place of draws.
bool is_fused(Tape& tape, const Adjacency& adjacency, std::size_t channels, const SuperGatLayerOptions& o) {
  if constexpr (has_cuda) {
    bool frozen = false;
    for (std::uint32_t k = 0; k < 4; ++k) frozen = frozen || tape.frozen(o.stream + k).defined();
    const bool whole = adjacency.num_sources() == adjacency.num_targets() || !tape.is_training();
    return tape.context().device().kind == Device::cuda && !frozen && whole && cuda::supergat_rows_fit(o.heads, channels);
  }
  return false;
}

// What a layer draws in a step. It depends on nothing before it, and comes on a branch of the context: a small graph leaves room
// there. Layers have branches of their own, for one must not wait for another's.
struct Drawn {
  Tensor multipliers, kept;  // see draw_edges(); undefined: not drawn, all
  std::shared_ptr<const Buffer> memory;
  CsrView ends;              // the pairs without an edge, in the rows of both ends
  std::size_t num_pairs = 0;
  CudaBranch::Moment edges_done;
};

// The streams of layers are four apart.
CudaBranch& branch_of(Context& ctx, const SuperGatLayerOptions& o) { return ctx.branch(1 + o.stream / 4 % 4); }

std::shared_ptr<Drawn> draw(Tape& tape, const Adjacency& adjacency, const SuperGatLayerOptions& o) {
  constexpr std::size_t most_multipliers = std::size_t(1) << 22;  // more take longer to read than to draw again
  Context& ctx = tape.context();
  const auto drawn = std::make_shared<Drawn>();
  if constexpr (has_cuda) {
    const std::size_t edges = adjacency.num_edges(), nodes = adjacency.num_sources();
    const Dropout attention = tape.dropout(o.stream + 1, o.attention_dropout);
    const bool links = has_links(tape, adjacency, o);
    const double negatives = o.negative_ratio * o.edge_ratio;
    if (links) drawn->num_pairs = num_drawn_pairs(adjacency, negatives);
    branch_of(ctx, o).run(ctx, [&] {
      const Dropout coins = tape.dropout(o.stream + 2, 1 - o.edge_ratio);
      // The first layer would wait for its own, with nothing before it to do meanwhile: it draws as it goes.
      const bool in_time = o.stream > 0 && edges * o.heads <= most_multipliers;
      if (attention.active() && in_time) drawn->multipliers = ctx.tensor(edges, o.heads);
      if (links && coins.active()) drawn->kept = ctx.tensor(edges, 1);
      cuda::draw_edges(ctx, adjacency.in(), attention, coins, drawn->multipliers, drawn->kept);
      drawn->edges_done = branch_of(ctx, o).now();
      if (!links) return;
      const std::size_t count = drawn->num_pairs;
      drawn->memory = std::make_shared<Buffer>(ctx.pool(), (nodes + 1) * sizeof(EdgeOffset) + 4 * count * sizeof(NodeId));
      EdgeOffset* const offsets = static_cast<EdgeOffset*>(drawn->memory->data());
      NodeId *const ends = reinterpret_cast<NodeId*>(offsets + nodes + 1), *const columns = ends + 2 * count;
      draw_pairs(tape, adjacency, negatives, o.stream + 3, ends, ends + count);
      cuda::sort_ends(ctx, ends, count, NodeId(nodes), offsets, columns);
      drawn->ends.num_rows = drawn->ends.num_columns = NodeId(nodes);
      drawn->ends.num_edges = EdgeOffset(2 * count);
      drawn->ends.offsets = offsets;
      drawn->ends.columns = columns;
    });
  }
  return drawn;
}

// The op on a GPU: what its forward pass leaves, and the kernels of both passes.
struct FusedSuperGatLayer {
  Tape& tape;
  Context& ctx;
  Adjacency adjacency;
  ScoredProjection projection;
  SuperGatLayerWeights m;
  SuperGatLayerOptions options;
  Dropout attention_drop;
  std::shared_ptr<Drawn> drawn = {};
  Tensor z = {}, s = {}, t = {}, out = {}, maximum = {}, sum = {}, y = {};
  Tensor products = {}, of_drawn = {}, drawn_loss = {}, coefficient = {}, result = {};
  Tensor dloss = {};  // the loss's gradient, which comes before that of y

  CudaBranch& branch() const { return branch_of(ctx, options); }
  bool scores() const { return m.a_s.defined(); }
  GatEnd end() const { return {m.bias.value().data(), nullptr, options.elu, {}, y}; }
  SimilarityScore score() const {
    return {z, options.heads, s, t, Real(options.dot_scale), Real(options.slope)};
  }

  void forward(bool train) {
    if constexpr (has_cuda) {
      const std::size_t nodes = adjacency.num_targets(), heads = options.heads, edges = adjacency.num_edges();
      const bool links = has_links(tape, adjacency, options);
      if (tape.is_training() && (links || attention_drop.active())) {
        drawn = std::static_pointer_cast<Drawn>(tape.take_ahead(options.stream));
        if (!drawn) drawn = draw(tape, adjacency, options);
      }
      ProjectedScores scored;
      if (scores()) {
        s = ctx.tensor(adjacency.num_sources(), heads);
        t = ctx.tensor(nodes, heads);
        scored.source_vector = m.a_s.value();
        scored.target_vector = m.a_t.value();
        scored.source_score = s;
        scored.target_score = t;
      }
      z = projection.forward(scored);
      y = ctx.tensor(nodes, m.bias.cols());
      if (train) {
        out = ctx.tensor(nodes, z.cols());
        maximum = ctx.tensor(nodes, heads);
        sum = ctx.tensor(nodes, heads);
      }
      if (links) {
        products = ctx.tensor(edges, heads);
        branch().run(ctx, [&] {
          of_drawn = ctx.tensor(nodes, z.cols());
          drawn_loss = ctx.tensor(nodes, 1);
          cuda::drawn_pairs(ctx, drawn->ends, z, Real(link_scale(options)), of_drawn, drawn_loss);
        });
      }
      if (drawn && drawn->multipliers.defined()) {
        branch().join(ctx, drawn->edges_done);
        attention_drop.frozen = drawn->multipliers.data();
      }
      cuda::supergat_rows(ctx, adjacency.in(), score(), attention_drop, out, SoftmaxState{maximum, sum}, products, end(), options.mean);
      if (!links) return;
      result = ctx.tensor(1, 2);  // which the host may read
      branch().run(ctx, [&] {
        coefficient = ctx.tensor(edges, 1);
        cuda::edge_links(ctx, products, drawn->kept, drawn_loss, drawn->num_pairs, Real(link_scale(options)), Real(options.edge_loss),
                         coefficient, result);
      });
      if (!tape.is_recorded()) branch().join(ctx);  // somebody may read the loss
    }
  }

  void backward(const Tensor& dy) const {
    if constexpr (has_cuda) {
      const std::size_t nodes = adjacency.num_targets(), heads = options.heads;
      cuda::SuperGatLayerBack back;
      back.end = end();
      back.of_mean = options.mean;
      if (dloss.defined()) {
        branch().join(ctx);
        back.links = {coefficient, of_drawn, result, dloss};
      }
      const Tensor dout = options.elu ? ctx.tensor(nodes, y.cols()) : dy, dz = ctx.tensor(nodes, z.cols());
      const Tensor ds = scores() ? ctx.tensor(nodes, heads) : Tensor(), dt = scores() ? ctx.tensor(nodes, heads) : Tensor();
      if (options.elu) back.dout = dout;
      if (scores()) {
        back.source_vector = m.a_s.value().data();
        back.target_vector = m.a_t.value().data();
      }
      cuda::supergat_rows_backward(ctx, adjacency.in(), adjacency.out(), score(), attention_drop, out, SoftmaxState{maximum, sum}, dy, &back, dz,
                                   ds, dt);
      // Sums over nodes that nothing waits for before the weights change.
      Tensor of_bias, of_source, of_target;
      branch().run(ctx, [&] {
        const std::size_t pieces = cuda::num_layer_pieces(nodes);
        cuda::LayerSums sums;
        sums.sum[sums.count++] = {dout, {}, of_bias = ctx.tensor(pieces, y.cols())};
        if (scores()) sums.sum[sums.count++] = {z, ds, of_source = ctx.tensor(pieces, z.cols())};
        if (scores()) sums.sum[sums.count++] = {z, dt, of_target = ctx.tensor(pieces, z.cols())};
        cuda::layer_sums(ctx, sums);
      });
      projection.backward(dz);
      branch().join(ctx);
      tape.add_pieces(of_bias, m.bias);
      if (!scores()) return;
      tape.add_pieces(of_source, m.a_s);
      tape.add_pieces(of_target, m.a_t);
    }
  }
};

}  // namespace

void begin_supergat_layer(Tape& tape, const Adjacency& adjacency, std::size_t channels, const SuperGatLayerOptions& o) {
  const bool draws = tape.is_training() && (o.attention_dropout > 0 || has_links(tape, adjacency, o));
  if (draws && is_fused(tape, adjacency, channels, o)) tape.put_ahead(o.stream, draw(tape, adjacency, o));
}

SuperGatLayerResult composed_supergat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense,
                                            const SuperGatLayerWeights& m, const SuperGatLayerOptions& o) {
  Tape& tape = m.w.tape();
  const Array<NodeId>& ids = adjacency.ids();
  std::optional<Links> links;
  if (has_links(tape, adjacency, o)) links = draw_links_beside(tape, adjacency, o.edge_ratio, o.negative_ratio, o.stream + 2);
  const Var z = sparse ? dropout_matmul(*sparse, m.w, o.dropout, o.stream, 1, ids) : dropout_matmul(dense, m.w, o.dropout, o.stream, 1, ids);
  const Var s = m.a_s.defined() ? head_scores(z, m.a_s) : Var();
  const Var t = m.a_s.defined() ? head_scores(top_rows(z, adjacency.num_targets()), m.a_t) : Var();
  SuperGatLayerResult result;
  Var y = supergat_attention(adjacency, z, o.heads, s, t, o.dot_scale, o.slope, o.attention_dropout, o.stream + 1);
  if (links) result.loss = link_loss(*links, z, z, LinkLogit::product, link_scale(o), o.edge_loss);
  if (o.mean) y = mean_heads(y, o.heads);
  result.y = o.elu ? bias_elu(std::move(y), m.bias) : add_bias(std::move(y), m.bias);
  return result;
}

SuperGatLayerResult supergat_layer(const Adjacency& adjacency, const SparseMatrix* sparse, const Var& dense, const SuperGatLayerWeights& m,
                                   const SuperGatLayerOptions& o) {
  Tape& tape = m.w.tape();
  const std::size_t channels = m.w.cols() / o.heads;
  if (!is_fused(tape, adjacency, channels, o)) return composed_supergat_layer(adjacency, sparse, dense, m, o);
  SuperGatLayerResult result;
  if constexpr (has_cuda) {
    const std::size_t rows = sparse ? sparse->rows() : dense.rows(), columns = sparse ? sparse->cols() : dense.cols();
    check(columns == m.w.rows(), "supergat_layer: inner sizes differ: x is ", rows, "x", columns, ", w is ", m.w.rows(), "x", m.w.cols());
    check(rows == adjacency.num_sources(), "supergat_layer: x has ", rows, " rows, the graph has ", adjacency.num_sources(), " nodes");
    check(channels * o.heads == m.w.cols() && m.bias.cols() == (o.mean ? channels : m.w.cols()), "supergat_layer: w has ", m.w.cols(),
          " columns, there are ", o.heads, " heads and a bias of 1x", m.bias.cols());
    const auto layer = std::make_shared<FusedSuperGatLayer>(FusedSuperGatLayer{
        tape, tape.context(), adjacency,
        ScoredProjection{tape, sparse ? *sparse : SparseMatrix(), sparse ? Var() : dense, m.w, tape.dropout(o.stream, o.dropout), 1, adjacency.ids()},
        m, o, tape.dropout(o.stream + 1, o.attention_dropout)});
    const std::vector<Var> inputs = {m.w, m.a_s, m.a_t, m.bias, layer->projection.dense};
    layer->forward(std::any_of(inputs.begin(), inputs.end(), [](const Var& x) { return x.needs_grad(); }));
    result.y = tape.record(layer->y, inputs, [layer](const Tensor& dy) { layer->backward(dy); });
    if (!layer->result.defined()) return result;
    // The way back comes to the loss first, and leaves the rest to that of y, which somebody must then ask for.
    result.loss = tape.record(layer->result.part(0, 1, 1), inputs, [layer, y = result.y](const Tensor& dloss) {
      layer->dloss = dloss;
      if (!layer->tape.has_grad(y)) layer->tape.grad(y);
    });
  }
  return result;
}

}  // namespace gnn::inline GNN_PRECISION
