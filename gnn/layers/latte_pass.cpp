// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/latte_pass.hpp>

#include <algorithm>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/edges.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gates.hpp>
#include <gnn/autograd/pairs.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <gnn/kernels/pairs.hpp>
#include <gnn/layers/drawn_edges.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

Var relu(const Var& x) { return leaky_relu(x, 0); }

// The edges that attention lets through: 1/2 or more in one of the heads, or the single best.
graphs::NumberedEdges attended_edges(const graphs::NumberedEdges& all, const Tensor& attention) {
  const std::vector<Real> alpha = attention.to_host();
  const std::size_t heads = attention.cols();
  graphs::NumberedEdges weighted = all;
  std::vector<char> keep(all.values.size(), 0);
  bool any = false;
  for (std::size_t e = 0; e < keep.size(); ++e) {
    weighted.values[e] = double(*std::max_element(&alpha[e * heads], &alpha[e * heads] + heads));
    keep[e] = weighted.values[e] >= 0.5;
    any = any || keep[e];
  }
  if (!any && !keep.empty()) {
    keep[std::size_t(std::ranges::max_element(weighted.values) - weighted.values.begin())] = 1;
  }
  return graphs::some_edges(weighted, keep);
}

}  // namespace

LattePass::LattePass(const Latte& model, Tape& tape, const Parameters& parameters, const TypedInput& input, Latte::Trace* trace)
    : model_(model), config_(model.config_), tape_(tape), ctx_(tape.context()), parameters_(parameters), input_(input),
      trace_(trace), needed_(tape.is_training() ? model.trained_ : model.needed_) {
  const std::size_t types = config_.node_types.size();
  if (input.features.size() != types || input.graph->joins[0].size() != config_.relations.size()) {
    fail(ErrorKind::mismatch, "latte: expects ", types, " node types and ", config_.relations.size(), " relations, the graph has ",
         input.features.size(), " and ", input.graph->joins[0].size());
  }
  for (std::size_t m = 0; m < types; ++m) {
    const NodeTypeShape& type = config_.node_types[m];
    const std::size_t found = input.features[m].cols();
    if (found != type.features) {
      fail(ErrorKind::mismatch, "latte: expects ", type.features, " features of ", type.name, ", the input has ", found);
    }
    if (type.features == 0 && input.graph->num_nodes[m] != type.nodes) {
      fail(ErrorKind::mismatch, "latte: has a trained row for each of ", type.nodes, " nodes of ", type.name, ", the graph has ",
           input.graph->num_nodes[m]);
    }
  }
}

std::vector<Var> LattePass::run(Var* loss) {
  const std::size_t types = config_.node_types.size();
  std::vector<std::vector<Var>> results(types);
  for (std::size_t m = 0; m < types; ++m) left_.push_back(first_input(m));
  right_ = left_;
  for (std::size_t t = 0; t < config_.order; ++t) {
    made_.emplace_back(model_.paths_[t].size());
    attention_.emplace_back(model_.paths_[t].size());
    if (trace_) trace_->gates.emplace_back(types);
    if (t > 0) join_edges(t);
    project_types(t);
    std::vector<Input> next(types, Input(Var()));
    for (std::size_t m = 0; m < types; ++m) {
      if (!is_needed(t, m)) continue;
      const Var h = result_of(t, m);
      results[m].push_back(h);
      next[m] = h;
    }
    left_ = next;
    if (!model_.is_2020()) right_ = next;
  }
  if (trace_) {
    trace_->attention = attention_;
    for (const std::vector<Join>& joins : made_) {
      std::vector<graphs::NumberedEdges>& all = trace_->edges.emplace_back();
      for (const Join& join : joins) all.push_back(join.edges);
    }
  }
  for (const Var& part : losses_) {
    if (loss) *loss = loss->defined() ? add(*loss, part) : part;
  }
  std::vector<Var> embeddings(types);
  for (std::size_t m = 0; m < types; ++m) {
    if (results[m].size() == config_.order) embeddings[m] = concat_columns(results[m]);
  }
  return embeddings;
}

