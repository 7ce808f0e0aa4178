// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include <apps/commands/command.hpp>
#include <apps/commands/recipe.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/presets.hpp>

namespace gnn::apps {
namespace {

std::vector<const Preset*> presets_of(std::string_view model) {
  std::vector<const Preset*> found;
  for (const Preset& preset : presets()) {
    if (preset.model == model) found.push_back(&preset);
  }
  return found;
}

std::string_view text_of(const Preset& preset, const Option& option) {
  const std::vector<PresetValue> all = values(preset);
  const auto found = std::ranges::find(all, option.name, &PresetValue::option);
  return found == all.end() ? option.fallback : found->text;
}

void print_presets(const std::vector<const Preset*>& all, Output& output) {
  for (const Preset* preset : all) {
    const std::string use = preset->data.empty() ? "" : fmt::format("   (used for {})", preset->data);
    output.line(fmt::format("preset  {:<13} {}{}", preset->name, preset->source, use));
  }
  std::string head = fmt::format("{:<17}{:>10}", "option", "default");
  for (const Preset* preset : all) head += fmt::format("  {:>13}", preset->name);
  output.line(head);
  for (const Option* option : options_of("train")) {
    if (!option->by_preset) continue;
    std::string row = fmt::format("--{:<15}{:>10}", option->name, option->fallback);
    for (const Preset* preset : all) row += fmt::format("  {:>13}", text_of(*preset, *option));
    output.line(row);
  }
}

Event model_event(const LayerKind& kind) {
  std::vector<std::string> names;
  for (const Preset* preset : presets_of(kind.name)) names.emplace_back(preset->name);
  return Event("model")
      .add("model", kind.name)
      .add("title", kind.title)
      .add("paper", kind.paper)
      .add("presets", names);
}

}  // namespace

int models_list(Settings&, Output& output) {
  output.line(fmt::format("{:<10} {:<28} {}", "name", "model", "paper"));
  for (const LayerKind& kind : layer_kinds()) {
    output.line(fmt::format("{:<10} {:<28} {}", kind.name, kind.title, kind.paper));
    output.event(model_event(kind));
  }
  return 0;
}

int models_show(Settings& settings, Output& output) {
  const LayerKind& kind = layer_kind(settings);
  const std::vector<const Preset*> all = presets_of(kind.name);
  output.line(fmt::format("model   {}  {}", kind.name, kind.title));
  output.line(fmt::format("paper   {}", kind.paper));
  print_presets(all, output);
  output.event(model_event(kind));
  for (const Preset* preset : all) {
    Event event("preset");
    event.add("preset", preset->name).add("data", preset->data).add("source", preset->source);
    for (const Option* option : options_of("train")) {
      if (option->by_preset) event.add(option->name, text_of(*preset, *option));
    }
    output.event(event);
  }
  return 0;
}

}  // namespace gnn::apps
