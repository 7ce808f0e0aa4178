// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/recipe.hpp>

#include <apps/commands/load_data.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <gnn/layers/supergat.hpp>
#include <gnn/train/attention_choice.hpp>
#include <gnn/train/presets.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

[[noreturn]] void refuse_preset(const Settings& settings, const std::string& name) {
  std::vector<std::string_view> known = {"none"};
  for (const Preset& preset : presets()) known.push_back(preset.name);
  std::string list;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) list += i + 1 < known.size() ? ", " : " or ";
    list += known[i];
  }
  const std::string close = datasets::suggest(name, known);
  fail(ErrorKind::usage, settings.where("preset"), ": expected ", list, ", found ", datasets::in_quotes(name),
       close.empty() ? "" : "; did you mean '" + close + "'?");
}

const Preset* chosen_preset(const Settings& settings, const std::string& data_name) {
  const std::string& model = settings.text("model");
  if (!settings.given("preset")) return default_preset(model, data_name);
  const std::string& name = settings.text("preset");
  if (name == "none") return nullptr;
  const Preset* preset = find_preset(name);
  if (!preset) refuse_preset(settings, name);
  if (preset->model != model) {
    fail(ErrorKind::usage, settings.where("preset"), ": ", name, " is for the model ", preset->model,
         ", not for ", model);
  }
  return preset;
}

std::vector<std::size_t> sizes(const Settings& settings, std::string_view name) {
  const std::vector<int> list = settings.list(name);
  return {list.begin(), list.end()};
}

/// The library names options without saying where the value came from: "heads: must be ..." becomes
/// "exp.toml:3:6: model.heads: must be ...".
template <class Check>
void with_origin(const Settings& settings, Check check_settings) {
  try {
    check_settings();
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    if (error.kind() != ErrorKind::usage || !find_option(settings.options(), name) || !settings.has(name))
      throw;
    const std::string& origin = settings.where(name);
    throw Error(ErrorKind::usage, (origin == "default" ? "--" + name : origin) + text.substr(name.size()), error.hint());
  }
}

}  // namespace

void apply_preset(Settings& settings, const std::string& data_name) {
  const Preset* preset = chosen_preset(settings, data_name);
  settings.set_preset("preset", preset ? preset->name : "none");
  if (!preset) return;
  for (const PresetValue& value : values(*preset)) {
    // A command need not have every option, and bench counts its epochs otherwise.
    const Option* option = find_option(settings.options(), value.option);
    if (option && option->by_preset) settings.set_preset(value.option, value.text);
  }
}

const LayerKind& layer_kind(const Settings& settings) {
  const std::string& name = settings.text("model");
  for (const LayerKind& kind : layer_kinds()) {
    if (name == kind.name) return kind;
  }
  fail(ErrorKind::usage, settings.where("model"), ": ", name, " is planned, not in this release");
}

