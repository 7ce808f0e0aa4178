// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/checkpoint.hpp>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include <gnn/layers/registry.hpp>
#include <gnn/train/checkpoint_file.hpp>
#include <gnn/train/strict_json.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// What belongs to the training alone; no matrix of a model is called so.
constexpr std::string_view training_prefix = "train.";

constexpr const char* statuses[] = {"running", "finished", "failed"};

void add_model(CheckpointWriter& writer, const Model& model, const ModelCard& card) {
  const Parameters& parameters = model.parameters();
  writer.add_text("format", "gnn");
  writer.add_text("card", to_json(card));
  for (std::size_t p = 0; p < parameters.entries().size(); ++p)
    writer.add(parameters.entries()[p].name, parameters.value(p));
}

std::string to_json(const TrainOptions& o, const RunRecord& record, std::int64_t steps) {
  nlohmann::ordered_json json;
  json["status"] = statuses[record.status];
  json["seed"] = o.seed;
  json["learning_rate"] = o.optimiser.learning_rate;
  json["l2"] = o.optimiser.l2;
  json["l2_on_bias"] = o.optimiser.l2_on_bias;
  json["epochs"] = o.epochs;
  json["stop"] = to_string(o.stop.kind);
  json["monitor_accuracy"] = o.stop.monitor_accuracy;
  json["ties_last"] = o.stop.ties_last;
  json["patience"] = o.stop.patience_epochs;
  json["stop_window"] = o.stop.window_epochs;
  json["min_delta"] = o.stop.min_delta;
  if (o.stop.min_delta_accuracy) json["min_delta_accuracy"] = *o.stop.min_delta_accuracy;
  json["restore_best"] = o.restore_best;
  json["batch"] = o.batch;
  json["steps"] = steps;
  return json.dump();
}

/// The matrices that a model of this config has. Nothing is allocated for them: the card is a stranger's
/// until the file has proved to hold as many numbers.
std::vector<Parameters::Entry> layout(const ModelConfig& config, const std::string& file) {
  Parameters parameters;
  try {
    make_layers(config, parameters);
  } catch (const Error& error) {
    fail(ErrorKind::input, file, ": card: expected a model that this program knows, found ", error.what());
  }
  return parameters.entries();
}

std::vector<Real> read_weights(const CheckpointReader& reader, const ModelConfig& config) {
  const std::vector<Parameters::Entry> entries = layout(config, reader.name());
  std::vector<Real> weights;
  std::set<std::string> expected;
  for (const Parameters::Entry& entry : entries) {
    const std::vector<Real> numbers = reader.matrix(entry.name, entry.rows, entry.cols);
    weights.insert(weights.end(), numbers.begin(), numbers.end());
    expected.insert(entry.name);
  }
  const bool has_training = reader.has_text("training");
  for (const auto& [name, tensor] : reader.tensors()) {
    if (expected.contains(name) || (has_training && name.starts_with(training_prefix))) continue;
    fail(ErrorKind::input, reader.name(), ": expected the matrices of the model only, found also '",
         graphs::quote_for_message(name), "'");
  }
  return weights;
}

/// best.safetensors of the folder, or of its first run.
std::filesystem::path find_model(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return path;
  for (const auto& file : {path / "best.safetensors", path / "run-0" / "best.safetensors"}) {
    if (std::filesystem::exists(file, ignored)) return file;
  }
  const bool has_last = std::filesystem::exists(path / "last.safetensors", ignored);
  throw Error(ErrorKind::file,
              graphs::quote_for_message(path.native(), 2000) +
                  ": expected a file best.safetensors in this folder, found none",
              has_last ? "last.safetensors there is a model too" : "");
}

// What the file says about how the training was run, in TrainOptions' words.
struct Written {
  RunRecord::Status status;
  std::optional<std::int64_t> steps;  // files from before batches have none: a step an epoch
};

Written read_options(const CheckpointReader& reader, const TrainOptions& options) {
  StrictObject json(reader.text("training"), reader.name() + ": training");
  const std::string status = json.string("status");
  const std::uint64_t seed = json.count("seed");
  json.number("learning_rate"), json.number("l2"), json.boolean("l2_on_bias"), json.count("epochs");
  json.string("stop"), json.boolean("monitor_accuracy"), json.boolean("ties_last"), json.count("patience");
  json.count("stop_window"), json.number("min_delta"), json.boolean("restore_best");
  if (json.has("min_delta_accuracy")) json.number("min_delta_accuracy");
  if (json.has("batch")) json.count("batch");
  Written written;
  if (json.has("steps")) written.steps = std::int64_t(json.count("steps"));
  json.finish();
  if (seed != options.seed) {
    fail(ErrorKind::mismatch, reader.name(), ": expected a training with seed ", options.seed,
         ", found seed ", seed);
  }
  const auto found = std::ranges::find(statuses, status);
  if (found == std::end(statuses)) {
    fail(ErrorKind::input, reader.name(), ": training: expected running, finished or failed, found '",
         graphs::quote_for_message(status), "'");
  }
  written.status = RunRecord::Status(found - statuses);
  return written;
}

