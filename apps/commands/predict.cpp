// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

struct Predictions {
  std::vector<std::int32_t> classes;
  std::vector<std::string> names;     ///< of the classes, empty: numbers
  std::vector<double> probabilities;  ///< nodes x num_classes; empty: not wanted
  std::size_t num_classes = 0;
};

/// Softmax of each row, in double.
std::vector<double> softmax_rows(const Tensor& logits) {
  const std::vector<Real> numbers = logits.to_host();
  std::vector<double> result(numbers.begin(), numbers.end());
  for (std::size_t first = 0; first < result.size(); first += logits.cols()) {
    const auto row = std::span(result).subspan(first, logits.cols());
    const double largest = *std::ranges::max_element(row);
    double sum = 0;
    for (double& x : row) sum += x = std::exp(x - largest);
    for (double& x : row) x /= sum;
  }
  return result;
}

/// A field of a CSV file (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string to_csv(const Predictions& p) {
  std::string csv = "node,class";
  for (std::size_t c = 0; c < p.num_classes && !p.probabilities.empty(); ++c)
    fmt::format_to(std::back_inserter(csv), ",p_{}", c);
  csv += '\n';
  for (std::size_t i = 0; i < p.classes.size(); ++i) {
    const std::int32_t c = p.classes[i];
    fmt::format_to(std::back_inserter(csv), "{},{}", i,
                   p.names.empty() ? std::to_string(c) : csv_field(p.names[std::size_t(c)]));
    if (!p.probabilities.empty()) {
      fmt::format_to(std::back_inserter(csv), ",{}",
                     fmt::join(std::span(p.probabilities).subspan(i * p.num_classes, p.num_classes), ","));
    }
    csv += '\n';
  }
  return csv;
}

Event to_event(const Predictions& p, const SavedModel& saved, const std::string& data_name) {
  Event event("predict");
  event.add("model", saved.file.string()).add("data", data_name).add("nodes", p.classes.size());
  if (!p.names.empty()) event.add("class_names", p.names);
  const std::vector<std::int64_t> classes(p.classes.begin(), p.classes.end());
  event.add("class", classes);
  if (!p.probabilities.empty()) event.add("probs", p.probabilities, p.num_classes);
  return event;
}

enum class Form { standard_output, csv, json };

Form form_of(const Settings& settings) {
  const std::string& out = settings.text("out");
  if (out == "-") return Form::standard_output;
  const std::string extension = std::filesystem::path(out).extension().string();
  if (extension == ".csv") return Form::csv;
  if (extension == ".json") return Form::json;
  fail(ErrorKind::usage, settings.where("out"), ": expected FILE.csv, FILE.json or -, found ",
       datasets::in_quotes(out));
}

void write(const std::string& path, const std::string& text) {
  graphs::write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace

int predict(Settings& settings, Output& output) {
  const Form form = form_of(settings);
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const datasets::Dataset data = load_data(settings);
  const Tensor logits = logits_of(ctx, saved.model, prepare(ctx, data, saved.card.config));

  Predictions p{most_likely(logits), saved.card.config.class_names, {}, logits.cols()};
  if (settings.on("probs")) p.probabilities = softmax_rows(logits);
  if (form == Form::csv) write(settings.text("out"), to_csv(p));
  if (form == Form::json) write(settings.text("out"), to_event(p, saved, data.name).json() + "\n");
  if (form == Form::standard_output) {
    std::string csv = to_csv(p);
    csv.pop_back();  // line() ends the last line
    output.line(csv);
    output.event(to_event(p, saved, data.name));
  } else {
    output.note(fmt::format("{} nodes, classes written to {}", grouped(std::int64_t(p.classes.size())),
                            settings.text("out")));
  }
  return 0;
}

}  // namespace gnn::apps
