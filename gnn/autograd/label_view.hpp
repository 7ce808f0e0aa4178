// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/autograd/score.hpp>
#include <gnn/kernels/training.hpp>

namespace gnn::inline GNN_PRECISION {

/// Labels as the kernels see them.
inline LabelView label_view(const Labels& labels) {
  return {labels.nodes.data(), labels.classes.data(), labels.count()};
}
inline MultiLabelView multi_label_view(const Labels& labels) {
  return {labels.nodes.data(), labels.targets.data(), labels.count(), labels.num_targets};
}

}  // namespace gnn::inline GNN_PRECISION