StopState read_stop(const CheckpointReader& reader, std::size_t epochs) {
  const std::vector<double> best = reader.doubles("train.stop.best", 0);
  const std::vector<std::int64_t> counts = reader.integers("train.stop.counts", 4);
  StopState stop;
  stop.losses = reader.doubles("train.stop.losses", 0);
  stop.accuracies = reader.doubles("train.stop.accuracies", 0);
  const bool fits = best.size() == 2 && counts[0] == std::int64_t(epochs) && counts[1] >= (epochs > 0) &&
                    counts[1] <= counts[0] && counts[2] >= 0 && counts[2] <= counts[0] &&
                    (counts[3] == 0 || counts[3] == 1) && stop.losses.size() == stop.accuracies.size() &&
                    stop.losses.size() <= epochs;
  if (!fits)
    fail(ErrorKind::input, reader.name(), ": tensor 'train.stop.counts': expected counts that fit ", epochs,
         " epochs, found others");
  stop.best_loss = best[0];
  stop.best_accuracy = best[1];
  stop.epochs = counts[0];
  stop.best_epoch = counts[1];
  stop.without_progress = counts[2];
  stop.stopped = counts[3] == 1;
  return stop;
}

}  // namespace

std::vector<std::byte> model_checkpoint(const Model& model, const ModelCard& card) {
  CheckpointWriter writer;
  add_model(writer, model, card);
  return writer.finish();
}

std::vector<std::byte> training_checkpoint(const Trainer& trainer, const Model& model, const ModelCard& card,
                                           const RunRecord& record) {
  const Trainer::State& state = trainer.state();
  const StopState& stop = state.stop;
  CheckpointWriter writer;
  add_model(writer, model, card);
  writer.add_text("training", to_json(trainer.options(), record, state.steps));
  writer.add("train.adam.m", state.adam.m);
  writer.add("train.adam.v", state.adam.v);
  writer.add("train.best", state.best);
  static_assert(sizeof(Epoch) == 4 * sizeof(double));
  const double* history = state.history.empty() ? nullptr : &state.history[0].train_loss;
  writer.add("train.history", {history, 4 * state.history.size()}, {state.history.size(), 4});
  writer.add("train.stop.best", std::array{stop.best_loss, stop.best_accuracy}, {2});
  writer.add("train.stop.counts",
             std::array{stop.epochs, stop.best_epoch, stop.without_progress, std::int64_t(stop.stopped)});
  writer.add("train.stop.losses", stop.losses, {stop.losses.size()});
  writer.add("train.stop.accuracies", stop.accuracies, {stop.accuracies.size()});
  writer.add("train.record",
             std::array{record.seconds, record.test_loss, record.test_accuracy, record.test_f1_macro, record.test_exact}, {5});
  return writer.finish();
}

SavedModel load_model(Context& ctx, const std::filesystem::path& path, std::span<const LayerKind> own_kinds) {
  const std::filesystem::path file = find_model(path);
  const CheckpointReader reader(file);
  ModelCard card = card_from_json(reader.text("card"), reader.name() + ": card", own_kinds);
  const std::vector<Real> weights = read_weights(reader, card.config);
  Model model(ctx, card.config, 0);
  model.parameters().values().copy_from(weights);
  return {file, std::move(card), std::move(model)};
}

RunRecord resume(Context& ctx, const std::filesystem::path& path, const ModelCard& card, Model& model,
                 Trainer& trainer) {
  const CheckpointReader reader(path);
  const ModelCard found = card_from_json(reader.text("card"), reader.name() + ": card");
  if (const std::string difference = first_difference(card, found); !difference.empty()) {
    fail(ErrorKind::mismatch, reader.name(), ": expected a training with ", difference);
  }
  RunRecord record;
  const Written written = read_options(reader, trainer.options());
  record.status = written.status;
  if (record.status == RunRecord::failed) {
    throw Error(ErrorKind::training,
                reader.name() + ": this training ended with NaN or infinity and cannot go on",
                "train anew, for example with a smaller --lr");
  }

  const std::size_t size = model.parameters().size();
  const auto row = [&](const char* name) {
    return Tensor::from(ctx.pool(), 1, size, reader.matrix(name, 1, size));
  };
  const std::vector<double> history = reader.doubles("train.history", 4);
  const std::vector<double> results = reader.doubles("train.record", 0);
  if (results.size() != 5)
    fail(ErrorKind::input, reader.name(), ": tensor 'train.record': expected 5 numbers, found ",
         results.size());
  record.seconds = results[0];
  record.test_loss = results[1];
  record.test_accuracy = results[2];
  record.test_f1_macro = results[3];
  record.test_exact = results[4];

  Trainer::State state;
  state.stop = read_stop(reader, history.size() / 4);
  state.steps = written.steps.value_or(state.stop.epochs);
  if (state.steps < state.stop.epochs || state.steps > UINT32_MAX) {
    fail(ErrorKind::input, reader.name(), ": training: expected steps from ", state.stop.epochs, " to ", UINT32_MAX, ", found ",
         state.steps);
  }
  state.adam = {row("train.adam.m"), row("train.adam.v")};
  state.best = row("train.best");
  for (std::size_t i = 0; i < history.size(); i += 4)
    state.history.push_back({history[i], history[i + 1], history[i + 2], history[i + 3]});
  model.parameters().values().copy_from(read_weights(reader, card.config));
  trainer.set_state(std::move(state));
  return record;
}

}  // namespace gnn::inline GNN_PRECISION
