// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/grid.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <apps/cli/interrupt.hpp>
#include <apps/commands/trial.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

std::vector<double> column(const Trial& trial, double RunResult::*member) {
  std::vector<double> values;
  for (const RunResult& r : trial.runs) values.push_back(r.*member);
  return values;
}

/// "lr=0.005 hidden=8" of row `number`; the last axis changes fastest.
std::vector<std::pair<std::string, std::string>> combination(const std::vector<GridAxis>& axes, std::size_t number) {
  std::vector<std::pair<std::string, std::string>> chosen(axes.size());
  for (std::size_t k = axes.size(); k-- > 0;) {
    chosen[k] = {axes[k].option, axes[k].values[number % axes[k].values.size()]};
    number /= axes[k].values.size();
  }
  return chosen;
}

[[noreturn]] void refuse_option(const Settings& settings, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Option* option : settings.options()) known.push_back(option->name);
  const std::string close = datasets::suggest(name, known);
  fail(ErrorKind::usage, settings.where("grid"), ": no option ", datasets::in_quotes(name),
       close.empty() ? "" : "; did you mean '" + close + "'?");
}

}  // namespace

std::vector<GridAxis> parse_grid(const Settings& settings) {
  // Where a training is written, and what all rows share.
  constexpr std::string_view fixed[] = {"grid", "out", "force", "resume", "save-every", "config", "log", "progress", "runs"};
  std::vector<GridAxis> axes;
  for (const std::string_view text : split_words(settings.text("grid"), ';')) {
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals == text.npos || equals == 0 || equals + 1 == text.size()) {
      fail(ErrorKind::usage, settings.where("grid"), ": expected KEY=A,B,..., found ", datasets::in_quotes(text));
    }
    const Option* option = find_option(settings.options(), name);
    if (!option) refuse_option(settings, name);
    if (std::ranges::find(fixed, name) != std::end(fixed)) {
      fail(ErrorKind::usage, settings.where("grid"), ": ", name, " is the same for all rows");
    }
    if (std::ranges::find(axes, name, &GridAxis::option) != axes.end()) {
      fail(ErrorKind::usage, settings.where("grid"), ": ", name, " is given twice");
    }
    GridAxis axis{name, {}};
    for (const std::string_view value : split_words(text.substr(equals + 1), ',')) {
      std::string typed(value);
      if (option->kind == Kind::integers) std::ranges::replace(typed, '+', ',');
      Settings(settings).set(name, typed, Origin::flag, settings.where("grid"));  // refused before the first row is trained
      axis.values.push_back(std::move(typed));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

int train_grid(Settings& settings, Output& output) {
  const std::vector<GridAxis> axes = parse_grid(settings);
  std::size_t rows = 1;
  for (const GridAxis& axis : axes) rows *= axis.values.size();
  catch_interrupts();

  std::vector<std::string> lines;
  std::size_t best = 0;
  double best_score = -1;
  for (std::size_t row = 0; row < rows; ++row) {
    Settings own = settings;
    std::string line;
    Event event("grid");
    for (const auto& [option, value] : combination(axes, row)) {
      own.set(option, value, Origin::flag, "--" + option);
      line += fmt::format("{:>{}}  ", value, std::max<std::size_t>(option.size(), 8));
      event.add(option, value);
    }
    const Trial trial = run_trial(own);
    if (trial.interrupted) return interrupt_exit_code();
    const Spread val = spread(column(trial, &RunResult::val_accuracy)), test = spread(column(trial, &RunResult::test_accuracy));
    const Spread seconds = spread(column(trial, &RunResult::seconds));
    line += fmt::format("{:.4f} ± {:.4f}  ", val.mean, val.std);
    line += trial.has_test ? fmt::format("{:.4f} ± {:.4f}  ", test.mean, test.std) : fmt::format("{:<17}", "-");
    lines.push_back(line + fmt::format("{:8.2f}", seconds.mean));
    output.note(fmt::format("row {} of {}: {}", row + 1, rows, lines.back()));
    event.add("val_score_mean", val.mean).add("val_score_std", val.std);
    if (trial.has_test) event.add("test_score_mean", test.mean).add("test_score_std", test.std);
    output.event(event.add("runs", trial.runs.size()).add("seconds", seconds.mean));
    if (val.mean > best_score) best = row, best_score = val.mean;
  }

  std::string head;
  for (const GridAxis& axis : axes) head += fmt::format("{:>{}}  ", axis.option, std::max<std::size_t>(axis.option.size(), 8));
  output.line(head + fmt::format("{:<17}{:<17}{:>8}", "validation", "test", "seconds"));
  for (std::size_t row = 0; row < rows; ++row) output.line(lines[row] + (row == best ? "  best validation" : ""));
  return 0;
}

}  // namespace gnn::apps
