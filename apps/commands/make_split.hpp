// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <apps/cli/settings.hpp>
#include <datasets/dataset.hpp>

namespace gnn::apps {

/// The splits that --split and --split-seed ask for. All but "kfold:K", which makes K of them, give one:
///
///   public              the one that the data has; the default where there is one
///   random[:A/B]        A nodes of each class train (20), B validate (30), all others test
///   ratio[:A/B]         the share A trains (0.6), B validates (0.2); the default where there is no public one
///   kfold:K[/I]         K parts that take turns; I names one turn, from 0
///   graph[:A/B]         as ratio, but whole graphs
///   geom:N              split N of those published with the data
///   FILE                CSV of node and part, npz masks or JSON lists
///
/// Throws Error(usage) for anything else or what the data do not have, and what the readers throw.
///
/// With --split-per-run, run number `run` gets the split so many behind: of the published ones and the folds, which begin
/// anew after the last, or the one that is drawn with the seed + run.
std::vector<datasets::Split> make_splits(const datasets::Dataset& data, const Settings& settings, int run = 0);

/// The same for commands that need one split: Error(usage) when there are several.
datasets::Split make_split(const datasets::Dataset& data, const Settings& settings, int run = 0);

}  // namespace gnn::apps
