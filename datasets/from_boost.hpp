// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/from_arrays.hpp>
#include <graphs/boost.hpp>

namespace gnn::datasets {

/// A data set of any graph of Boost's, in one call. features: a property map from vertices to ranges of
/// numbers, the same number at each; labels: one from vertices to classes from 0, or -1 (unknown). Nodes are
/// numbered as vertex_index (or the map given) says. Both directions of every edge are taken, duplicates are
/// merged, unless the options say otherwise. Throws Error(input) when the parts do not fit together.
///
///   const gnn::datasets::Dataset data = gnn::datasets::dataset_from_boost(
///       graph, get(&Person::numbers, graph), get(&Person::group, graph));
template <class Graph, class FeatureMap, class LabelMap, class WeightMap, class IndexMap>
Dataset dataset_from_boost(const Graph& graph, const FeatureMap& features, const LabelMap& labels,
                           const WeightMap& weight, const IndexMap& index,
                           const graphs::CsrOptions& options = {.both_directions = true,
                                                                .duplicates = graphs::Duplicates::merge}) {
  using boost::get;
  NodeArrays nodes;
  graphs::Csr csr = graphs::csr_from_boost(graph, weight, index, options);
  const std::size_t count = std::size_t(csr.num_rows());
  std::vector<float> values;
  std::vector<std::int32_t> classes(count, -1);
  std::size_t columns = 0, seen = 0;
  for (auto [v, end] = vertices(graph); v != end; ++v, ++seen) {
    const auto& row = get(features, *v);
    const auto width = std::size_t(std::distance(std::begin(row), std::end(row)));
    const auto node = std::size_t(graphs::to_node(get(index, *v), csr.num_rows(), "index of vertex", seen));
    if (seen == 0) {
      columns = width;
      values.resize(count * columns);
    }
    if (width != columns) {
      fail(ErrorKind::input, "features of node ", node, ": expected ", columns,
           " numbers as for the others, found ", width);
    }
    std::transform(std::begin(row), std::end(row), values.begin() + std::ptrdiff_t(node * columns),
                   [](const auto& x) { return static_cast<float>(x); });
    classes[node] = static_cast<std::int32_t>(get(labels, *v));
  }
  nodes.features = features_from_dense(values, count, columns);
  nodes.labels = classes;
  return make_dataset(std::move(csr), std::move(nodes));
}

template <class Graph, class FeatureMap, class LabelMap, class WeightMap = graphs::NoWeights>
Dataset dataset_from_boost(const Graph& graph, const FeatureMap& features, const LabelMap& labels,
                           const WeightMap& weight = {}) {
  return dataset_from_boost(graph, features, labels, weight, get(boost::vertex_index, graph));
}

}  // namespace gnn::datasets
