// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/heads.hpp>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/layers/config.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

HeadOptions head_options(const ModelConfig& c, std::size_t k) {
  HeadOptions o;
  o.in = width_into(c, k);
  o.channels = channels_of(c, k);
  o.heads = heads_of(c, k);
  o.concat = !gives_logits(c, k);
  o.activation = k + 1 < c.layers;
  o.dropout = c.dropout;
  o.attention_dropout = c.attention_dropout;
  o.negative_slope = c.negative_slope;
  return o;
}

ResidualHeadOptions residual_head_options(const ModelConfig& c, std::size_t k) {
  return {head_options(c, k), c.feature_dropout, c.mask_per_head, residual_of(c, k), c.residual_bias};
}

void check_options(const char* kind, const HeadOptions& o) {
  check(o.in > 0 && o.channels > 0, kind, ": in and channels must be 1 or greater, got ", o.in, " and ", o.channels);
  check(o.heads > 0 && o.heads <= max_mask_heads, kind, ": heads must be in 1 to ", max_mask_heads, ", got ", o.heads);
  check(o.negative_slope >= 0 && o.negative_slope <= 1, kind, ": negative_slope must be in [0, 1], got ", o.negative_slope);
  for (const double p : {o.dropout, o.attention_dropout}) check(p >= 0 && p < 1, kind, ": dropout must be in [0, 1), got ", p);
}

void check_options(const char* kind, const ResidualHeadOptions& o) {
  check_options(kind, static_cast<const HeadOptions&>(o));
  check(o.feature_dropout >= 0 && o.feature_dropout < 1, kind, ": dropout must be in [0, 1), got ", o.feature_dropout);
  check(o.residual != Residual::identity || o.in == o.output_width(), kind, ": an identity residual needs equal widths, got ",
        o.in, " columns in and ", o.output_width(), " out");
}

void check_width(const char* kind, const HeadOptions& options, const Input& x) {
  if (x.cols() == options.in) return;
  fail(ErrorKind::mismatch, kind, ": the layer expects ", options.in, " features, the input has ", x.cols());
}

Var project(const Input& x, const Var& weight, double dropout, std::uint32_t stream, std::size_t masks, const Array<NodeId>& ids) {
  return x.sparse ? dropout_matmul(*x.sparse, weight, dropout, stream, masks, ids)
                  : dropout_matmul(x.dense, weight, dropout, stream, masks, ids);
}

ResidualConnection::ResidualConnection(const ResidualHeadOptions& o, Parameters& parameters, const std::string& name,
                                       std::size_t fan_out)
    : options_(o) {
  if (o.residual != Residual::linear) return;
  weight_ = parameters.add(name + ".res.weight", o.in, o.output_width(), glorot(o.in, fan_out));
  if (o.residual_bias) bias_ = parameters.add_bias(name + ".res.bias", 1, o.output_width());
}

Var ResidualConnection::through(const char* kind, Tape& tape, const Parameters& parameters, const Adjacency& adjacency,
                                const Input& x, std::uint32_t stream, std::uint32_t alone, std::size_t columns) const {
  const ResidualHeadOptions& o = options_;
  if (o.residual == Residual::linear) {
    const bool as_the_layer = o.masks() == 1 || o.concat;
    const Var weight = pad_heads(parameters.use(tape, weight_), 1, columns);
    const Var all = project(x, weight, o.dropout, as_the_layer ? stream : alone, o.concat ? o.masks() : 1, adjacency.ids());
    return top_rows(all, adjacency.num_targets());
  }
  check(!x.sparse, kind, ": an identity residual needs a dense input");
  const std::uint32_t own = o.masks() == 1 ? stream : alone;
  return pad_heads(top_rows(gnn::dropout(x.dense, o.dropout, own, adjacency.ids()), adjacency.num_targets()), 1, columns);
}

Var ResidualConnection::bias(Tape& tape, const Parameters& parameters) const {
  return options_.residual == Residual::linear && options_.residual_bias ? parameters.use(tape, bias_) : Var();
}

Var ResidualConnection::add_to(Var y, const char* kind, const Parameters& parameters, const Adjacency& adjacency, const Input& x,
                               std::uint32_t stream, std::uint32_t alone) const {
  if (!exists()) return y;
  Tape& tape = y.tape();
  y = add(y, through(kind, tape, parameters, adjacency, x, stream, alone, y.cols()));
  const Var b = bias(tape, parameters);
  return b.defined() ? add_bias(std::move(y), b) : y;
}

}  // namespace gnn::inline GNN_PRECISION
