// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <apps/cli/config_file.hpp>
#include <apps/cli/interrupt.hpp>
#include <apps/commands/command.hpp>
#include <apps/commands/grid.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/make_split.hpp>
#include <apps/commands/memory_budget.hpp>
#include <apps/commands/one_run.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/scores.hpp>
#include <datasets/splits.hpp>
#include <gnn/layers/registry.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// The settings of the training in that folder, under what is given now.
void read_settings_of(const fs::path& folder, Settings& settings) {
  for (const char* other : {"out", "config", "force"}) {
    if (settings.given(other)) {
      fail(ErrorKind::usage, settings.where(other),
           ": does not go with --resume, which reads and writes its own folder");
    }
  }
  read_config_file(folder / "config.toml", settings);
}

/// A folder of one run and a folder of several are laid out differently.
void check_layout(const fs::path& folder, const Settings& settings) {
  std::error_code ignored;
  const bool several = settings.integer("runs") > 1;
  if (fs::exists(folder / (several ? "last.safetensors" : "run-0"), ignored)) {
    fail(ErrorKind::usage, settings.where("runs"), ": the folder ",
         graphs::quote_for_message(folder.native(), 2000), " holds ",
         several ? "a single run" : "several runs");
  }
}

/// A split file may have changed since the training began.
void check_split(const fs::path& folder, const datasets::Dataset& data) {
  const fs::path file = folder / "split.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;  // ended before it was written, and before any checkpoint
  if (graphs::MappedFile(file).text() != datasets::to_json(data.split)) {
    fail(ErrorKind::mismatch, graphs::quote_for_message(file.native(), 2000), ": expected the split ",
         graphs::quote_for_message(data.split.name), " of ", graphs::quote_for_message(data.name),
         ", found another");
  }
}

/// How much of the data a step sees: of many graphs at most so many of the largest.
double share_of_step(const GraphData& data, std::int64_t batch) {
  NodeId largest = 0;
  const std::vector<NodeId>& first = data.source->first_node;
  for (std::size_t g = 0; g + 1 < first.size(); ++g) largest = std::max(largest, NodeId(first[g + 1] - first[g]));
  return std::min(1.0, double(batch) * double(largest) / double(std::max<std::size_t>(1, data.num_nodes())));
}

}  // namespace

int train(Settings& settings, Output& output) {
  if (settings.has("grid")) return train_grid(settings, output);
  const Clock::time_point start = Clock::now();
  const bool resumes = settings.has("resume");
  if (resumes) read_settings_of(settings.text("resume"), settings);
  datasets::Dataset data = load_unsplit(settings, layer_kind(settings));
  apply_preset(settings, data.name);
  data.split = make_split(data, settings);
  if (resumes) check_layout(settings.text("resume"), settings);

  ModelCard card{model_config(settings, data), data.name, settings.text("preset")};
  const TrainOptions options = train_options(settings);
  Context ctx = make_context(settings);
  GraphData ready = prepare(ctx, data, card.config, settings.on("inductive"));
  const std::size_t num_parameters = Model(ctx, card.config, options.seed).parameters().size();
  print_data(data, card.config.self_loops, output);
  if (settings.has("edges")) print_notes(data, output);
  if (!data.graph.weights().empty() && !find_layer_kind(card.config.layer).weighted) output.note("note    " + card.config.layer + " does not use the weights of the edges");
  print_split(data.split, output);
  print_model(card, num_parameters, output);
  if (const std::string note = attention_note(settings, data); !note.empty()) output.note("note    " + note);
  const double share = share_of_step(ready, options.batch);
  const auto part = [&](std::size_t count) { return std::size_t(share * double(count)); };
  const std::size_t estimate = estimate_bytes(card.config, part(ready.num_nodes()), part(ready.num_edges()),
                                              part(data.features.num_nonzero()));
  print_device(ctx, estimate, settings.integer("seed"), output);
  if (ctx.device().kind == Device::cpu) check_memory(settings, "training", estimate);
  if (settings.on("dry-run")) return 0;
  warn_about(data, output);
  output.finish();  // who cannot be told the results is told so now

  const Job job{
      ctx,    data, ready, card, options, int(settings.integer("runs")), settings.on("split-per-run"),
      settings.integer("save-every"), resumes};
  RunFolder folder = resumes ? RunFolder::reopen(settings)
                             : RunFolder::create(settings, data.name + "-" + card.config.layer);
  if (resumes) {
    check_split(folder.path(), data);
    check_checkpoints(job, folder);
  }
  folder.write(folder.path() / "config.toml", settings.to_toml());
  folder.write(folder.path() / "split.json", datasets::to_json(data.split));
  catch_interrupts();

  const bool has_test = ready.test.count() > 0;
  std::vector<RunResult> results;
  {
    Progress progress(settings, output, metric_of(card.config));
    for (int run = 0; run < job.runs; ++run) {
      if (job.split_per_run && run > 0) {
        data.split = make_split(data, settings, run);
        ModelConfig config = model_config(settings, data);  // features may be scaled by the training nodes
        // All runs are of one model, whatever --attention auto would say of their nodes.
        config.attention = card.config.attention;
        config.edge_loss = card.config.edge_loss;
        card.config = std::move(config);
        ready = prepare(ctx, data, card.config, settings.on("inductive"));
      }
      const std::optional<RunResult> result = one_run(job, run, folder, progress, output);
      if (!result) return interrupt_exit_code();
      results.push_back(*result);
    }
  }
  print_means(results, card.config, has_test, output);
  output.line("saved   " + folder.path().string() + "/");
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const Event event = summary(results, has_test, !data.exact_rows.empty(), card, ctx, seconds);
  folder.write(folder.path() / "summary.json", event.json() + "\n");
  output.event(event);
  return 0;
}

}  // namespace gnn::apps
