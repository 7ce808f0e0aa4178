// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <apps/commands/command.hpp>
#include <apps/commands/folders.hpp>
#include <datasets/registry.hpp>

namespace gnn::apps {
namespace {

std::string_view presence(const datasets::Known& known, const Settings& settings) {
  if (known.name == "cora") return "built in";
  if (settings.has("data-dir") && datasets::is_complete(known, settings.text("data-dir"))) return "present";
  const std::string cache = cache_folder(settings);
  return !cache.empty() && datasets::is_complete(known, cache) ? "cached" : "-";
}

}  // namespace

int data_list(Settings& settings, Output& output) {
  constexpr std::string_view row = "{:<28} {:<20} {:>8} {:>9} {:>9} {:>8}  {:<9} {}";
  output.line(fmt::format(row, "name", "task", "nodes", "edges", "features", "classes", "here", "licence"));
  for (const datasets::Known& known : datasets::known_datasets()) {
    const std::string_view here = presence(known, settings);
    output.line(fmt::format(row, known.name, known.task, known.nodes, known.edges, known.features,
                            known.classes, here, known.license));
    Event event("data");
    event.add("name", known.name).add("task", known.task).add("nodes", known.nodes).add("edges", known.edges);
    event.add("features", known.features).add("classes", known.classes).add("available", here != "-");
    output.event(event.add("licence", known.license).add("source", known.source));
  }
  return 0;
}

}  // namespace gnn::apps
