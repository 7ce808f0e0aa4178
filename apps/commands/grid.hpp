// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// One option of a search and the values that it takes in turn.
struct GridAxis {
  std::string option;
  std::vector<std::string> values;
};

/// The axes in the text of --grid, "lr=0.005,0.01;hidden=8,16". A value that is itself a list has + between its numbers:
/// "heads=8,4+4". Throws Error(usage) for an option that there is not, an axis without values, or one given twice.
std::vector<GridAxis> parse_grid(const Settings& settings);

/// Trains once (or --runs times) for each combination of the values and prints a table at the end; writes no file. The
/// best row is the one with the best validation score; test scores are printed and decide nothing.
int train_grid(Settings& settings, Output& output);

}  // namespace gnn::apps
