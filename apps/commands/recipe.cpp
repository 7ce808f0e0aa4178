// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/recipe.hpp>

#include <algorithm>

#include <apps/commands/load_data.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <gnn/train/attention_choice.hpp>
#include <gnn/train/presets.hpp>
#include <gnn/train/recipe.hpp>
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

/// What the settings say of the model and its training.
Recipe recipe_of(const Settings& settings) {
  Recipe recipe;
  const std::vector<std::string_view> known = recipe_options();
  for (const Option* option : settings.options()) {
    if (std::ranges::find(known, option->name) == known.end() || !settings.has(option->name)) continue;
    set(recipe, option->name, settings.text(option->name));
  }
  return recipe;
}

}  // namespace

void with_origin(const Settings& settings, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    if (error.kind() != ErrorKind::usage || !find_option(settings.options(), name) || !settings.has(name))
      throw;
    const std::string& origin = settings.where(name);
    throw Error(ErrorKind::usage, (origin == "default" ? "--" + name : origin) + text.substr(name.size()), error.hint());
  }
}

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
  layer_kind(settings);
  ModelConfig config = recipe_of(settings).model;
  if (data.num_classes == 0 && (data.typed || data.features.columns > 0)) fail_without_labels(data, settings);
  if (data.typed && settings.given("self-loops") && config.self_loops != graphs::SelfLoops::keep) {
    fail(ErrorKind::usage, settings.where("self-loops"), ": ", settings.text("self-loops"), " is for plain graphs: between nodes of ",
         "two types there are none, and ", config.layer, " sees a node itself in every layer");
  }
  with_origin(settings, [&] { fit_to(config, data); });
  if (settings.given("edge-loss")) config.edge_loss = settings.real("edge-loss");  // whatever --attention auto thinks of it
  return config;
}

std::string attention_note(const Settings& settings, const datasets::Dataset& data) {
  if (settings.text("model") != "supergat" || settings.text("attention") != "auto") return {};
  return choose_attention(data).reason;
}

TrainOptions optimizer_options(const Settings& settings) { return recipe_of(settings).train; }

TrainOptions train_options(const Settings& settings) {
  const TrainOptions options = recipe_of(settings).train;
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
