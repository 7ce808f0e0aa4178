// SPDX-License-Identifier: Apache-2.0
#include <datasets/from_arrays.hpp>

#include <algorithm>
#include <limits>

#include <graphs/error.hpp>

namespace gnn::datasets {

Features features_from_dense(std::span<const float> values, std::size_t rows, std::size_t columns,
                             std::size_t stride) {
  if (stride == 0) stride = columns;
  if (stride < columns)
    fail(ErrorKind::input, "features: expected a stride of at least ", columns, ", found ", stride);
  if (columns > std::size_t(std::numeric_limits<std::int32_t>::max())) {
    fail(ErrorKind::input, "features: expected fewer than 2^31 columns, found ", columns);
  }
  const std::size_t needed = rows == 0 ? 0 : (rows - 1) * stride + columns;
  if (values.size() < needed || (stride == columns && values.size() != needed)) {
    fail(ErrorKind::input, "features: expected ", rows, "x", columns, " numbers, found ", values.size());
  }
  Features features;
  features.rows = rows;
  features.columns = columns;
  const auto is_stored = [](float x) { return x != 0; };
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows; ++i)
    count += std::size_t(std::ranges::count_if(values.subspan(i * stride, columns), is_stored));
  features.offsets.reserve(rows + 1);
  features.indices.reserve(count);
  features.values.reserve(count);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      const float x = values[i * stride + c];
      if (!is_stored(x)) continue;
      features.indices.push_back(std::int32_t(c));
      features.values.push_back(x);
    }
    features.offsets.push_back(std::int64_t(features.values.size()));
  }
  return features;
}

Dataset make_dataset(graphs::Csr graph, NodeArrays nodes) {
  Dataset data;
  data.name = std::move(nodes.name);
  data.graph = std::move(graph);
  data.features = std::move(nodes.features);
  const std::size_t num_nodes = std::size_t(data.graph.num_rows());
  if (data.features.rows == 0 && data.features.columns == 0) {
    data.features.rows = num_nodes;
    data.features.offsets.assign(num_nodes + 1, 0);
  }
  data.labels.assign(nodes.labels.begin(), nodes.labels.end());
  if (data.labels.empty()) data.labels.assign(num_nodes, -1);
  const auto largest = std::ranges::max_element(data.labels);
  if (largest != data.labels.end()) {
    if (*largest == std::numeric_limits<std::int32_t>::max())
      fail(ErrorKind::input, data.name, ": labels: ", *largest, " is too large");
    data.num_classes = *largest + 1;
  }
  data.split = std::move(nodes.split);
  if (data.split.name.empty()) data.split.name = "given";
  validate(data);
  return data;
}

}  // namespace gnn::datasets