Var LattePass::project(const Input& x, const Latte::Dense& dense) const {
  const Var y = x.sparse ? dropout_matmul(*x.sparse, use(dense.weight), 0, 0, 1) : matmul(x.dense, use(dense.weight));
  return add_bias(y, use(dense.bias));
}

// Features, the table of a type without, or what the program of 2021 makes of them first.
Input LattePass::first_input(std::size_t m) const {
  if (config_.node_types[m].features == 0) return use(model_.table_[m]);
  if (model_.is_2020()) return input_.features[m];
  return dropout(relu(project(input_.features[m], model_.projection_[m])), config_.feature_dropout, model_.projection_stream_[m]);
}

// Left for the types whose results are wanted, right for those they look at.
void LattePass::project_types(std::size_t t) {
  const std::size_t types = config_.node_types.size();
  left_projected_.assign(types, Var()), right_projected_.assign(types, Var());
  const auto map = [&](const std::vector<Input>& x, std::size_t m, const Latte::Dense& dense) {
    return model_.levels_[t].types[m].is_table ? x[m].dense : project(x[m], dense);
  };
  for (std::size_t m = 0; m < types; ++m) {
    const Latte::TypePart& part = model_.levels_[t].types[m];
    if (!is_needed(t, m)) continue;
    left_projected_[m] = map(left_, m, part.left);
    for (const std::size_t k : part.paths) {
      const std::size_t tail = model_.paths_[t][k].tail;
      if (!right_projected_[tail].defined()) right_projected_[tail] = map(right_, tail, model_.levels_[t].types[tail].right);
    }
  }
}

const Join& LattePass::edges(std::size_t t, std::size_t k) const {
  const bool drawn = config_.sampled_joins && tape_.is_training();
  return t == 0 || (model_.is_2020() && !drawn) ? input_.graph->joins[t][k] : made_[t][k];
}

graphs::NumberedEdges LattePass::shorter_edges(std::size_t t, std::size_t k) const {
  const Join& join = edges(t, k);
  return model_.is_2020() ? join.edges : attended_edges(join.edges, attention_[t][k]);
}

// The longer metapaths of layer t + 1, where they are not those that were made ahead of time.
void LattePass::join_edges(std::size_t t) {
  const bool drawn = config_.sampled_joins && tape_.is_training();
  if (model_.is_2020() && !drawn) return;
  for (std::size_t k = 0; k < model_.paths_[t].size(); ++k) {
    const Metapath& path = model_.paths_[t][k];
    if (!is_needed(t, path.head)) continue;
    const graphs::NumberedEdges& relation = input_.graph->joins[0][path.relation].edges;
    const graphs::NumberedEdges shorter = shorter_edges(t - 1, path.shorter);
    const bool made_ahead = model_.is_2020() && t == 1;  // of relations, which are not drawn
    graphs::NumberedEdges all =
        made_ahead ? input_.graph->joins[t][k].edges
                   : graphs::join(shorter, relation, model_.is_2020() ? graphs::JoinSize::entries : graphs::JoinSize::values);
    if (drawn) {
      const std::size_t count = std::min(shorter.values.size(), relation.values.size());
      all = draw_edges(all, count, tape_.dropout(model_.levels_[t].paths[k].join_stream, 0));
    }
    made_[t][k] = Join(ctx_, std::move(all));
  }
}

Var LattePass::gates_of(std::size_t t, std::size_t m) const {
  const bool of_projection = model_.is_2020() && t > 0;
  const Input q = of_projection ? Input(left_projected_[m]) : left_[m];
  return row_softmax(project(q, model_.levels_[t].types[m].gate));
}

Var LattePass::result_of(std::size_t t, std::size_t m) {
  const Latte::TypePart& part = model_.levels_[t].types[m];
  const Var gates = gates_of(t, m);
  if (trace_) trace_->gates[t][m] = gates.value();
  std::vector<Var> terms;
  for (const std::size_t k : part.paths) terms.push_back(aggregate(t, k));
  terms.push_back(left_projected_[m]);
  const Var h = relu(gated_sum(gates, terms));
  return model_.is_2020() ? h : dropout(h, config_.feature_dropout, part.dropout_stream);
}

