// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <apps/cli/output.hpp>
#include <datasets/dataset.hpp>
#include <gnn/train/card.hpp>
#include <gnn/train/model.hpp>

/// What a training prints besides its progress.
namespace gnn::apps {

/// What one run came to. Accuracies are fractions.
struct RunResult {
  int run = 1;  ///< counted from 1
  std::uint64_t seed = 0;
  std::int64_t epochs = 0;  ///< how many were trained
  std::int64_t epoch = 0;   ///< whose weights are kept
  double val_loss = 0, val_accuracy = 0;
  double test_loss = 0, test_accuracy = 0, test_f1_macro = 0;  ///< accuracy: as in Epoch
  double test_exact = 0;  ///< over nodes whose labels are no estimates
  double seconds = 0;  ///< training and validation
};

/// The lines data, split, model and device.
void print_data(const datasets::Dataset& data, graphs::SelfLoops self_loops, Output& output);
void print_notes(const datasets::Dataset& data, Output& output);  ///< what reading counted and did, to stderr
void print_split(const datasets::Split& split, Output& output);
void print_model(const ModelCard& card, std::size_t num_parameters, Output& output);
void print_device(const Context& ctx, std::size_t memory_estimate, std::int64_t seed, Output& output);

/// has_exact: the data mark labels that are estimates.
void print_run(const RunResult& result, const ModelConfig& config, bool has_test, bool has_exact, Output& output);

/// What each metapath into the target counted for, in the mean over its nodes: a line a layer. Nothing for plain graphs.
void print_gates(std::span<const RelationGates> layers, Output& output);

/// The block with mean and std, for more than one run.
void print_means(std::span<const RunResult> results, const ModelConfig& config, bool has_test, Output& output);

/// The last line of --log json, also the content of summary.json. seconds: of the whole command.
Event summary(std::span<const RunResult> results, bool has_test, bool has_exact, const ModelCard& card,
              const Context& ctx, double seconds);

}  // namespace gnn::apps
