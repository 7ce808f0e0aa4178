// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>
#include <datasets/dataset.hpp>

namespace gnn::apps {

/// The data set that --data and --data-dir name, with the split that --split and --split-seed ask for: the
/// public one if there is one, else ratio 0.6/0.2/0.2. "random" takes 20 nodes of each class to train and 30
/// to validate. Throws Error(usage) when --data is missing or there is no public split, and what the readers
/// throw.
datasets::Dataset load_data(const Settings& settings);

/// Warnings about what will not train well: "class 4 has no training node".
void warn_about(const datasets::Dataset& data, Output& output);

}  // namespace gnn::apps
