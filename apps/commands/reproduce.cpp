// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include <apps/cli/interrupt.hpp>
#include <apps/commands/command.hpp>
#include <apps/commands/published.hpp>
#include <apps/commands/trial.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

/// The rows that --model and --data ask for.
std::vector<const Published*> wanted_rows(const Settings& settings) {
  std::vector<const Published*> wanted;
  std::vector<std::string_view> known;
  const auto fits = [&](std::string_view option, std::string_view value) {
    return !settings.has(option) || settings.text(option) == value;
  };
  for (const Published& row : published_rows()) {
    if (fits("model", row.model) && fits("data", row.data)) wanted.push_back(&row);
    if (!fits("model", row.model)) known.push_back(row.model);
    if (!fits("data", row.data)) known.push_back(row.data);
  }
  if (!wanted.empty()) return wanted;
  const std::string_view option = settings.has("data") ? "data" : "model";
  const std::string close = datasets::suggest(settings.text(option), known);
  fail(ErrorKind::usage, settings.where(option), ": no published figure for ",
       settings.has("model") ? datasets::in_quotes(settings.text("model")) : "",
       settings.has("model") && settings.has("data") ? " and " : "",
       settings.has("data") ? datasets::in_quotes(settings.text("data")) : "",
       close.empty() ? "" : "; did you mean '" + close + "'?");
}

Settings settings_of(const Published& row, const Settings& given) {
  Settings own("train");
  for (const Option* option : given.options()) {
    if (option->section == Section::global && given.has(option->name) && option->name != "config") {
      own.set(option->name, given.text(option->name), Origin::flag, "--" + std::string(option->name));
    }
  }
  const auto set = [&](std::string_view name, std::string_view value) {
    own.set(name, value, Origin::flag, "--" + std::string(name));
  };
  set("model", row.model);
  set("data", row.data);
  const std::int64_t runs = given.integer("runs");
  set("runs", std::to_string(runs > 0 ? runs : row.runs));
  if (row.settings.empty()) return own;
  for (const std::string_view word : split_words(row.settings, ' ')) {
    const std::size_t equals = word.find('=');
    set(word.substr(0, equals), word.substr(equals + 1));
  }
  return own;
}

struct Line {
  std::string ours, seeds, seconds;
};

std::string text_row(const Published& row, const Line& line, bool markdown) {
  const std::string name = row.form.empty() ? std::string(row.model) : fmt::format("{} {}", row.model, row.form);
  const auto fill = [&](auto form) {
    return fmt::format(form, name, row.data, row.metric, line.ours, row.score, line.seeds, line.seconds);
  };
  return markdown ? fill(FMT_STRING("| {} | {} | {} | {} | {} | {} | {} |"))
                  : fill(FMT_STRING("{:<18}{:<22}{:<9}{:<16}{:<14}{:<8}{:>9}"));
}

void print_head(bool markdown, Output& output) {
  constexpr Published head{"model", "data", "", "", 0, "metric", "published", ""};
  output.line(text_row(head, {"ours", "seeds", "s a run"}, markdown));
  if (markdown) output.line("| --- | --- | --- | --- | --- | --- | --- |");
}

}  // namespace

int reproduce(Settings& settings, Output& output) {
  const std::vector<const Published*> rows = wanted_rows(settings);
  const bool markdown = settings.on("markdown");
  catch_interrupts();
  print_head(markdown, output);
  for (const Published* row : rows) {
    Trial trial;
    try {
      trial = run_trial(settings_of(*row, settings), [&](const RunResult& r) {
        output.detail(fmt::format("{} {} run {}: {:.4f}", row->model, row->data, r.run, r.test_accuracy));
      });
    } catch (const Error& error) {
      // A data set that is not at hand must not end the others.
      if (error.kind() != ErrorKind::file && error.kind() != ErrorKind::network && error.kind() != ErrorKind::input) throw;
      output.line(text_row(*row, {"not run", "", ""}, markdown));
      output.note(fmt::format("{} {}: {}", row->model, row->data, error.what()));
      continue;
    }
    if (trial.interrupted) return interrupt_exit_code();
    std::vector<double> scores, seconds;
    for (const RunResult& r : trial.runs) {
      scores.push_back(100 * (row->metric == "f1_macro" ? r.test_f1_macro : r.test_accuracy));
      seconds.push_back(r.seconds);
    }
    const Spread ours = spread(scores), time = spread(seconds);
    const std::string seeds = fmt::format("{}–{}", trial.runs.front().seed, trial.runs.back().seed);
    output.line(text_row(*row, {fmt::format("{:.2f} ± {:.2f}", ours.mean, ours.std), seeds, fmt::format("{:.1f}", time.mean)}, markdown));
    output.event(Event("reproduced")
                     .add("model", row->model)
                     .add("data", row->data)
                     .add("form", row->form)
                     .add("preset", trial.preset)
                     .add("metric", row->metric)
                     .add("runs", trial.runs.size())
                     .add("seed", trial.runs.front().seed)
                     .add("mean", ours.mean)
                     .add("std", ours.std)
                     .add("published", row->score)
                     .add("source", row->source)
                     .add("seconds", time.mean));
  }
  return 0;
}

}  // namespace gnn::apps
