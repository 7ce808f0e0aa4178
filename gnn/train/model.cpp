// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/model.hpp>

#include <gnn/autograd/elementwise.hpp>
#include <gnn/kernels/elementwise.hpp>

namespace gnn::inline GNN_PRECISION {

Model::Model(Context& ctx, ModelConfig config, std::uint64_t seed) : config_(std::move(config)) {
  validate(config_);
  stack_ = make_layers(config_, parameters_);
  parameters_.initialise(ctx, seed);
}

Output Model::forward(Tape& tape, const Field& field) const {
  return walk(tape, field, [](std::size_t, const Input&) {});
}

Output Model::walk(Tape& tape, const Field& field, const std::function<void(std::size_t, const Input&)>& visit) const {
  const TypedInput typed = field.typed ? field.typed->input(tape) : TypedInput();
  Input x = field.typed ? Input(typed) : field.dense.defined() ? Input(tape.constant(field.dense)) : Input(field.sparse);
  if (stack_.encoder) x = stack_.encoder->forward(tape, parameters_, x, field.layers.front().ids());
  Var loss;
  for (std::size_t k = 0; k < stack_.layers.size(); ++k) stack_.layers[k]->begin_ahead(tape, field.layers[k]);
  for (std::size_t k = 0; k < stack_.layers.size(); ++k) {
    visit(k, x);
    if (k + 1 == stack_.layers.size() && !stack_.head) tape.reach_last_layer();
    const Output next = stack_.layers[k]->forward(tape, parameters_, field.layers[k], x);
    if (next.loss.defined()) loss = loss.defined() ? tape.add_losses(next.loss, loss) : next.loss;
    x = next.y;
  }
  if (!stack_.head) return {x.dense, loss};
  visit(stack_.layers.size(), x);
  return {stack_.head->forward(tape, parameters_, x, {}), loss};
}

std::vector<Tensor> Model::hidden(Context& ctx, const Field& field) const {
  Tape tape(ctx, Tape::inference);
  std::vector<Tensor> found;
  walk(tape, field, [&](std::size_t k, const Input& x) {
    if (k > 0) found.push_back(x.dense.value());
    if (stack_.layers.size() > 1 || k == stack_.layers.size()) return;
    for (const Var& state : stack_.layers[k]->hidden(tape, parameters_, field.layers[k], x)) found.push_back(state.value());
  });
  return found;
}

std::vector<EdgeWeights> Model::explain(Context& ctx, const Field& field) const {
  Tape tape(ctx, Tape::inference);
  std::vector<EdgeWeights> found;
  walk(tape, field, [&](std::size_t k, const Input& x) {
    if (k == stack_.layers.size()) return;
    for (EdgeWeights& weights : stack_.layers[k]->explain(tape, parameters_, field.layers[k], x)) found.push_back(std::move(weights));
  });
  return found;
}

std::vector<RelationGates> Model::relation_gates(Context& ctx, const Field& field) const {
  Tape tape(ctx, Tape::inference);
  std::vector<RelationGates> found;
  walk(tape, field, [&](std::size_t k, const Input& x) {
    if (k == stack_.layers.size()) return;
    for (RelationGates& gates : stack_.layers[k]->relation_gates(tape, parameters_, x)) found.push_back(std::move(gates));
  });
  return found;
}

Tensor Model::logits(Context& ctx, const Field& field) const {
  Tape tape(ctx, Tape::inference);
  return forward(tape, field).y.value();
}

Tensor Model::logits(Context& ctx, const GraphData& data) const {
  if (data.parts.size() == 1) return logits(ctx, data.parts[0]);
  const Tensor all = ctx.tensor(data.num_nodes(), config_.classes);
  std::size_t done = 0;
  for (const Field& field : data.parts) {
    const Tensor part = logits(ctx, field);
    kernels::copy(ctx, part, all.part(done, part.rows(), part.cols()));
    done += part.size();
  }
  return all;
}

std::size_t estimate_bytes(const ModelConfig& c, std::size_t nodes, std::size_t edges, std::size_t nonzero) {
  // Both directions of the edges with the permutation between them, both of the features; weights with gradient, two
  // moments and two copies; about eight matrices of a layer's width live at once in the backward pass.
  const std::size_t structure = edges * (2 * sizeof(NodeId) + sizeof(EdgeOffset)) + nonzero * 2 * (sizeof(NodeId) + sizeof(Real)) +
                                (nodes + c.in) * 2 * sizeof(EdgeOffset);
  std::size_t weights = c.in * c.encoder, activations = 8 * nodes * c.encoder;
  for (const NodeTypeShape& type : c.node_types) {
    // Of a typed graph the edges of longer metapaths are not known before they are joined: they are not counted here.
    const std::size_t width = c.hidden[0], raw = type.features > 0 ? type.features : type.nodes;
    weights += 2 * c.order * raw * width;
  }
  if (!c.node_types.empty()) activations += nodes * c.order * c.hidden[0] * 12;
  const bool is_stack = !kind_of(c).is_network;
  for (std::size_t k = 0; k < c.layers && is_stack; ++k) {
    const std::size_t heads = heads_of(c, k), channels = channels_of(c, k);
    weights += width_into(c, k) * heads * channels * (residual_of(c, k) == Residual::linear ? 2 : 1);
    activations += nodes * heads * (8 * channels + 8);
  }
  if (c.layer == "aero") {
    // All hops are kept: their features, and of every edge its weight; and some 256 pieces of their weights' gradients.
    const std::size_t width = c.heads[0] * c.hidden[0], of_hops = 3 * c.hops * width;
    weights += (c.in + (c.mlp_layers - 1) * width + c.classes) * width + of_hops;
    activations += nodes * width * (c.hops + 12) + c.hops * (edges + 2 * nodes) * c.heads[0] + 256 * of_hops;
  }
  if (c.layer == "dagnn") {
    weights += (c.in + c.classes) * c.hidden[0];
    activations += nodes * (4 * c.hidden[0] + (c.hops + 6) * (c.classes + 2)) + edges;
  }
  return structure + (6 * weights + activations) * sizeof(Real);
}

}  // namespace gnn::inline GNN_PRECISION
