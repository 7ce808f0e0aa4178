// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/model.hpp>

#include <datasets/normalise.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/layers/registry.hpp>
#include <graphs/error.hpp>
#include <graphs/receptive_field.hpp>
#include <graphs/transforms.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr double sparse_below = 0.25;  // density from which a dense matrix is smaller and faster

void put_features(Context& ctx, const datasets::Features& x, SparseMatrix& sparse, Tensor& dense) {
  if (x.density() <= sparse_below) {
    sparse = SparseMatrix(ctx.pool(), x.columns, x.offsets, x.indices, x.values);
    return;
  }
  std::vector<Real> numbers(x.rows * x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::int64_t e = x.offsets[i]; e < x.offsets[i + 1]; ++e) {
      numbers[i * x.columns + std::size_t(x.indices[std::size_t(e)])] = Real(x.values[std::size_t(e)]);
    }
  }
  dense = Tensor::from(ctx.pool(), x.rows, x.columns, numbers);
}

datasets::Features rows_of(const datasets::Features& x, std::span<const NodeId> ids) {
  datasets::Features part;
  part.rows = ids.size();
  part.columns = x.columns;
  for (const NodeId i : ids) {
    for (std::int64_t e = x.offsets[std::size_t(i)]; e < x.offsets[std::size_t(i) + 1]; ++e) {
      part.indices.push_back(x.indices[std::size_t(e)]);
      part.values.push_back(x.values[std::size_t(e)]);
    }
    part.offsets.push_back(std::int64_t(part.indices.size()));
  }
  return part;
}

Field make_field(Context& ctx, const graphs::Csr& graph, const datasets::Features& features, const datasets::Dataset& data,
                 const std::vector<NodeId>& nodes, std::size_t layers) {
  Field field;
  std::vector<NodeId> inputs;
  for (const graphs::Hop& hop : graphs::receptive_field(graph, nodes, layers)) {
    if (inputs.empty()) inputs = hop.ids;
    field.layers.emplace_back(ctx.pool(), hop.edges, hop.ids);
  }
  put_features(ctx, rows_of(features, inputs), field.sparse, field.dense);

  std::vector<NodeId> rows(nodes.size());
  std::vector<std::int32_t> classes(nodes.size());
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    rows[k] = NodeId(k);
    classes[k] = data.labels[std::size_t(nodes[k])];
  }
  field.labels = Labels(ctx.pool(), rows, classes);
  return field;
}

}  // namespace

GraphData prepare(Context& ctx, const datasets::Dataset& data, const ModelConfig& config) {
  if (data.features.columns != config.in) {
    fail(ErrorKind::mismatch, "model expects ", config.in, " features, data has ", data.features.columns);
  }
  if (std::size_t(data.num_classes) > config.classes) {
    fail(ErrorKind::mismatch, "model knows ", config.classes, " classes, data has ", data.num_classes);
  }
  const graphs::Csr graph =
      config.self_loops ? graphs::Csr::from_edges(graphs::add_self_loops(data.graph.to_edges()).edges) : data.graph;
  const datasets::Features features = config.row_normalise ? datasets::normalise_rows(data.features) : data.features;
  GraphData ready;
  ready.adjacency = Adjacency(ctx.pool(), graph);
  put_features(ctx, features, ready.sparse, ready.dense);
  ready.train = Labels(ctx.pool(), data.split.train, data.labels);
  ready.val = Labels(ctx.pool(), data.split.val, data.labels);
  ready.test = Labels(ctx.pool(), data.split.test, data.labels);
  ready.train_field = make_field(ctx, graph, features, data, data.split.train, config.layers);
  ready.val_field = make_field(ctx, graph, features, data, data.split.val, config.layers);
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

Output Model::forward(Tape& tape, const std::function<const Adjacency&(std::size_t)>& adjacency, const SparseMatrix& sparse,
                      const Tensor& dense) const {
  Output out;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Input x = k > 0 ? Input(out.y) : dense.defined() ? Input(tape.constant(dense)) : Input(sparse);
    Output next = layers_[k]->forward(tape, parameters_, adjacency(k), x);
    if (out.loss.defined()) next.loss = next.loss.defined() ? add(next.loss, out.loss) : out.loss;
    out = std::move(next);
  }
  return out;
}

Output Model::forward(Tape& tape, const GraphData& data) const {
  return forward(tape, [&](std::size_t) -> const Adjacency& { return data.adjacency; }, data.sparse, data.dense);
}

Output Model::forward(Tape& tape, const Field& field) const {
  return forward(tape, [&](std::size_t k) -> const Adjacency& { return field.layers[k]; }, field.sparse, field.dense);
}

Tensor Model::logits(Context& ctx, const GraphData& data) const {
  Tape tape(ctx, Tape::inference);
  return forward(tape, data).y.value();
}

Tensor Model::logits(Context& ctx, const Field& field) const {
  Tape tape(ctx, Tape::inference);
  return forward(tape, field).y.value();
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
