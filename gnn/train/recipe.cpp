// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/recipe.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <gnn/layers/registry.hpp>
#include <gnn/train/attention_choice.hpp>
#include <gnn/train/presets.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// The value of an option, as typed. The functions throw Error(usage) when it is something else.
struct Value {
  std::string_view name, text;

  [[noreturn]] void refuse(const char* wanted) const {
    fail(ErrorKind::usage, name, ": expected ", wanted, ", found ", graphs::in_quotes(text));
  }
  template <class Number>
  Number parsed(std::string_view part, const char* wanted) const {
    Number number{};
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size()) refuse(wanted);
    return number;
  }
  double number() const {
    const double value = parsed<double>(text, "a number");
    if (!std::isfinite(value)) refuse("a finite number");
    return value;
  }
  std::int64_t integer() const { return parsed<std::int64_t>(text, "a whole number"); }
  std::size_t count() const { return parsed<std::size_t>(text, "a whole number from 0 on"); }
  std::vector<std::size_t> counts() const {
    std::vector<std::size_t> list;
    for (std::string_view rest = text;;) {
      const std::size_t comma = rest.find(',');
      list.push_back(parsed<std::size_t>(rest.substr(0, comma), "whole numbers with commas between them"));
      if (comma == rest.npos) return list;
      rest.remove_prefix(comma + 1);
    }
  }
  bool on() const { return one_of("on", "off"); }
  bool one_of(const char* yes, const char* no) const {
    if (text != yes && text != no) refuse((std::string(yes) + " or " + no).c_str());
    return text == yes;
  }
  std::string word() const { return std::string(text); }
};

struct Setting {
  std::string_view name;
  void (*set)(Recipe& recipe, const Value& value);
};

constexpr Setting settings[] = {
    {"model", [](Recipe& r, const Value& v) { r.model.layer = find_layer_kind(v.word()).name; }},
    {"normalize", [](Recipe& r, const Value& v) { r.model.normalise = parse_normalise(v.word()); }},
    {"self-loops", [](Recipe& r, const Value& v) { r.model.self_loops = parse_self_loops(v.word()); }},
    {"layers", [](Recipe& r, const Value& v) { r.model.layers = v.count(); }},
    {"hidden", [](Recipe& r, const Value& v) { r.model.hidden = v.counts(); }},
    {"heads", [](Recipe& r, const Value& v) { r.model.heads = v.counts(); }},
    {"out-heads", [](Recipe& r, const Value& v) { r.model.out_heads = v.count(); }},
    {"dropout", [](Recipe& r, const Value& v) { r.model.dropout = v.number(); }},
    {"attn-dropout", [](Recipe& r, const Value& v) { r.model.attention_dropout = v.number(); }},
    {"feature-dropout", [](Recipe& r, const Value& v) { r.model.feature_dropout = v.number(); }},
    {"negative-slope", [](Recipe& r, const Value& v) { r.model.negative_slope = v.number(); }},
    {"residual", [](Recipe& r, const Value& v) { r.model.residual = parse_residual(v.word()); }},
    {"residual-layers", [](Recipe& r, const Value& v) { r.model.residual_inner = v.one_of("inner", "all"); }},
    {"residual-bias", [](Recipe& r, const Value& v) { r.model.residual_bias = v.on(); }},
    {"score-bias", [](Recipe& r, const Value& v) { r.model.score_bias = v.on(); }},
    {"mask-per-head", [](Recipe& r, const Value& v) { r.model.mask_per_head = v.on(); }},
    {"share-weights", [](Recipe& r, const Value& v) { r.model.share_weights = v.on(); }},
    {"projection-bias", [](Recipe& r, const Value& v) { r.model.projection_bias = v.on(); }},
    {"output-bias", [](Recipe& r, const Value& v) { r.model.output_bias = v.on(); }},
    {"attention", [](Recipe& r, const Value& v) { r.model.attention = v.word(); }},
    {"edge-loss", [](Recipe& r, const Value& v) { r.model.edge_loss = v.number(); }},
    {"neg-ratio", [](Recipe& r, const Value& v) { r.model.negative_ratio = v.number(); }},
    {"edge-ratio", [](Recipe& r, const Value& v) { r.model.edge_ratio = v.number(); }},
    {"hops", [](Recipe& r, const Value& v) { r.model.hops = v.count(); }},
    {"decay", [](Recipe& r, const Value& v) { r.model.decay = v.number(); }},
    {"mlp-layers", [](Recipe& r, const Value& v) { r.model.mlp_layers = v.count(); }},
    {"add-dropout", [](Recipe& r, const Value& v) { r.model.add_dropout = v.on(); }},
    {"attention-mode", [](Recipe& r, const Value& v) { r.model.attention_mode = v.word(); }},
    {"order", [](Recipe& r, const Value& v) { r.model.order = v.count(); }},
    {"variant", [](Recipe& r, const Value& v) { r.model.variant = v.word(); }},
    {"proximity", [](Recipe& r, const Value& v) { r.model.proximity = v.number(); }},
    {"edge-negatives", [](Recipe& r, const Value& v) { r.model.edge_negatives = v.number(); }},
    {"join", [](Recipe& r, const Value& v) { r.model.sampled_joins = v.one_of("sampled", "full"); }},
    {"encoder", [](Recipe& r, const Value& v) { r.model.encoder = v.count(); }},
    {"linear-head", [](Recipe& r, const Value& v) { r.model.linear_head = v.on(); }},
    {"init", [](Recipe& r, const Value& v) { r.model.initialisation = parse_initialisation(v.word()); }},

    {"optimizer", [](Recipe& r, const Value& v) { r.train.optimiser.kind = parse_optimiser(v.word()); }},
    {"lr", [](Recipe& r, const Value& v) { r.train.optimiser.learning_rate = v.number(); }},
    {"l2", [](Recipe& r, const Value& v) { r.train.optimiser.l2 = v.number(); }},
    {"l2-conv", [](Recipe& r, const Value& v) { r.train.optimiser.l2_conv = v.number(); }},
    {"l2-bias", [](Recipe& r, const Value& v) { r.train.optimiser.l2_on_bias = v.on(); }},
    {"weight-decay", [](Recipe& r, const Value& v) { r.train.optimiser.weight_decay = v.number(); }},
    {"clip-norm", [](Recipe& r, const Value& v) { r.train.optimiser.clip_norm = v.number(); }},
    {"schedule", [](Recipe& r, const Value& v) { r.train.schedule = parse_schedule(v.word()); }},
    {"batch", [](Recipe& r, const Value& v) { r.train.batch = v.integer(); }},
    {"epochs", [](Recipe& r, const Value& v) { r.train.epochs = v.integer(); }},
    {"stop", [](Recipe& r, const Value& v) { r.train.stop.kind = parse_stop(v.word()); }},
    // With one class a node micro-F1 is the accuracy, and with any number of them the epochs count micro-F1 alone.
    {"monitor",
     [](Recipe& r, const Value& v) {
       const bool known = v.text == "val-loss" || v.text == "val-acc" || v.text == "val-f1";
       if (!known) v.refuse("val-loss, val-acc or val-f1");
       r.train.stop.monitor_accuracy = v.text != "val-loss";
     }},
    {"ties", [](Recipe& r, const Value& v) { r.train.stop.ties_last = v.one_of("last", "first"); }},
    {"patience", [](Recipe& r, const Value& v) { r.train.stop.patience_epochs = v.integer(); }},
    {"stop-window", [](Recipe& r, const Value& v) { r.train.stop.window_epochs = v.integer(); }},
    {"min-delta", [](Recipe& r, const Value& v) { r.train.stop.min_delta = v.number(); }},
    {"min-delta-acc", [](Recipe& r, const Value& v) { r.train.stop.min_delta_accuracy = v.number(); }},
    {"restore", [](Recipe& r, const Value& v) { r.train.restore_best = v.one_of("best", "last"); }},
    {"seed", [](Recipe& r, const Value& v) { r.train.seed = v.count(); }},
};

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  return found == std::end(settings) ? nullptr : found;
}

