// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <datasets/dataset.hpp>
#include <gnn/layers/config.hpp>

namespace gnn::test {

/// A model of the given layer for a small data set, with all else as the library has it.
inline ModelConfig toy_config(const datasets::Dataset& data, const std::string& layer = "gat") {
  ModelConfig config;
  config.layer = layer;
  config.in = data.features.columns;
  config.classes = std::size_t(data.num_classes);
  if (data.multi_label()) config.task = Task::multi_label;
  return config;
}

}  // namespace gnn::test
