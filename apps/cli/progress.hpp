// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <apps/cli/output.hpp>

namespace gnn::apps {

/// One line of the table.
struct EpochLine {
  int run = 1;
  int epoch = 1;  ///< counted from 1
  double train_loss = 0, train_acc = 0, val_loss = 0, val_acc = 0;
  int best = 1;  ///< the epoch whose weights would be kept
  double ms_per_epoch = 0;
};

/// The table of a training on stderr:
///
///   run  epoch   train loss  train acc   val loss   val acc   best   ms/epoch
///     1     10       1.9117     0.3357     1.9240    0.4620     10        0.7
///
/// On a terminal one line is redrawn, at most ten times a second; elsewhere every --log-every-th epoch gets a
/// line, without \r. --progress lines asks for lines on a terminal too; never, --quiet and --log json for
/// nothing on stderr. With --log json the same epochs become events "epoch" in the results, unless --progress
/// never.
class Progress {
 public:
  /// metric: what the numbers beside the losses are, "acc" or "f1_micro".
  Progress(const Settings& settings, Output& output, std::string metric = "acc");
  ~Progress() { close(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// To be called after every epoch.
  void epoch(const EpochLine& line);

  /// The line that ends a run: "  1    812  stopped: no progress of loss or accuracy for 100 epochs; best
  /// 712".
  void stopped(int run, int epoch, std::string_view reason);

  /// Ends the redrawn line, so that results or messages can follow. Called by stopped() and at the end.
  void close();

 private:
  enum class Mode { silent, events, lines, redraw };
  using Clock = std::chrono::steady_clock;

  static Mode mode_of(const Settings& settings, const Output& output);
  void print_header();
  void redraw(const std::string& text);

  Output& output_;
  Mode mode_;
  std::int64_t every_;
  std::string metric_;
  bool header_printed_ = false;
  std::string pending_;  // the last line, when it came too soon to be drawn
  bool drawn_ = false;   // the cursor stands behind a line without \n
  Clock::time_point last_draw_;
};

}  // namespace gnn::apps
