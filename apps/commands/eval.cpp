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
  const datasets::Dataset data = load_data(settings, find_layer_kind(saved.card.config.layer));
  const GraphData ready = prepare(ctx, data, saved.card.config);
  const Tensor logits = logits_of(ctx, saved.model, ready);

  print_model(saved.card, saved.model.parameters().size(), output);
  print_data(data, saved.card.config.self_loops, output);
  if (settings.has("edges")) print_notes(data, output);
  print_split(data.split, output);
  const std::string metric = metric_of(saved.card.config), word = metric.substr(0, metric.find('_'));
  output.line(fmt::format("part    nodes      loss  {:>8}  f1-macro", word));
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
    const Labels exact = exact_labels(ctx, data, part.nodes);
    struct Row {
      std::string name, key;
      const Labels& labels;
    };
    const std::string name = part.name;
    for (const Row& row : {Row{name, name, part.labels}, Row{"  exact", name + "_exact", exact}}) {
      if (row.labels.count() == 0) continue;
      const Score score = evaluate(ctx, logits, row.labels);
      const double f1 = count_classes(ctx, logits, row.labels).f1_macro();
      output.line(fmt::format("{:<7}{:>6}  {:>8.4f}  {:>8.4f}  {:>8.4f}", row.name, row.labels.count(), score.loss,
                              score.f1_micro, f1));
      event.add(row.key + "_nodes", row.labels.count()).add(row.key + "_loss", score.loss);
      event.add(row.key + "_" + metric, score.f1_micro).add(row.key + "_f1_macro", f1);
    }
  }
  output.event(event);
  return 0;
}

}  // namespace gnn::apps
