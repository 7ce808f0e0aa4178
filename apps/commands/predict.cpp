// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/csv_field.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

struct Predictions {
  std::vector<std::string> nodes;               ///< names, empty: numbers
  std::vector<std::vector<std::size_t>> classes;  ///< of each node; one, or with many classes a node any number
  bool many = false;
  std::vector<std::string> names;     ///< of the classes, empty: numbers
  std::vector<double> probabilities;  ///< nodes x num_classes; empty: not wanted
  std::size_t num_classes = 0;
};

/// Softmax of each row, or with many classes a node the sigmoid of each number, in double.
std::vector<double> probabilities_of(const Tensor& logits, bool many) {
  const std::vector<Real> numbers = logits.to_host();
  std::vector<double> result(numbers.begin(), numbers.end());
  if (many) {
    for (double& x : result) x = x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
    return result;
  }
  for (std::size_t first = 0; first < result.size(); first += logits.cols()) {
    const auto row = std::span(result).subspan(first, logits.cols());
    const double largest = *std::ranges::max_element(row);
    double sum = 0;
    for (double& x : row) sum += x = std::exp(x - largest);
    for (double& x : row) x /= sum;
  }
  return result;
}

std::vector<std::vector<std::size_t>> classes_of(const Tensor& logits, bool many) {
  std::vector<std::vector<std::size_t>> classes(logits.rows());
  if (!many) {
    const std::vector<std::int32_t> best = most_likely(logits);
    for (std::size_t i = 0; i < best.size(); ++i) classes[i] = {std::size_t(best[i])};
    return classes;
  }
  const std::vector<Real> numbers = logits.to_host();
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (numbers[k] > 0) classes[k / logits.cols()].push_back(k % logits.cols());
  }
  return classes;
}

/// "a;b", as label files have it.
std::string class_text(const Predictions& p, std::size_t node) {
  std::string text;
  for (const std::size_t c : p.classes[node]) {
    if (!text.empty()) text += ';';
    text += p.names.empty() ? std::to_string(c) : p.names[c];
  }
  return datasets::csv_field(text);
}

std::string to_csv(const Predictions& p) {
  std::string csv = "node,class";
  for (std::size_t c = 0; c < p.num_classes && !p.probabilities.empty(); ++c)
    csv += "," + datasets::csv_field("p_" + (p.names.empty() ? std::to_string(c) : p.names[c]));
  csv += '\n';
  for (std::size_t i = 0; i < p.classes.size(); ++i) {
    fmt::format_to(std::back_inserter(csv), "{},{}",
                   p.nodes.empty() ? std::to_string(i) : datasets::csv_field(p.nodes[i]), class_text(p, i));
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
  if (!p.nodes.empty()) event.add("node_names", p.nodes);
  if (p.many) {
    event.add("classes", p.classes);
  } else {
    std::vector<std::int64_t> classes;
    for (const auto& of_node : p.classes) classes.push_back(std::int64_t(of_node.front()));
    event.add("class", classes);
  }
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
  const datasets::Dataset data = load_unsplit(settings);
  if (settings.has("edges")) print_notes(data, output);
  const Tensor logits = logits_of(ctx, saved.model, prepare(ctx, data, saved.card.config));

  const bool many = saved.card.config.task == Task::multi_label;
  Predictions p{data.node_names, classes_of(logits, many), many, saved.card.config.class_names, {}, logits.cols()};
  if (settings.on("probs")) p.probabilities = probabilities_of(logits, many);
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
