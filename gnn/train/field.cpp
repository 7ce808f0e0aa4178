// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/field.hpp>

#include <algorithm>
#include <numeric>

#include <datasets/normalise.hpp>
#include <gnn/layers/registry.hpp>
#include <graphs/error.hpp>
#include <graphs/receptive_field.hpp>
#include <graphs/self_loops.hpp>
#include <graphs/transforms.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr std::size_t numbers_a_part = 65536;  // nodes and edges that small graphs together may have in one part
constexpr double sparse_below = 0.25;  // density from which a dense matrix is smaller and faster

// In: a Field or NodeFeatures.
template <class In>
void put_features(Context& ctx, const datasets::Features& x, bool as_sparse, In& field) {
  if (as_sparse) {
    field.sparse = SparseMatrix(ctx.pool(), x.columns, x.offsets, x.indices, x.values);
    return;
  }
  std::vector<Real> numbers(x.rows * x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::int64_t e = x.offsets[i]; e < x.offsets[i + 1]; ++e) {
      numbers[i * x.columns + std::size_t(x.indices[std::size_t(e)])] = Real(x.values[std::size_t(e)]);
    }
  }
  field.dense = Tensor::from(ctx.pool(), x.rows, x.columns, numbers);
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

Labels labels_of(Context& ctx, const GraphData::Source& s, std::span<const NodeId> nodes) {
  if (s.targets.empty()) return Labels(ctx.pool(), nodes, s.labels);
  return Labels(ctx.pool(), nodes, s.labels, s.targets, s.num_classes);
}

// The labels of some nodes as those of the given rows, which ascend.
Labels labels_at(Context& ctx, const GraphData::Source& s, std::span<const NodeId> nodes, std::span<const NodeId> rows) {
  const std::size_t width = s.targets.empty() ? 0 : s.num_classes;
  const std::size_t count = rows.empty() ? 0 : std::size_t(rows.back()) + 1;
  std::vector<std::int32_t> classes(count, -1);
  std::vector<std::uint8_t> targets(count * width);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const std::size_t from = std::size_t(nodes[k]), to = std::size_t(rows[k]);
    classes[to] = s.labels[from];
    std::copy_n(s.targets.begin() + std::ptrdiff_t(from * width), width, targets.begin() + std::ptrdiff_t(to * width));
  }
  if (width == 0) return Labels(ctx.pool(), rows, classes);
  return Labels(ctx.pool(), rows, classes, targets, width);
}

std::vector<NodeId> first_nodes(const datasets::Dataset& data, const graphs::Csr& graph) {
  const std::vector<std::int32_t>& id = data.graph_id;
  if (id.empty()) return {0, data.num_nodes()};
  if (id.size() != std::size_t(data.num_nodes())) {
    fail(ErrorKind::input, data.name, ": graph_id: expected ", +data.num_nodes(), ", one a node, found ", id.size());
  }
  std::vector<NodeId> first = {0};
  for (std::size_t i = 1; i < id.size(); ++i) {
    if (id[i] < id[i - 1]) {
      fail(ErrorKind::input, data.name, ": graph_id: node ", i, ": expected ", id[i - 1], " or more, found ", id[i]);
    }
    if (id[i] != id[i - 1]) first.push_back(NodeId(i));
  }
  for (NodeId i = 0; i < graph.num_rows(); ++i) {
    for (const NodeId j : graph.row(i)) {
      if (id[std::size_t(i)] == id[std::size_t(j)]) continue;
      fail(ErrorKind::input, data.name, ": expected edges within a graph, found one from node ", +j, " of graph ",
           id[std::size_t(j)], " to node ", +i, " of graph ", id[std::size_t(i)]);
    }
  }
  first.push_back(data.num_nodes());
  return first;
}

// The views of a typed graph on the device, which share its features.
void put_typed(Context& ctx, const datasets::TypedDataset& data, const ModelConfig& config, bool inductive, GraphData::Source& s) {
  check(config.normalise != Normalise::standard, "normalize: standard is for plain graphs, ", data.name, " is typed");
  auto features = std::make_shared<std::vector<NodeFeatures>>();
  for (const datasets::Features& x : data.features) {
    NodeFeatures& own = features->emplace_back();
    if (x.columns == 0 || x.rows == 0) continue;
    put_features(ctx, config.normalise == Normalise::row ? datasets::normalise_rows(x) : x, x.density() <= sparse_below, own);
  }
  const auto view = [&](std::span<const NodeId> hidden) {
    return std::make_shared<const TypedField>(typed_field(ctx, data, config, features, hidden));
  };
  s.typed = s.val_view = s.train_view = view({});
  if (!inductive) return;
  std::vector<NodeId> hidden = s.split.val;
  hidden.insert(hidden.end(), s.split.test.begin(), s.split.test.end());
  std::ranges::sort(hidden);
  s.val_view = view(s.split.test);
  s.train_view = view(hidden);
}

