// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/config.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_list(const char* name, const std::vector<std::size_t>& list, std::size_t layers, bool linear_head) {
  const std::size_t wanted = linear_head ? layers : layers - 1;
  check(list.size() == 1 || list.size() == wanted, name, ": expected 1 number or ", wanted, ", one for each layer",
        linear_head ? "" : " but the last", "; got ", list.size());
  for (const std::size_t n : list) check(n >= 1 && n <= 65536, name, ": must be in 1 to 65536, got ", n);
}

std::size_t pick(const std::vector<std::size_t>& list, std::size_t k) { return list[list.size() == 1 ? 0 : k]; }

bool is_last(const ModelConfig& c, std::size_t k) { return k + 1 == c.layers; }

// LATTE's shape, which follows the typed graph it is for.
void validate_latte(const ModelConfig& c) {
  check(!c.node_types.empty() && !c.relations.empty(), "latte: expected node types and relations, the model is for a plain graph");
  const auto is_type = [&](const std::string& name) {
    return std::ranges::any_of(c.node_types, [&](const NodeTypeShape& type) { return type.name == name; });
  };
  for (const RelationShape& r : c.relations) {
    check(is_type(r.source) && is_type(r.target), "latte: relation '", graphs::quote_for_message(r.name),
          "' joins types that are not there");
  }
  check(is_type(c.target), "target: expected a node type, found '", graphs::quote_for_message(c.target), "'");
  for (const NodeTypeShape& type : c.node_types) {
    check(type.features > 0 || type.nodes > 0, "latte: ", graphs::quote_for_message(type.name), " has neither features nor nodes");
    check(type.features < INT32_MAX && type.nodes < INT32_MAX, "latte: ", graphs::quote_for_message(type.name), " is too large");
  }
  check(c.hidden.size() == 1, "hidden: latte has the same width in all layers, got ", c.hidden.size(), " numbers");
  check(c.heads.size() == 1, "heads: latte has as many in all layers, got ", c.heads.size(), " numbers");
  check(c.hidden[0] >= 1 && c.hidden[0] <= 65536, "hidden: must be in 1 to 65536, got ", c.hidden[0]);
  check(c.heads[0] >= 1 && c.hidden[0] % c.heads[0] == 0, "heads: must divide hidden, got ", c.heads[0], " and ", c.hidden[0]);
  check(c.order >= 1 && c.order <= 3, "order: must be in 1 to 3, got ", c.order);
  const auto drops = [](const char* name, double p) { check(p >= 0 && p < 1, name, ": must be in [0, 1), got ", p); };
  drops("dropout", c.dropout), drops("attn-dropout", c.attention_dropout), drops("feature-dropout", c.feature_dropout);
}

}  // namespace

void validate(const ModelConfig& c) {
  if (c.layer == "latte") {
    validate_latte(c);
  } else {
    check(c.node_types.empty(), c.layer, ": expected a plain graph, the model is for a typed one");
  }
  check(c.layers >= 1 && c.layers <= 256, "layers: must be in 1 to 256, got ", c.layers);
  check(c.in >= 1 || !c.node_types.empty(), "model: the data has no features");
  check(c.classes >= 1, "model: the data has no classes");
  if (c.layers > 1 || c.linear_head) check_list("hidden", c.hidden, c.layers, c.linear_head);
  if (c.layers > 1 || c.linear_head) check_list("heads", c.heads, c.layers, c.linear_head);
  check(c.out_heads >= 1 && c.out_heads <= max_mask_heads, "out-heads: must be in 1 to ", max_mask_heads, ", got ", c.out_heads);
  check(c.hops >= 1 && c.hops <= 4096, "hops: must be in 1 to 4096, got ", c.hops);
  check(c.mlp_layers >= 1 && c.mlp_layers <= 256, "mlp-layers: must be in 1 to 256, got ", c.mlp_layers);
  check(c.decay > 0 && std::isfinite(c.decay), "decay: must be greater than 0, got ", c.decay);
  check(c.order >= 1 && c.order <= 3, "order: must be in 1 to 3, got ", c.order);
  check(c.encoder <= 65536, "encoder: must be in 0 to 65536, got ", c.encoder);
  const auto ratio = [](const char* name, double x) {
    check(x >= 0 && std::isfinite(x), name, ": must be 0 or greater, got ", x);
  };
  ratio("edge-loss", c.edge_loss), ratio("neg-ratio", c.negative_ratio), ratio("proximity", c.proximity);
  ratio("edge-negatives", c.edge_negatives);
  check(c.edge_ratio > 0 && c.edge_ratio <= 1, "edge-ratio: must be in (0, 1], got ", c.edge_ratio);
  const auto word = [](const char* name, const std::string& found, std::initializer_list<const char*> known) {
    std::string list;
    for (const char* k : known) {
      if (found == k) return;
      list += (list.empty() ? "" : ", ") + std::string(k);
    }
    fail(ErrorKind::usage, name, ": expected one of ", list, ", found '", graphs::quote_for_message(found), "'");
  };
  word("attention", c.attention, {"go", "dp", "sd", "mx"});
  word("attention-mode", c.attention_mode, {"sum", "concat"});
  word("variant", c.variant, {"2020", "2021"});
  const std::size_t scaled = c.normalise == Normalise::standard ? c.in : 0;
  check(c.feature_scale.mean.size() == scaled && c.feature_scale.deviation.size() == scaled, "normalize: expected ", scaled,
        " means and deviations of columns, got ", c.feature_scale.mean.size(), " and ", c.feature_scale.deviation.size());
  for (const double x : c.feature_scale.deviation) check(x > 0, "normalize: a deviation must be greater than 0, got ", x);
}