/// What a preset says, but for the split, which is a matter of the data.
void apply(const Preset& preset, Recipe& recipe) {
  recipe.model.layer = preset.model;
  recipe.preset = preset.name;
  for (const PresetValue& value : values(preset)) {
    if (find_setting(value.option)) set(recipe, value.option, value.text);
  }
}

}  // namespace

Recipe recipe_for(const std::string& model, const std::string& data, std::span<const LayerKind> own_kinds) {
  Recipe recipe;
  recipe.model.layer = find_layer_kind(model, own_kinds).name;
  if (const Preset* preset = default_preset(model, data)) apply(*preset, recipe);
  return recipe;
}

Recipe recipe_from_preset(const std::string& name) {
  const Preset* preset = find_preset(name);
  if (!preset) fail(ErrorKind::usage, "preset: there is none called ", graphs::in_quotes(name));
  Recipe recipe;
  apply(*preset, recipe);
  return recipe;
}

void set(Recipe& recipe, std::string_view option, std::string_view text) {
  const Setting* setting = find_setting(option);
  if (!setting) fail(ErrorKind::usage, "recipe: there is no option ", graphs::in_quotes(option));
  setting->set(recipe, {option, text});
}

std::vector<std::string_view> recipe_options() {
  std::vector<std::string_view> names;
  for (const Setting& setting : settings) names.push_back(setting.name);
  return names;
}

void fit_to(ModelConfig& config, const datasets::Dataset& data) {
  fit_to(config, data, data.features.columns);
}

void fit_to(ModelConfig& config, const datasets::Dataset& data, std::size_t columns) {
  if (data.typed) {
    take_schema(*data.typed, config);
    config.self_loops = graphs::SelfLoops::keep;  // between nodes of two types there are none
  } else if (columns == 0) {
    fail(ErrorKind::mismatch, graphs::quote_for_message(data.name),
         ": expected at least 1 feature a node, found none");
  }
  if (data.num_classes == 0)
    fail(ErrorKind::mismatch, graphs::quote_for_message(data.name), ": expected labels, found none");
  config.in = columns;  // of a typed graph those of the target, of which there may be none
  config.classes = std::size_t(data.num_classes);
  config.task = data.multi_label() ? Task::multi_label : Task::single_label;
  config.class_names = data.class_names;
  if (config.normalise == Normalise::standard)
    config.feature_scale = datasets::column_scale(data.features, data.split.train);
  if (config.attention == "auto") {
    const bool chooses = config.layer == "supergat";
    const AttentionChoice choice = chooses ? choose_attention(data) : AttentionChoice{};
    config.attention = to_string(choice.form);
    if (!choice.edge_loss) config.edge_loss = 0;
  }
  validate(config);
}

}  // namespace gnn::inline GNN_PRECISION
