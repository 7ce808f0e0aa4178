// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/attention_choice.hpp>

#include <cmath>
#include <cstdio>
#include <limits>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr double least_known_homophily = 0.2, least_homophily = 0.5, most_degree = 30;

std::string rounded(double x, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, x);
  return text;
}

// 1 or 0 for a class each; the share of all labels that both have for many.
double likeness(const datasets::Dataset& data, std::size_t i, std::size_t j) {
  if (!data.multi_label()) return data.labels[i] == data.labels[j] ? 1 : 0;
  const std::size_t classes = std::size_t(data.num_classes);
  std::size_t both = 0;
  for (std::size_t c = 0; c < classes; ++c)
    both += data.targets[i * classes + c] && data.targets[j * classes + c];
  return double(both) / double(classes);
}

double homophily_of_training(const datasets::Dataset& data) {
  std::vector<bool> counts(std::size_t(data.num_nodes()));
  for (const NodeId i : data.split.train) counts[std::size_t(i)] = data.labels[std::size_t(i)] >= 0;
  double total = 0;
  std::size_t nodes = 0;
  for (const NodeId i : data.split.train) {
    if (!counts[std::size_t(i)]) continue;
    double alike = 0;
    std::size_t neighbours = 0;
    for (const NodeId j : data.graph.row(i)) {
      if (j == i || !counts[std::size_t(j)]) continue;
      alike += likeness(data, std::size_t(i), std::size_t(j));
      ++neighbours;
    }
    if (neighbours == 0) continue;
    total += alike / double(neighbours);
    ++nodes;
  }
  return nodes > 0 ? total / double(nodes) : std::numeric_limits<double>::quiet_NaN();
}

double mean_degree(const datasets::Dataset& data) {
  std::size_t edges = 0;
  for (NodeId i = 0; i < data.num_nodes(); ++i) {
    for (const NodeId j : data.graph.row(i)) edges += j != i;
  }
  return data.num_nodes() > 0 ? double(edges) / double(data.num_nodes()) : 0;
}

}  // namespace

AttentionChoice choose_attention(double degree, double homophily) {
  AttentionChoice choice;
  std::string because = "mean degree " + rounded(degree, 1) + ", ";
  if (std::isnan(homophily)) {
    because += "no two training nodes are neighbours, so that homophily is not known";
  } else {
    because += "homophily " + rounded(homophily, 2) + " among training nodes: ";
    if (homophily < least_known_homophily) {
      choice.form = AttentionForm::sd;
      because += "neighbours are unlike";
    } else if (homophily < least_homophily) {
      choice.edge_loss = false;
      because += "neither like nor unlike neighbours, plain GAT is enough";
    } else if (degree <= most_degree) {
      because += "like neighbours, not too many";
    } else {
      choice.edge_loss = false;
      because += "like neighbours and many of them, plain GAT is enough";
    }
  }
  if (!choice.edge_loss) choice.form = AttentionForm::go;
  choice.reason = "attention " + std::string(to_string(choice.form)) +
                  (choice.edge_loss ? "" : " without edge loss") + " (" + because + ")";
  return choice;
}

AttentionChoice choose_attention(const datasets::Dataset& data) {
  return choose_attention(mean_degree(data), homophily_of_training(data));
}

}  // namespace gnn::inline GNN_PRECISION