ModelConfig model_config(const Settings& settings, const datasets::Dataset& data) {
  ModelConfig config;
  config.layer = layer_kind(settings).name;
  if (data.typed) {
    take_schema(*data.typed, config);
  } else if (data.features.columns == 0) {
    fail(ErrorKind::mismatch, graphs::quote_for_message(data.name), ": expected at least 1 feature a node, found none");
  }
  if (data.num_classes == 0) fail_without_labels(data, settings);
  config.in = data.features.columns;  // of a typed graph those of the target, of which there may be none
  config.classes = std::size_t(data.num_classes);
  config.layers = std::size_t(settings.integer("layers"));
  config.hidden = sizes(settings, "hidden");
  config.heads = sizes(settings, "heads");
  config.out_heads = std::size_t(settings.integer("out-heads"));
  config.dropout = settings.real("dropout");
  config.attention_dropout = settings.real("attn-dropout");
  config.feature_dropout = settings.real("feature-dropout");
  config.mask_per_head = settings.on("mask-per-head");
  config.negative_slope = settings.real("negative-slope");
  config.score_bias = settings.on("score-bias");
  config.task = data.multi_label() ? Task::multi_label : Task::single_label;
  config.residual = parse_residual(settings.text("residual"));
  config.residual_inner = settings.text("residual-layers") == "inner";
  config.residual_bias = settings.on("residual-bias");
  config.initialisation = parse_initialisation(settings.text("init"));
  config.normalise = parse_normalise(settings.text("normalize"));
  if (config.normalise == Normalise::standard) config.feature_scale = datasets::column_scale(data.features, data.split.train);
  config.self_loops = parse_self_loops(settings.text("self-loops"));
  if (data.typed) {
    if (settings.given("self-loops") && config.self_loops != graphs::SelfLoops::keep) {
      fail(ErrorKind::usage, settings.where("self-loops"), ": ", settings.text("self-loops"), " is for plain graphs: between nodes of ",
           "two types there are none, and ", config.layer, " sees a node itself in every layer");
    }
    config.self_loops = graphs::SelfLoops::keep;
  }
  config.share_weights = settings.on("share-weights");
  config.projection_bias = settings.on("projection-bias");
  config.output_bias = settings.on("output-bias");
  config.edge_loss = settings.real("edge-loss");
  if (settings.text("attention") != "auto") {
    config.attention = settings.text("attention");
  } else if (config.layer == "supergat") {
    const AttentionChoice choice = choose_attention(data);
    config.attention = to_string(choice.form);
    if (!choice.edge_loss && !settings.given("edge-loss")) config.edge_loss = 0;
  }
  config.negative_ratio = settings.real("neg-ratio");
  config.edge_ratio = settings.real("edge-ratio");
  config.hops = std::size_t(settings.integer("hops"));
  config.decay = settings.real("decay");
  config.mlp_layers = std::size_t(settings.integer("mlp-layers"));
  config.add_dropout = settings.on("add-dropout");
  config.attention_mode = settings.text("attention-mode");
  config.order = std::size_t(settings.integer("order"));
  config.variant = settings.text("variant");
  config.proximity = settings.real("proximity");
  config.edge_negatives = settings.real("edge-negatives");
  config.sampled_joins = settings.text("join") == "sampled";
  config.encoder = std::size_t(settings.integer("encoder"));
  config.linear_head = settings.on("linear-head");
  config.class_names = data.class_names;
  with_origin(settings, [&] { validate(config); });
  return config;
}

std::string attention_note(const Settings& settings, const datasets::Dataset& data) {
  if (settings.text("model") != "supergat" || settings.text("attention") != "auto") return {};
  return choose_attention(data).reason;
}

TrainOptions optimizer_options(const Settings& settings) {
  TrainOptions options;
  OptimiserOptions& o = options.optimiser;
  o.kind = parse_optimiser(settings.text("optimizer"));
  o.learning_rate = settings.real("lr");
  o.l2 = settings.real("l2");
  if (settings.has("l2-conv")) o.l2_conv = settings.real("l2-conv");
  o.l2_on_bias = settings.on("l2-bias");
  o.weight_decay = settings.real("weight-decay");
  o.clip_norm = settings.real("clip-norm");
  options.schedule = parse_schedule(settings.text("schedule"));
  options.batch = settings.integer("batch");
  options.seed = std::uint64_t(settings.integer("seed"));
  return options;
}

TrainOptions train_options(const Settings& settings) {
  TrainOptions options = optimizer_options(settings);
  options.epochs = settings.integer("epochs");
  options.stop.kind = parse_stop(settings.text("stop"));
  // With one class a node micro-F1 is the accuracy, and with any number of them the epochs count micro-F1 alone.
  options.stop.monitor_accuracy = settings.text("monitor") != "val-loss";
  options.stop.ties_last = settings.text("ties") == "last";
  options.stop.patience_epochs = settings.integer("patience");
  options.stop.window_epochs = settings.integer("stop-window");
  options.stop.min_delta = settings.real("min-delta");
  if (settings.has("min-delta-acc")) options.stop.min_delta_accuracy = settings.real("min-delta-acc");
  options.restore_best = settings.text("restore") == "best";
  with_origin(settings, [&] { validate(options); });
  return options;
}

Context make_context(const Settings& settings) {
  const std::string& text = settings.text("device");
  const Device device = text == "auto" ? best_device() : parse_device(text);
  if (device.kind == Device::cuda && !has_cuda) {
    throw Error(ErrorKind::device,
                settings.where("device") + " " + text + ": this build has no CUDA; 'gnn doctor' says why");
  }
  return Context(device, int(settings.integer("threads")), parse_precision(settings.text("precision")));
}

}  // namespace gnn::apps