// Features on the device, which are taken as they are.
void check_given(const Context& ctx, const datasets::Dataset& data, const ModelConfig& config, const Tensor& features) {
  if (features.device() != ctx.device()) {
    fail(ErrorKind::mismatch, "features: expected them on ", to_string(ctx.device()), ", found them on ", to_string(features.device()));
  }
  check(!data.typed && data.graph_id.empty(), "features: those of ", data.typed ? "a typed graph" : "several graphs",
        " must be part of the data set");
  check(config.normalise == Normalise::none, "normalize: expected none for features that lie on the device, found ",
        to_string(config.normalise));
  if (features.rows() != std::size_t(data.num_nodes())) {
    fail(ErrorKind::mismatch, "features: expected ", +data.num_nodes(), " rows, one a node, found ", features.rows());
  }
}

void check_fit(const datasets::Dataset& data, const ModelConfig& config, std::size_t columns) {
  if (!data.typed && !config.node_types.empty()) {
    fail(ErrorKind::mismatch, "model expects a typed graph, ", data.name, " is a plain one");
  }
  if (data.typed && config.node_types.empty()) {
    fail(ErrorKind::mismatch, "model expects a plain graph, ", data.name, " is a typed one");
  }
  if (!data.typed && columns != config.in) {
    fail(ErrorKind::mismatch, "model expects ", config.in, " features, data has ", columns);
  }
  if (data.num_classes == 0) return;  // nothing is known of the nodes
  const bool many = config.task == Task::multi_label;
  if (many != data.multi_label()) {
    fail(ErrorKind::mismatch, "model expects ", many ? "any number of classes" : "one class", " a node, data has ",
         many ? "one class" : "any number of classes");
  }
  const std::size_t classes = std::size_t(data.num_classes);
  if (many ? classes != config.classes : classes > config.classes) {
    fail(ErrorKind::mismatch, "model knows ", config.classes, " classes, data has ", data.num_classes);
  }
}

// The nodes that logits of `nodes` depend on, layer by layer. first_nodes as in Adjacency.
Field reached_field(Context& ctx, const GraphData::Source& s, std::span<const NodeId> nodes,
                    std::span<const NodeId> first_nodes = {}) {
  const std::vector<graphs::Hop> hops = graphs::receptive_field(s.graph, nodes, s.num_layers);
  Field field;
  field.layers.resize(s.num_layers);
  for (std::size_t k = s.num_layers; k-- > 0;) {
    // A hop that reaches no further node is the one before it, too.
    const bool closed = k + 1 < s.num_layers && field.layers[k + 1].num_sources() == field.layers[k + 1].num_targets();
    field.layers[k] = closed ? field.layers[k + 1] : Adjacency(ctx.pool(), hops[k].edges, hops[k].ids, first_nodes);
  }
  const datasets::Features part = rows_of(s.features, hops.front().ids);
  // Parts of data in many graphs must agree on the form, or their sums would not; a part of one graph decides alone.
  const bool one_graph = s.first_node.size() == 2;
  put_features(ctx, part, (one_graph ? part : s.features).density() <= sparse_below, field);
  std::vector<NodeId> rows(nodes.size());
  std::iota(rows.begin(), rows.end(), NodeId(0));
  field.labels = labels_at(ctx, s, nodes, rows);
  return field;
}

// The smallest part of a typed graph that has the edges of all the nodes.
std::shared_ptr<const TypedField> view_for(const GraphData::Source& s, std::span<const NodeId> nodes) {
  const auto any_in = [&](const std::vector<NodeId>& part) {
    return std::ranges::any_of(nodes, [&](NodeId i) { return std::ranges::binary_search(part, i); });
  };
  return any_in(s.split.test) ? s.typed : any_in(s.split.val) ? s.val_view : s.train_view;
}

