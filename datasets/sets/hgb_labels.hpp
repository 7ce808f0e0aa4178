// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/sets/hgb_info.hpp>
#include <datasets/sets/lines.hpp>
#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// Sets target, labels (or targets), classes and split of a set whose nodes are there, from label.dat and label.dat.test.
void read_hgb_labels(Lines train, Lines test, const HgbInfo& info, TypedDataset& data);

}  // namespace gnn::datasets
