// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include <apps/cli/settings.hpp>
#include <apps/commands/report.hpp>

namespace gnn::apps {

/// What a training gave that left no file behind.
struct Trial {
  std::string data, preset, split;
  std::vector<RunResult> runs;
  bool interrupted = false;  ///< a signal ended it; runs holds those that were complete
  bool has_test = true;
};

/// Trains and tests as `gnn train` with these settings would, run by run, and writes nothing. after_run sees each result.
/// Throws what loading and training throw.
Trial run_trial(Settings settings, const std::function<void(const RunResult&)>& after_run = {});

/// Mean and sample deviation (n - 1; 0 for a single value).
struct Spread {
  double mean = 0, std = 0;
};
Spread spread(const std::vector<double>& values);

}  // namespace gnn::apps
