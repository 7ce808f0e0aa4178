// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/aero_hops.hpp>

#include <cmath>
#include <utility>

#include <gnn/kernels/aero_edges.hpp>
#include <gnn/kernels/aero_hops.hpp>
#include <gnn/kernels/edges.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// One propagation: sizes, weights, and the state of hops, all of them or two that take turns.
struct Pass {
  Pass(const Adjacency& adjacency_, const Var& h0, const AeroWeights& weights_, double decay_, bool concat_,
       bool keep_all);

  std::size_t at(std::size_t k) const { return k % kept; }
  Tensor h(std::size_t k) const { return features.part(at(k) * nodes * width, nodes, width); }
  Tensor gamma(std::size_t k) const { return hop_attention.part(at(k) * nodes * heads, nodes, heads); }
  // Of the hops from 1.
  Tensor weight(std::size_t k) const { return edge_weight.part(at(k - 1) * edges * heads, edges, heads); }
  Tensor scale(std::size_t k) const { return degree_scale.part(at(k - 1) * nodes * heads, nodes, heads); }
  Tensor edge_vector(std::size_t k) const { return part_of(weights.edge, k - 1, heads); }
  Tensor hop_vector(std::size_t k) const { return part_of(weights.hop, k - 1, heads); }
  Tensor bias(std::size_t k) const { return part_of(weights.bias, k, 1); }
  Real lambda(std::size_t k) const { return Real(aero_decay(decay, k)); }

  void start(Context& ctx, const Tensor& h0) const;
  void step(Context& ctx, std::size_t k) const;

  Adjacency adjacency;
  AeroWeights weights;
  double decay;
  bool concat;
  std::size_t nodes, edges, heads, width, hops, kept;
  Tensor features, hop_attention, edge_weight, degree_scale;
  Tensor z;

 private:
  // Row k of a matrix of all hops, as `rows` rows.
  static Tensor part_of(const Var& all, std::size_t k, std::size_t rows) {
    return all.value().part(k * all.cols(), rows, all.cols() / rows);
  }
};

Pass::Pass(const Adjacency& adjacency_, const Var& h0, const AeroWeights& weights_, double decay_,
           bool concat_, bool keep_all)
    : adjacency(adjacency_),
      weights(weights_),
      decay(decay_),
      concat(concat_),
      nodes(h0.rows()),
      edges(adjacency.num_edges()),
      heads(weights.hop_first.rows()),
      width(h0.cols()),
      hops(weights.edge.rows()),
      kept(keep_all ? hops + 1 : 2) {
  check(adjacency.num_targets() == nodes && adjacency.num_sources() == nodes, "aero_hops: h has ", nodes,
        " rows, the graph ", adjacency.num_targets(), " targets and ", adjacency.num_sources(), " sources");
  check(decay >= 0, "aero_hops: decay must not be negative, got ", decay);
  const auto fits = [&](const char* name, const Var& x, std::size_t rows, std::size_t cols) {
    check(x.rows() == rows && x.cols() == cols, "aero_hops: expected ", name, " of ", rows, "x", cols,
          ", got ", x.rows(), "x", x.cols());
  };
  check(heads > 0 && width % heads == 0, "aero_hops: ", width, " columns do not divide among ", heads,
        " heads");
  fits("hop_first", weights.hop_first, heads, width / heads);
  fits("edge", weights.edge, hops, concat ? 2 * width : width);
  fits("hop", weights.hop, hops, 2 * width);
  fits("bias", weights.bias, hops + 1, heads);

  Context& ctx = h0.tape().context();
  features = ctx.tensor(kept * nodes, width);
  hop_attention = ctx.tensor(kept * nodes, heads);
  edge_weight = ctx.tensor(std::min(kept, hops) * edges, heads);
  degree_scale = ctx.tensor(std::min(kept, hops) * nodes, heads);
  z = ctx.tensor(nodes, width);
}

void Pass::start(Context& ctx, const Tensor& h0) const {
  kernels::copy(ctx, h0, h(0));
  kernels::aero_start(ctx, h(0), weights.hop_first.value(), bias(0), gamma(0), z);
}

void Pass::step(Context& ctx, std::size_t k) const {
  if (concat) {
    const Tensor as_target = ctx.tensor(nodes, heads), as_source = ctx.tensor(nodes, heads);
    kernels::aero_scores(ctx, z, lambda(k - 1), edge_vector(k), as_target, as_source);
    kernels::aero_edges_by_scores(ctx, adjacency.in(), as_target, as_source, weight(k), scale(k));
  } else {
    kernels::aero_edges(ctx, adjacency.in(), z, lambda(k - 1), edge_vector(k), weight(k), scale(k));
  }
  kernels::aero_hop(ctx, adjacency.in(), weight(k), scale(k), h(k - 1), lambda(k - 1), hop_vector(k), bias(k),
                    h(k), gamma(k), z);
}

/// The way back of a pass, from its last hop to hop 0, in buffers of the size of one hop.
class Backward {
 public:
  Backward(Context& ctx, const Pass& pass, const Tensor& dout)
      : ctx_(ctx),
        pass_(pass),
        pieces_(aero_pieces(ctx, pass.adjacency.in())),
        edge_(ctx.tensor(pieces_, pass.weights.edge.value().size())),
        hop_first_(ctx.tensor(pieces_, pass.width)),
        hop_(ctx.tensor(pieces_, pass.weights.hop.value().size())),
        bias_(ctx.tensor(pieces_, pass.weights.bias.value().size())),
        z_(matrix()),
        dz_(matrix()),
        dh_(matrix()),
        dprevious_(matrix()),
        ddegree_(ctx.tensor(pass.nodes, pass.heads)),
        da_(ctx.tensor(pass.edges, pass.heads)) {
    kernels::copy(ctx, pass.z, z_);
    kernels::copy(ctx, dout, dz_);
    kernels::fill(ctx, dh_, Real(0));
    for (std::size_t k = pass.hops; k > 0; --k) step(k);
    kernels::aero_start_backward(ctx, pass.adjacency.in(), pass.h(0), pass.gamma(0),
                                 pass.weights.hop_first.value(), dz_, dh_, hop_first_,
                                 columns(bias_, 0, pass.heads));
  }