// What the tail's nodes say along the edges of metapath k: sum over v of alpha_uv R_v.
Var LattePass::aggregate(std::size_t t, std::size_t k) {
  const Metapath& path = model_.paths_[t][k];
  const Latte::PathPart& part = model_.levels_[t].paths[k];
  const Adjacency& adjacency = edges(t, k).adjacency;
  const Var &left = left_projected_[path.head], &right = right_projected_[path.tail];
  const Var tau = use(part.sharpening);
  const auto score = [&](const Var& z, const Latte::Dense& vector) {
    return head_scores(z, use(vector.weight), model_.is_2020() ? use(vector.bias) : Var());
  };
  const Var source_score = score(right, part.right);
  const bool has_loss = config_.proximity > 0 && tape_.is_training();

  if (model_.is_2020()) {
    // The softmax over v does not see what all edges into u have in common.
    const Tensor none = ctx_.tensor(adjacency.num_targets(), 1);
    kernels::fill(ctx_, none, Real(0));
    const Var sharpened = multiply(source_score, tau), same = tape_.constant(none);
    if (keeps_attention(t)) attention_[t][k] = gat_attention_weights(adjacency, sharpened, same, 1);
    if (has_loss) add_edge_loss(t, k, source_score, score(left, part.left), Var());
    return gat_attention(adjacency, sharpened, same, right, 1, config_.attention_dropout, part.attention_stream);
  }
  const Var target_score = score(left, part.left);
  const Var logits = leaky_relu(edge_scores(adjacency, source_score, target_score), config_.negative_slope);
  const Var alpha = edge_softmax(adjacency, multiply(logits, tau));
  if (keeps_attention(t)) attention_[t][k] = alpha.value();
  if (has_loss) add_edge_loss(t, k, source_score, target_score, alpha);
  return propagate(adjacency, edge_dropout(adjacency, alpha, config_.attention_dropout, part.attention_stream), right);
}

// The share of metapath k in the loss of the edges.
void LattePass::add_edge_loss(std::size_t t, std::size_t k, const Var& source_score, const Var& target_score, const Var& attention) {
  const Join& join = edges(t, k);
  if (join.num_edges() == 0) return;
  const Latte::PathPart& part = model_.levels_[t].paths[k];
  const auto scores = [&](const Adjacency& pairs) {
    const Var largest = row_maximum(edge_scores(pairs, source_score, target_score));
    return multiply(model_.is_2020() ? largest : leaky_relu(largest, config_.negative_slope), use(part.sharpening));
  };
  const double factor = config_.proximity / (2 * double(count_present(t)));

  Tensor weight;  // none: ones
  if (attention.defined()) {
    weight = ctx_.tensor(join.num_edges(), 1);
    kernels::row_maximum(ctx_, attention.value(), weight);
  } else if (t > 0) {
    const std::vector<Real> values(join.edges.values.begin(), join.edges.values.end());
    weight = Tensor::from(ctx_.pool(), values.size(), 1, values);
  }
  losses_.push_back(log_sigmoid_loss(scores(join.adjacency), weight, 1, factor / double(join.num_edges())));

  const Adjacency negatives = negative_pairs(t, k);
  const std::size_t count = negatives.num_edges();
  if (count >= 2) losses_.push_back(log_sigmoid_loss(scores(negatives), {}, -1, factor / double(count)));
}

// Metapaths of layer t + 1 that have edges.
std::size_t LattePass::count_present(std::size_t t) const {
  std::size_t count = 0;
  for (std::size_t k = 0; k < model_.paths_[t].size(); ++k) {
    count += is_needed(t, model_.paths_[t][k].head) && edges(t, k).num_edges() > 0;
  }
  return count;
}

Adjacency LattePass::negative_pairs(std::size_t t, std::size_t k) const {
  if (const auto given = input_.negatives.find({t, k}); given != input_.negatives.end()) return given->second;
  const graphs::NumberedEdges& all = edges(t, k).edges;
  const auto count = std::size_t(config_.edge_negatives * double(all.values.size()));
  return Adjacency(ctx_.pool(), draw_missing_edges(all.edges, count, tape_.dropout(model_.levels_[t].paths[k].negative_stream, 0)));
}

}  // namespace gnn::inline GNN_PRECISION
