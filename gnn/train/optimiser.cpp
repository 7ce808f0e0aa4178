// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/optimiser.hpp>

#include <cmath>

#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/training.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void clip(Context& ctx, double longest, const Tensor& gradients) {
  const Buffer result(ctx.pool(), sizeof(double));
  kernels::sum_of_squares(ctx, gradients, static_cast<double*>(result.data()));
  double squares = 0;
  ctx.pool()->source().copy_out(&squares, result.data(), sizeof squares, ctx.pool()->ordinal());
  const double norm = std::sqrt(squares);
  if (norm > longest) kernels::add_scaled(ctx, Real(longest / norm - 1), gradients, gradients);
}

struct Group {
  Tensor gradient, value, m, v;  // of some matrices side by side
  double l2;
};

void step_group(Context& ctx, const OptimiserOptions& o, double rate, std::int64_t step, const Group& g) {
  if (o.kind == OptimiserOptions::sgd) {
    kernels::add_scaled(ctx, Real(g.l2), g.value, g.gradient);
    kernels::add_scaled(ctx, Real(-rate), g.gradient, g.value);
    return;
  }
  if (o.kind == OptimiserOptions::adamw) kernels::add_scaled(ctx, Real(-rate * o.weight_decay), g.value, g.value);
  AdamStep adam;
  adam.rate = rate;
  adam.step = step;
  adam.l2 = g.l2;
  kernels::adam(ctx, adam, g.gradient, g.value, g.m, g.v);
}

}  // namespace

void validate(const OptimiserOptions& o) {
  check(o.learning_rate > 0 && std::isfinite(o.learning_rate), "lr: must be greater than 0, got ", o.learning_rate);
  check(o.l2 >= 0 && std::isfinite(o.l2), "l2: must be 0 or greater, got ", o.l2);
  const double l2_conv = o.l2_conv.value_or(o.l2);
  check(l2_conv >= 0 && std::isfinite(l2_conv), "l2-conv: must be 0 or greater, got ", l2_conv);
  check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight-decay: must be 0 or greater, got ", o.weight_decay);
  check(o.weight_decay == 0 || o.kind == OptimiserOptions::adamw, "weight-decay: needs the optimizer adamw; l2 is the coupled term");
  check(o.clip_norm >= 0 && std::isfinite(o.clip_norm), "clip-norm: must be 0 or greater, got ", o.clip_norm);
}

void for_each_l2_group(const OptimiserOptions& o, const Parameters& parameters,
                       const std::function<void(double l2, std::size_t first, std::size_t last)>& visit) {
  const auto l2_of = [&](const Parameters::Entry& e) {
    return e.is_bias && !o.l2_on_bias ? 0.0 : e.is_conv ? o.l2_conv.value_or(o.l2) : o.l2;
  };
  const auto& entries = parameters.entries();
  for (std::size_t p = 0; p < entries.size();) {
    const std::size_t first = entries[p].offset;
    std::size_t last = first;
    const double l2 = l2_of(entries[p]);
    for (; p < entries.size() && l2_of(entries[p]) == l2; ++p) last += entries[p].rows * entries[p].cols;
    visit(l2, first, last);
  }
}

void update(Context& ctx, const OptimiserOptions& o, double rate_factor, std::int64_t step, const Parameters& parameters,
            const AdamState& state) {
  if (o.clip_norm > 0) clip(ctx, o.clip_norm, parameters.gradients());
  for_each_l2_group(o, parameters, [&](double l2, std::size_t first, std::size_t last) {
    const auto run = [&](const Tensor& all) { return all.part(first, 1, last - first); };
    step_group(ctx, o, o.learning_rate * rate_factor, step,
               {run(parameters.gradients()), run(parameters.values()), run(state.m), run(state.v), l2});
  });
}

const char* to_string(OptimiserOptions::Kind kind) {
  return kind == OptimiserOptions::adam ? "adam" : kind == OptimiserOptions::adamw ? "adamw" : "sgd";
}

OptimiserOptions::Kind parse_optimiser(const std::string& text) {
  for (const auto kind : {OptimiserOptions::adam, OptimiserOptions::adamw, OptimiserOptions::sgd}) {
    if (text == to_string(kind)) return kind;
  }
  fail(ErrorKind::usage, "optimizer: expected adam, adamw or sgd, found '", text, "'");
}

}  // namespace gnn::inline GNN_PRECISION
