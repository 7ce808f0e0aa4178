// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <gnn/train/checkpoint_file.hpp>

#include "tiny.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

/// The model of a file changed by `change` before its checksum is made: what a stranger may hand us.
template <class Change>
std::string refusal(Change change) {
  const TemporaryFolder folder;
  Tiny tiny;
  const std::vector<std::byte> good = model_checkpoint(tiny.model, tiny.card);
  const TensorFile content = read_safetensors(good, "good");
  CheckpointWriter writer;
  for (const auto& [key, text] : content.metadata) writer.add_text(key, text);
  const Parameters& parameters = tiny.model.parameters();
  for (std::size_t p = 0; p < parameters.entries().size(); ++p)
    change(writer, parameters.entries()[p].name, parameters.value(p));
  const auto path = save(folder, "m.safetensors", writer.finish());
  return error_of(ErrorKind::input, folder, [&] { load_model(tiny.ctx, path); });
}

std::string with_card(const std::string& from, const std::string& to) {
  std::string card = to_json(tiny_card());
  const std::size_t at = card.find(from);
  REQUIRE(at != card.npos);
  card.replace(at, from.size(), to);
  return refusal([&](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
    writer.add(name, matrix);
    writer.add_text("card", card);
  });
}

}  // namespace

TEST_CASE("checkpoint: a saved model loads with its card and its exact weights") {
  const TemporaryFolder folder;
  Tiny tiny;
  tiny.train(3);
  const std::vector<std::byte> bytes = model_checkpoint(tiny.model, tiny.card);
  CHECK(bytes == model_checkpoint(tiny.model, tiny.card));
  const SavedModel loaded = load_model(tiny.ctx, save(folder, "best.safetensors", bytes));
  CHECK(to_json(loaded.card) == to_json(tiny.card));
  CHECK(loaded.model.parameters().values().to_host() == tiny.model.parameters().values().to_host());
  CHECK(model_checkpoint(loaded.model, loaded.card) == bytes);
}

TEST_CASE("checkpoint: a model is found by its file, its run's folder and the folder of several runs") {
  const TemporaryFolder folder;
  Tiny tiny;
  std::filesystem::create_directory(folder.path() / "run-0");
  const auto path = save(folder, "run-0/best.safetensors", model_checkpoint(tiny.model, tiny.card));
  for (const auto& name : {path, folder.path() / "run-0", folder.path()})
    CHECK(load_model(tiny.ctx, name).file == path);
  std::filesystem::remove(path);
  CHECK(error_of(ErrorKind::file, folder, [&] { load_model(tiny.ctx, folder.path() / "run-0"); }) ==
        "run-0: expected a file best.safetensors in this folder, found none");
  CHECK(error_of(ErrorKind::file, folder, [&] { load_model(tiny.ctx, folder.path() / "x"); }) ==
        "x: no such file");
}

TEST_CASE("checkpoint: a training's file is a model too, with the last epoch's weights") {
  const TemporaryFolder folder;
  Tiny tiny;
  tiny.train(5);
  const auto path =
      save(folder, "last.safetensors", training_checkpoint(tiny.trainer, tiny.model, tiny.card, {}));
  CHECK(load_model(tiny.ctx, path).model.parameters().values().to_host() ==
        tiny.model.parameters().values().to_host());
}

TEST_CASE("checkpoint: matrices must be those of the model") {
  CHECK(refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
          writer.add(name, matrix);
        }) == "");
  CHECK(refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
          if (name != "layer1.bias") writer.add(name, matrix);
        }) == "m.safetensors: expected a tensor 'layer1.bias', found none");
  CHECK(refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
          writer.add(name, matrix);
          writer.add("layer3.bias", matrix);
        }) == "m.safetensors: expected the matrices of the model only, found also 'layer3.bias'");
  CHECK(refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
          writer.add(name, name == "layer1.bias" ? matrix.part(0, 1, 5) : matrix);
        }) == std::string("m.safetensors: tensor 'layer1.bias': expected 1x6 ") +
                  (sizeof(Real) == 4 ? "F32, found 1x5 F32" : "F64, found 1x5 F64"));
  CHECK(refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
          std::vector<Real> numbers = matrix.to_host();
          if (name == "layer2.bias") numbers[1] = Real(NAN);
          matrix.copy_from(numbers);
          writer.add(name, matrix);
        }) == "m.safetensors: tensor 'layer2.bias': expected finite numbers, found nan as number 1");
}

TEST_CASE("checkpoint: numbers of the other precision are refused, not converted") {
  const std::string message =
      refusal([](CheckpointWriter& writer, const std::string& name, const Tensor& matrix) {
        if (name == "layer1.bias") {
          writer.add(name, std::array<std::int64_t, 6>{});
        } else {
          writer.add(name, matrix);
        }
      });
  CHECK(message == std::string("m.safetensors: tensor 'layer1.bias': expected 1x6 ") +
                       (sizeof(Real) == 4 ? "F32" : "F64") + ", found 6 I64");
}

TEST_CASE("checkpoint: a card from before tasks and biased residuals loads, as of one class a node") {
  const std::string card = to_json(tiny_card());
  const std::string added = ",\"residual_inner\":false,\"residual_bias\":false", task = "\"task\":\"single-label\",";
  std::string old = card;
  for (const std::string& text : {added, task}) {
    REQUIRE(old.find(text) != old.npos);
    old.erase(old.find(text), text.size());
  }
  CHECK(to_json(card_from_json(old, "old")) == card);
}

TEST_CASE("checkpoint: a card must describe a model of this program") {
  CHECK(with_card("\"version\":1", "\"version\":2") == "m.safetensors: card: expected version 1, found 2");
  CHECK(with_card("\"gat\"", "\"gta\"")
            .starts_with("m.safetensors: card: expected a model that this program knows, found "));
  CHECK(with_card("\"layers\":2", "\"layers\":300")
            .starts_with("m.safetensors: card: expected a model that this program knows, found "));
  CHECK(with_card("\"hidden\":[3]", "\"hidden\":[65536]")
            .starts_with("m.safetensors: tensor 'layer1.lin.weight': expected 5x131072 "));
  CHECK(with_card("\"in\":5", "\"in\":9223372036854775807")
            .starts_with("m.safetensors: tensor 'layer1.lin.weight': expected 9223372036854775807x6"));
  CHECK(with_card("\"in\":5", "\"in\":-5") ==
        "m.safetensors: card: expected a whole number at 'in', found -5");
  CHECK(with_card("\"in\":5,", "") == "m.safetensors: card: expected a key 'in', found none");
  CHECK(with_card("\"in\":5", "\"in\":5,\"in\":5") ==
        "m.safetensors: card: expected every key once, found \"in\" twice");
  CHECK(with_card("\"in\":5", "\"in\":5,\"out\":5") ==
        "m.safetensors: card: expected known keys only, found 'out'");
  CHECK(with_card("\"single-label\"", "\"no-label\"")
            .starts_with("m.safetensors: card: expected a model that this program knows, found "));
  CHECK(with_card("\"dropout\":0.6", "\"dropout\":1.5")
            .starts_with("m.safetensors: card: expected a model that this program knows, found "));
  CHECK(with_card("\"hidden\":[3]", "\"hidden\":[[[3]]]") ==
        "m.safetensors: card: expected values and lists of values, found deeper levels");
  CHECK(with_card("\"rock\",", "") == "m.safetensors: card: expected 3 class_names, found 2");
  CHECK(with_card("{", "[").starts_with("m.safetensors: card: expected JSON, found '["));
}