bool gives_logits(const ModelConfig& c, std::size_t k) { return is_last(c, k) && !c.linear_head; }

std::size_t heads_of(const ModelConfig& c, std::size_t k) { return gives_logits(c, k) ? c.out_heads : pick(c.heads, k); }

std::size_t channels_of(const ModelConfig& c, std::size_t k) { return gives_logits(c, k) ? c.classes : pick(c.hidden, k); }

std::size_t width_into(const ModelConfig& c, std::size_t k) {
  if (k == 0) return c.encoder ? c.encoder : c.in;
  return heads_of(c, k - 1) * channels_of(c, k - 1);  // all heads of the layer before, side by side
}

std::size_t width_behind(const ModelConfig& c, std::size_t k) {
  return gives_logits(c, k) ? c.classes : heads_of(c, k) * channels_of(c, k);
}

Residual residual_of(const ModelConfig& c, std::size_t k) {
  return c.residual_inner && (k == 0 || is_last(c, k)) ? Residual::none : c.residual;
}

const char* to_string(Task task) { return task == Task::single_label ? "single-label" : "multi-label"; }

const char* to_string(Residual residual) {
  return residual == Residual::none ? "none" : residual == Residual::linear ? "linear" : "identity";
}

const char* to_string(Initialisation initialisation) {
  return initialisation == Initialisation::authors ? "authors" : "glorot";
}

const char* to_string(graphs::SelfLoops self_loops) {
  using graphs::SelfLoops;
  return self_loops == SelfLoops::add      ? "add"
         : self_loops == SelfLoops::remove ? "remove"
         : self_loops == SelfLoops::fill   ? "fill"
                                           : "keep";
}

const char* to_string(Normalise normalise) {
  return normalise == Normalise::row ? "row" : normalise == Normalise::standard ? "standard" : "none";
}

Task parse_task(const std::string& text) {
  for (const Task t : {Task::single_label, Task::multi_label}) {
    if (text == to_string(t)) return t;
  }
  fail(ErrorKind::usage, "task: expected single-label or multi-label, found '", text, "'");
}

Residual parse_residual(const std::string& text) {
  for (const Residual r : {Residual::none, Residual::linear, Residual::identity}) {
    if (text == to_string(r)) return r;
  }
  fail(ErrorKind::usage, "residual: expected none, linear or identity, found '", text, "'");
}

Initialisation parse_initialisation(const std::string& text) {
  for (const Initialisation i : {Initialisation::authors, Initialisation::glorot}) {
    if (text == to_string(i)) return i;
  }
  fail(ErrorKind::usage, "init: expected authors or glorot, found '", text, "'");
}

graphs::SelfLoops parse_self_loops(const std::string& text) {
  using graphs::SelfLoops;
  for (const SelfLoops s : {SelfLoops::keep, SelfLoops::add, SelfLoops::remove, SelfLoops::fill}) {
    if (text == to_string(s)) return s;
  }
  fail(ErrorKind::usage, "self-loops: expected keep, add, remove or fill, found '", text, "'");
}

Normalise parse_normalise(const std::string& text) {
  for (const Normalise n : {Normalise::none, Normalise::row, Normalise::standard}) {
    if (text == to_string(n)) return n;
  }
  fail(ErrorKind::usage, "normalize: expected none, row or standard, found '", text, "'");
}

}  // namespace gnn::inline GNN_PRECISION
