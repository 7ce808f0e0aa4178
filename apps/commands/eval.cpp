// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <apps/commands/command.hpp>
#include <apps/commands/load_data.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/report.hpp>
#include <apps/commands/saved_model.hpp>
#include <apps/commands/scores.hpp>

namespace gnn::apps {

int eval(Settings& settings, Output& output) {
  Context ctx = make_context(settings);
  const SavedModel saved = saved_model(ctx, settings);
  const datasets::Dataset data = load_data(settings);
  const GraphData ready = prepare(ctx, data, saved.card.config);
  const Tensor logits = logits_of(ctx, saved.model, ready);
  const std::vector<std::int32_t> predictions = most_likely(logits);

  print_model(saved.card, saved.model.parameters().size(), output);
  print_data(data, saved.card.config.self_loops, output);
  print_split(data.split, output);
  output.line("part    nodes      loss       acc  f1-macro");
  Event event("eval");
  event.add("model", saved.file.string())
      .add("trained_on", saved.card.data)
      .add("data", data.name)
      .add("split", data.split.name);
  struct Part {
    const char* name;
    const Labels& labels;
    const std::vector<NodeId>& nodes;
  };
  for (const Part& part :
       {Part{"train", ready.train, data.split.train}, Part{"val", ready.val, data.split.val},
        Part{"test", ready.test, data.split.test}}) {
    if (part.labels.count() == 0) continue;
    const Score score = evaluate(ctx, logits, part.labels);
    const double f1 = f1_macro(predictions, data, part.nodes);
    output.line(fmt::format("{:<6} {:>6}  {:>8.4f}  {:>8.4f}  {:>8.4f}", part.name, part.labels.count(),
                            score.loss, score.accuracy, f1));
    const std::string name = part.name;
    event.add(name + "_nodes", part.labels.count()).add(name + "_loss", score.loss);
    event.add(name + "_acc", score.accuracy).add(name + "_f1_macro", f1);
  }
  output.event(event);
  return 0;
}

}  // namespace gnn::apps
