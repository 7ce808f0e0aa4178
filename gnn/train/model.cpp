// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/model.hpp>

#include <datasets/normalise.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/layers/registry.hpp>
#include <graphs/error.hpp>
#include <graphs/transforms.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr double sparse_below = 0.25;  // density from which a dense matrix is smaller and faster

Tensor to_dense(Context& ctx, const datasets::Features& x) {
  std::vector<Real> numbers(x.rows * x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::int64_t e = x.offsets[i]; e < x.offsets[i + 1]; ++e) {
      numbers[i * x.columns + std::size_t(x.indices[std::size_t(e)])] = Real(x.values[std::size_t(e)]);
    }
  }
  return Tensor::from(ctx.pool(), x.rows, x.columns, numbers);
}

}  // namespace

GraphData prepare(Context& ctx, const datasets::Dataset& data, const ModelConfig& config) {
  if (data.features.columns != config.in) {
    fail(ErrorKind::mismatch, "model expects ", config.in, " features, data has ", data.features.columns);
  }
  if (std::size_t(data.num_classes) > config.classes) {
    fail(ErrorKind::mismatch, "model knows ", config.classes, " classes, data has ", data.num_classes);
  }
  GraphData ready;
  ready.adjacency = Adjacency(ctx.pool(), config.self_loops
                                              ? graphs::Csr::from_edges(graphs::add_self_loops(data.graph.to_edges()).edges)
                                              : data.graph);
  const datasets::Features features = config.row_normalise ? datasets::normalise_rows(data.features) : data.features;
  if (features.density() <= sparse_below) {
    ready.sparse = SparseMatrix(ctx.pool(), features.columns, features.offsets, features.indices, features.values);
  } else {
    ready.dense = to_dense(ctx, features);
  }
  ready.train = Labels(ctx.pool(), data.split.train, data.labels);
  ready.val = Labels(ctx.pool(), data.split.val, data.labels);
  ready.test = Labels(ctx.pool(), data.split.test, data.labels);
  return ready;
}

Model::Model(Context& ctx, ModelConfig config, std::uint64_t seed) : config_(std::move(config)) {
  validate(config_);
  const LayerKind& kind = find_layer_kind(config_.layer);
  for (std::size_t k = 0; k < config_.layers; ++k) {
    layers_.push_back(kind.make(config_, k, parameters_, std::uint32_t(k) * kind.num_streams));
  }
  parameters_.initialise(ctx, seed);
}

Output Model::forward(Tape& tape, const GraphData& data) const {
  Output out;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Input x = k > 0 ? Input(out.y) : data.dense.defined() ? Input(tape.constant(data.dense)) : Input(data.sparse);
    Output next = layers_[k]->forward(tape, parameters_, data.adjacency, x);
    if (out.loss.defined()) next.loss = next.loss.defined() ? add(next.loss, out.loss) : out.loss;
    out = std::move(next);
  }
  return out;
}

Tensor Model::logits(Context& ctx, const GraphData& data) const {
  Tape tape(ctx, Tape::inference);
  return forward(tape, data).y.value();
}

std::size_t estimate_bytes(const ModelConfig& c, std::size_t nodes, std::size_t edges, std::size_t nonzero) {
  // Both directions of the edges with the permutation between them, both of the features; weights with gradient, two
  // moments and two copies; about eight matrices of a layer's width live at once in the backward pass.
  const std::size_t structure = edges * (2 * sizeof(NodeId) + sizeof(EdgeOffset)) + nonzero * 2 * (sizeof(NodeId) + sizeof(Real)) +
                                (nodes + c.in) * 2 * sizeof(EdgeOffset);
  std::size_t weights = 0, activations = 0, width = c.in;
  for (std::size_t k = 0; k < c.layers; ++k) {
    const bool last = k + 1 == c.layers;
    const std::size_t heads = last ? c.out_heads : c.heads[c.heads.size() == 1 ? 0 : k];
    const std::size_t channels = last ? c.classes : c.hidden[c.hidden.size() == 1 ? 0 : k];
    weights += width * heads * channels * (c.residual == Residual::linear ? 2 : 1);
    activations += nodes * heads * (8 * channels + 8);
    width = heads * channels;
  }
  return structure + (6 * weights + activations) * sizeof(Real);
}

}  // namespace gnn::inline GNN_PRECISION
