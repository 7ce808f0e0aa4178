// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/predictions.hpp>

#include <fmt/format.h>

#include <datasets/csv_field.hpp>
#include <datasets/formats/npz.hpp>
#include <gnn/train/prediction.hpp>

namespace gnn::apps {
namespace {

std::string class_name(const Predictions& p, std::size_t c) {
  return p.class_names.empty() ? std::to_string(c) : p.class_names[c];
}

/// "a;b", as label files have it.
std::string class_text(const Predictions& p, std::size_t node) {
  std::string text;
  for (const std::size_t c : p.classes[node]) {
    if (!text.empty()) text += ';';
    text += class_name(p, c);
  }
  return datasets::csv_field(text);
}

template <class Number>
std::vector<std::byte> npy(const std::string& descr, std::initializer_list<std::size_t> shape, const std::vector<Number>& data) {
  return datasets::make_npy(descr, std::vector(shape), std::as_bytes(std::span(data)));
}

}  // namespace

Predictions predictions_of(const Tensor& logits, bool many, bool with_probabilities, std::vector<NodeId> nodes,
                           std::span<const std::string> names, std::vector<std::string> class_names) {
  const std::vector<Real> numbers = logits.to_host();
  const std::size_t width = logits.cols();
  std::vector<std::int32_t> likeliest(logits.rows());
  most_likely(numbers, width, likeliest);
  std::vector<Real> wanted;
  Predictions p;
  p.nodes = std::move(nodes);
  p.many = many;
  p.class_names = std::move(class_names);
  p.num_classes = width;
  for (const NodeId node : p.nodes) {
    const auto row = std::span(numbers).subspan(std::size_t(node) * width, width);
    auto& classes = p.classes.emplace_back();
    for (std::size_t c = 0; many && c < width; ++c) {
      if (row[c] > 0) classes.push_back(c);
    }
    if (!many) classes = {std::size_t(likeliest[std::size_t(node)])};
    if (with_probabilities) wanted.insert(wanted.end(), row.begin(), row.end());
    if (!names.empty()) p.node_names.push_back(names[std::size_t(node)]);
  }
  p.probabilities.resize(wanted.size());
  to_probabilities(wanted, width, many, p.probabilities);
  return p;
}

std::string to_csv(const Predictions& p) {
  std::string csv = "node,class";
  for (std::size_t c = 0; c < p.num_classes && !p.probabilities.empty(); ++c) {
    fmt::format_to(std::back_inserter(csv), ",{}", datasets::csv_field("p_" + class_name(p, c)));
  }
  csv += '\n';
  for (std::size_t i = 0; i < p.classes.size(); ++i) {
    fmt::format_to(std::back_inserter(csv), "{},{}",
                   p.node_names.empty() ? std::to_string(p.nodes[i]) : datasets::csv_field(p.node_names[i]), class_text(p, i));
    if (!p.probabilities.empty()) {
      fmt::format_to(std::back_inserter(csv), ",{}",
                     fmt::join(std::span(p.probabilities).subspan(i * p.num_classes, p.num_classes), ","));
    }
    csv += '\n';
  }
  return csv;
}

Event to_event(const Predictions& p, const std::string& model, const std::string& data) {
  Event event("predict");
  event.add("model", model).add("data", data).add("nodes", p.classes.size());
  if (!p.class_names.empty()) event.add("class_names", p.class_names);
  if (!p.node_names.empty()) {
    event.add("node_names", p.node_names);
  } else {
    event.add("node", std::vector<std::int64_t>(p.nodes.begin(), p.nodes.end()));
  }
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

std::vector<std::byte> to_npz(const Predictions& p) {
  std::vector<std::pair<std::string, std::vector<std::byte>>> arrays;
  const std::size_t count = p.nodes.size();
  arrays.emplace_back("node", p.node_names.empty() ? npy("<i8", {count}, std::vector<std::int64_t>(p.nodes.begin(), p.nodes.end()))
                                                   : datasets::make_text_npy(p.node_names));
  if (p.many) {
    std::vector<std::uint8_t> has(count * p.num_classes);
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t c : p.classes[i]) has[i * p.num_classes + c] = 1;
    }
    arrays.emplace_back("classes", npy("|u1", {count, p.num_classes}, has));
  } else {
    std::vector<std::int64_t> classes;
    for (const auto& of_node : p.classes) classes.push_back(std::int64_t(of_node.front()));
    arrays.emplace_back("class", npy("<i8", {count}, classes));
  }
  if (!p.class_names.empty()) arrays.emplace_back("class_names", datasets::make_text_npy(p.class_names));
  if (!p.probabilities.empty()) arrays.emplace_back("probs", npy("<f8", {count, p.num_classes}, p.probabilities));
  return datasets::make_npz(arrays);
}

}  // namespace gnn::apps
