// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include <apps/cli/progress.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/run_folder.hpp>
#include <gnn/train/trainer.hpp>

namespace gnn::apps {

/// What all runs of a command share.
struct Job {
  Context& ctx;
  const datasets::Dataset& data;
  const GraphData& ready;
  const ModelCard& card;
  TrainOptions options;  ///< the seed is that of the first run
  int runs = 1;
  bool split_per_run = false;
  std::int64_t save_every = 0;
  bool resume = false;  ///< go on where the folder's last.safetensors was written
};

/// Throws what resuming any of the runs would throw, before a file is changed or hours are spent on the
/// others.
void check_checkpoints(const Job& job, RunFolder& folder);

/// Trains run number `run` (from 0), tests it, and writes its checkpoints and metrics. Returns nothing when a
/// signal ended it; what was done so far is then saved. On Error(training) the last good weights are saved,
/// and the message says where.
std::optional<RunResult> one_run(const Job& job, int run, RunFolder& folder, Progress& progress,
                                 Output& output);

}  // namespace gnn::apps
