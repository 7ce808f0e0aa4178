// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>
#include <datasets/dataset.hpp>
#include <datasets/typed_dataset.hpp>
#include <gnn/layers/registry.hpp>

namespace gnn::apps {

/// The data that --data (name, file or folder; looked for in --data-dir, then in the cache) or --edges and its companions
/// name, with the split that they come with. Throws Error(usage) when neither is given, and what the readers throw.
std::variant<datasets::Dataset, datasets::TypedDataset> load_any(const Settings& settings);

/// The same for commands without a model: with --merge-types a typed graph becomes a plain one, and what --self-loops asks for
/// is done to a plain graph itself and noted.
std::variant<datasets::Dataset, datasets::TypedDataset> load_as_wished(const Settings& settings);

/// The same as a plain graph. Throws Error(mismatch) for a typed graph without --merge-types.
datasets::Dataset load_unsplit(const Settings& settings);

/// The same for a model of that kind: for one of typed graphs the nodes of --target or of the type with labels, with the
/// typed graph behind them and every relation also in its other direction. Throws Error(mismatch) for a plain graph then,
/// and for a --target without labels.
datasets::Dataset load_unsplit(const Settings& settings, const LayerKind& kind);

/// The same with the split of --split (see make_split).
datasets::Dataset load_data(const Settings& settings, const LayerKind& kind);

/// Throws Error(mismatch): the data has no labels, where some are needed.
[[noreturn]] void fail_without_labels(const datasets::Dataset& data, const Settings& settings);

/// Warnings about what will not train well: "class 4 has no training node".
void warn_about(const datasets::Dataset& data, Output& output);

}  // namespace gnn::apps