// All nodes of the graphs that have one of `nodes`. A single graph is there already: only the labels are others.
Field whole_field(Context& ctx, const GraphData& data, std::span<const NodeId> nodes) {
  const GraphData::Source& s = *data.source;
  if (s.first_node.size() == 2) {
    Field field = data.parts[0];
    if (s.typed) field.typed = view_for(s, nodes);
    field.labels = labels_of(ctx, s, nodes);
    return field;
  }
  std::vector<NodeId> all, rows, first_nodes;  // every node of the field, which of its rows are `nodes`, and where a graph begins
  for (std::size_t g = 0, k = 0; g + 1 < s.first_node.size() && k < nodes.size(); ++g) {
    if (nodes[k] >= s.first_node[g + 1]) continue;
    const std::size_t before = all.size();
    first_nodes.push_back(NodeId(before));
    for (NodeId i = s.first_node[g]; i < s.first_node[g + 1]; ++i) all.push_back(i);
    for (; k < nodes.size() && nodes[k] < s.first_node[g + 1]; ++k) {
      rows.push_back(NodeId(before + std::size_t(nodes[k] - s.first_node[g])));
    }
  }
  Field field = reached_field(ctx, s, all, first_nodes);
  field.labels = labels_at(ctx, s, nodes, rows);
  return field;
}

// Whether the part of a graph that nodes depend on is so much of it that a copy of its structure is not worth the memory of a GPU.
bool is_most_of_large_graph(const Context& ctx, const GraphData::Source& s, std::span<const NodeId> nodes) {
  constexpr std::int64_t large_graph = 1 << 24, most_parts = 3;
  const std::int64_t edges = std::int64_t(s.graph.num_edges()), layers = std::int64_t(s.num_layers);
  if (ctx.device().kind != Device::cuda || s.first_node.size() != 2 || edges < large_graph) return false;
  return graphs::count_receptive_edges(s.graph, nodes, s.num_layers) > edges * layers / most_parts;
}

}  // namespace

Field make_field(Context& ctx, const GraphData& data, std::span<const NodeId> nodes, Pass pass) {
  const GraphData::Source& s = *data.source;
  const bool whole = s.reach == Reach::whole || (s.reach == Reach::whole_in_training && pass == Pass::training);
  if (whole || is_most_of_large_graph(ctx, s, nodes)) return whole_field(ctx, data, nodes);
  return reached_field(ctx, s, nodes);
}

GraphData prepare(Context& ctx, const datasets::Dataset& data, const ModelConfig& config, bool inductive, const Tensor& features) {
  const bool given = features.defined();
  if (given) check_given(ctx, data, config, features);
  check_fit(data, config, given ? features.cols() : data.features.columns);
  check(!inductive || data.typed, "inductive: is for typed graphs, ", data.name, " is a plain one");
  auto source = std::make_shared<GraphData::Source>();
  GraphData::Source& s = *source;
  s.graph = graphs::with_self_loops(data.graph, config.self_loops);
  if (!given) s.features = config.normalise == Normalise::row        ? datasets::normalise_rows(data.features)
               : config.normalise == Normalise::standard ? datasets::standardise(data.features, config.feature_scale)
                                                         : data.features;
  s.labels = data.labels;
  s.targets = data.targets;
  s.num_classes = std::size_t(data.num_classes);
  s.num_layers = num_layers(config);
  s.reach = given ? Reach::whole : kind_of(config).reach;
  s.first_node = first_nodes(data, s.graph);
  s.split = data.split;

  GraphData ready;
  ready.source = source;
  ready.train = labels_of(ctx, s, s.split.train);
  ready.val = labels_of(ctx, s, s.split.val);
  ready.test = labels_of(ctx, s, s.split.test);
  std::vector<NodeId> nodes(std::size_t(s.graph.num_rows()));
  std::iota(nodes.begin(), nodes.end(), NodeId(0));
  if (data.typed) {
    put_typed(ctx, *data.typed, config, inductive, s);
    Field all;
    all.layers.resize(s.num_layers);
    all.typed = s.typed;
    all.labels = labels_of(ctx, s, nodes);
    ready.parts.push_back(std::move(all));
    return ready;
  }
  if (s.first_node.size() == 2) {
    Field all;
    all.layers.assign(s.num_layers, Adjacency(ctx.pool(), s.graph));
    if (given) {
      all.dense = features;
    } else {
      put_features(ctx, s.features, s.features.density() <= sparse_below, all);
    }
    all.labels = labels_of(ctx, s, nodes);
    ready.parts.push_back(std::move(all));
    return ready;
  }
  const auto size_before = [&](std::size_t g) {
    const std::size_t node = std::size_t(s.first_node[g]);
    return node + std::size_t(s.graph.offsets()[node]);
  };
  for (std::size_t g = 0, next = 0; g + 1 < s.first_node.size(); g = next) {
    for (next = g + 1; next + 1 < s.first_node.size() && size_before(next + 1) - size_before(g) <= numbers_a_part;) ++next;
    const std::size_t first = std::size_t(s.first_node[g]), last = std::size_t(s.first_node[next]);
    ready.parts.push_back(make_field(ctx, ready, std::span(nodes).subspan(first, last - first)));
  }
  return ready;
}

}  // namespace gnn::inline GNN_PRECISION