  const Tensor& input_gradient() const { return dh_; }

  void add_weight_gradients(Tape& tape) const {
    const auto sum = [&](const Var& weight, const Tensor& partial) {
      if (!weight.needs_grad()) return;
      const Tensor gradient = tape.grad(weight);
      kernels::add_column_sums(ctx_, partial, gradient.part(0, 1, gradient.size()));
    };
    sum(pass_.weights.edge, edge_);
    sum(pass_.weights.hop_first, hop_first_);
    sum(pass_.weights.hop, hop_);
    sum(pass_.weights.bias, bias_);
  }

 private:
  Tensor matrix() const { return ctx_.tensor(pass_.nodes, pass_.width); }
  static Mat columns(const Tensor& partial, std::size_t k, std::size_t width) {
    return partial.mat().columns(k * width, width);
  }

  void step(std::size_t k) {
    const CsrView in = pass_.adjacency.in(), out = pass_.adjacency.out();
    const bool both_ends = pass_.adjacency.is_symmetric() && !pass_.concat;
    const Real lambda = pass_.lambda(k - 1);
    const Tensor weight = pass_.weight(k), scale = pass_.scale(k), vector = pass_.edge_vector(k);
    const Mat edge = columns(edge_, k - 1, vector.size());
    kernels::aero_hop_backward(ctx_, in, pass_.h(k), pass_.gamma(k), lambda, pass_.hop_vector(k), z_, dz_,
                               dh_, columns(hop_, k - 1, 2 * pass_.width), columns(bias_, k, pass_.heads));
    kernels::aero_propagate_backward(ctx_, both_ends ? in : out, weight, scale, pass_.h(k), pass_.h(k - 1),
                                     dh_, dprevious_, ddegree_, da_);
    if (both_ends) {
      kernels::aero_symmetric_backward(ctx_, in, out.edge, z_, lambda, vector, weight, scale, ddegree_, da_,
                                       dz_, edge);
    } else {
      kernels::aero_score_gradients(ctx_, in, weight, scale, ddegree_, da_);
      if (pass_.concat) {
        scores_backward(lambda, vector, edge);
      } else {
        kernels::aero_edges_backward(ctx_, in, z_, lambda, vector, da_, dz_, edge);
        kernels::aero_edges_backward(ctx_, out, z_, lambda, vector, da_, dz_, Mat{});
      }
    }
    std::swap(dh_, dprevious_);
  }

  void scores_backward(Real lambda, const Tensor& vector, Mat edge) const {
    const Tensor as_target = ctx_.tensor(pass_.nodes, pass_.heads),
                 as_source = ctx_.tensor(pass_.nodes, pass_.heads);
    kernels::fill(ctx_, as_target, Real(0));
    kernels::fill(ctx_, as_source, Real(0));
    kernels::edge_scores_backward(ctx_, pass_.adjacency.in(), pass_.adjacency.out(), da_, as_source,
                                  as_target);
    kernels::aero_scores_backward(ctx_, pass_.adjacency.in(), z_, lambda, vector, as_target, as_source, dz_,
                                  edge);
  }

  Context& ctx_;
  const Pass& pass_;
  std::size_t pieces_;
  Tensor edge_, hop_first_, hop_, bias_;  // pieces of the weights' gradients, all hops side by side
  Tensor z_, dz_, dh_, dprevious_, ddegree_, da_;
};

}  // namespace

double aero_decay(double decay, std::size_t k) {
  return std::log(decay / double(k + 1) + 1 + 1e-6);
}

Var aero_hops(const Adjacency& adjacency, const Var& h, const AeroWeights& w, double decay, bool concat) {
  Tape& tape = h.tape();
  Context& ctx = tape.context();
  const bool train = h.needs_grad() || w.edge.needs_grad() || w.hop_first.needs_grad() ||
                     w.hop.needs_grad() || w.bias.needs_grad();
  const Pass pass(adjacency, h, w, decay, concat, train);
  pass.start(ctx, h.value());
  for (std::size_t k = 1; k <= pass.hops; ++k) pass.step(ctx, k);
  return tape.record(pass.z, {h, w.edge, w.hop_first, w.hop, w.bias},
                     [pass, h, &tape, &ctx](const Tensor& dout) {
                       const Backward backward(ctx, pass, dout);
                       backward.add_weight_gradients(tape);
                       if (h.needs_grad()) tape.add_grad(h, backward.input_gradient());
                     });
}

std::vector<AeroHop> aero_inside(const Adjacency& adjacency, const Var& h, const AeroWeights& w, double decay,
                                 bool concat) {
  Context& ctx = h.tape().context();
  const Pass pass(adjacency, h, w, decay, concat, true);
  pass.start(ctx, h.value());
  std::vector<AeroHop> inside = {{pass.h(0), pass.gamma(0), {}, {}}};
  for (std::size_t k = 1; k <= pass.hops; ++k) {
    pass.step(ctx, k);
    const Tensor attention = ctx.tensor(pass.edges, pass.heads);
    kernels::aero_weights(ctx, adjacency.in(), pass.weight(k), pass.scale(k), attention);
    inside.push_back({pass.h(k), pass.gamma(k), pass.scale(k), attention});
  }
  return inside;
}

}  // namespace gnn::inline GNN_PRECISION
