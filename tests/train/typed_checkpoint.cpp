// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <support/typed_toy.hpp>

#include "tiny.hpp"

using namespace gnn;
using namespace gnn::test;

TEST_CASE("checkpoint: a model of a typed graph loads with its types and relations, and says the same") {
  const TemporaryFolder folder;
  Context ctx({}, 1);
  const datasets::Dataset data = target_nodes(typed_toy());
  for (const ModelConfig& config : latte_configs(typed_toy())) {
    const ModelCard card{config, "toy", "none"};
    Model model(ctx, config, 1);
    const GraphData ready = prepare(ctx, data, config);
    Trainer trainer(ctx, model, ready, {});
    trainer.run_epoch();
    const std::vector<std::byte> bytes = model_checkpoint(model, card);
    const SavedModel loaded = load_model(ctx, save(folder, "best.safetensors", bytes));
    CHECK(to_json(loaded.card) == to_json(card));
    CHECK(loaded.card.config.relations.size() == 8);
    CHECK(model_checkpoint(loaded.model, loaded.card) == bytes);
    CHECK(loaded.model.logits(ctx, ready).to_host() == model.logits(ctx, ready).to_host());
  }
}

TEST_CASE("card: types and relations that do not fit together are refused") {
  ModelCard card{latte_config(typed_toy(), "2020", 2, false, false), "toy", "none"};
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      card_from_json(text, "m");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::input);
      return error.what();
    }
    return "accepted";
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = to_json(card);
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return refusal(text.replace(at, from.size(), to));
  };
  CHECK(refusal(to_json(card)) == "accepted");
  CHECK(changed("\"type_nodes\":[0,0,6]", "\"type_nodes\":[0,0]") ==
        "m: expected as many entries for each of 3 types and 8 relations, found others");
  CHECK(changed("\"type_nodes\":[0,0,6]", "\"type_nodes\":[0,0,0]").ends_with("latte: venue has neither features nor nodes"));
  CHECK(changed("\"types\":[\"paper\"", "\"types\":[\"book\"").ends_with("latte: relation 'author-paper' joins types that are not there"));
  CHECK(changed("\"target\":\"paper\"", "\"target\":\"book\"").ends_with("target: expected a node type, found 'book'"));
  CHECK(changed("\"order\":2", "\"order\":9").ends_with("order: must be in 1 to 3, got 9"));
  CHECK(changed("\"layer\":\"latte\"", "\"layer\":\"gat\"").ends_with("gat: expected a plain graph, the model is for a typed one"));
}
