// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/classifier.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <datasets/cora.hpp>
#include <gnn/autograd/product.hpp>
#include <gnn/train/checkpoint.hpp>
#include <graphs/error.hpp>
#include <support/temporary_folder.hpp>

using namespace gnn;

namespace {

const datasets::Dataset& cora() {
  static const datasets::Dataset data = datasets::cora();
  return data;
}

Recipe short_recipe(const std::string& model, int epochs = 5) {
  Recipe recipe = recipe_for(model, "cora");
  set(recipe, "epochs", std::to_string(epochs));
  return recipe;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<double> trained(const std::string& model, std::uint64_t seed) {
  Recipe recipe = short_recipe(model);
  recipe.train.seed = seed;
  NodeClassifier classifier(std::move(recipe), {.threads = 2});
  classifier.fit(cora());
  return classifier.probabilities(cora());
}

}  // namespace

TEST_CASE("classifier: fit, save, load and predict give the same classes") {
  const gnn::test::TemporaryFolder folder;
  NodeClassifier gat(short_recipe("gat"));
  CHECK_FALSE(gat.is_fitted());
  const FitReport report = gat.fit(cora());
  CHECK(report.history.size() == 5);
  CHECK_FALSE(report.stopped);
  CHECK(report.test.nodes == 1000);
  gat.save(folder.path() / "gat.safetensors");
  const NodeClassifier again = NodeClassifier::load(folder.path() / "gat.safetensors");
  CHECK(gat.predict(cora()) == again.predict(cora()));
  CHECK(gat.probabilities(cora()) == again.probabilities(cora()));
  CHECK(again.card().preset == "gat/cora");
  const NodeVectors vectors = again.embed(cora());
  CHECK(vectors.rows == 2708);
  CHECK(vectors.columns == 64);
  CHECK(again.embed(cora(), 0).columns == 7);
  const auto edges = again.explain(cora(), {.node = 5});
  double sum = 0;
  for (const ExplainedEdge& e : edges) sum += e.layer == "layer1" ? e.weight : 0;
  CHECK(sum == doctest::Approx(1));
  CHECK_THROWS_WITH_AS(again.embed(cora(), 2), "layer: this model has 1 hidden layer, found 2", Error);
}

TEST_CASE("classifier: two trainings in two threads give the bits of one after the other") {
  const std::vector<double> a = trained("gat", 1), b = trained("supergat", 2);
  std::vector<double> c, d;
  std::thread first([&] { c = trained("gat", 1); });
  std::thread second([&] { d = trained("supergat", 2); });
  first.join();
  second.join();
  CHECK(a == c);
  CHECK(b == d);
}

TEST_CASE("classifier: one model serves several threads") {
  NodeClassifier gat(short_recipe("gatv2"), {.threads = 1});
  gat.fit(cora());
  const GraphData data = gat.prepare(cora());
  const std::vector<double> expected = gat.probabilities(data);
  std::vector<std::vector<double>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found) threads.emplace_back([&] { mine = gat.probabilities(data); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : found) CHECK(mine == expected);
}

TEST_CASE("classifier: a stop keeps the best weights so far") {
  std::stop_source stop;
  NodeClassifier gcn(short_recipe("gcn", 100));
  const FitReport report = gcn.fit(cora(), {.progress =
                                                [&](const FitProgress& p) {
                                                  if (p.epoch == 3) stop.request_stop();
                                                },
                                            .stop = stop.get_token()});
  CHECK(report.stopped);
  CHECK(report.history.size() == 3);
  CHECK(gcn.is_fitted());
}

TEST_CASE("classifier: what a callback throws passes through, and the model is as before") {
  NodeClassifier mlp(short_recipe("mlp"));
  mlp.fit(cora());
  const std::vector<double> before = mlp.probabilities(cora());
  const FitOptions options{.progress = [](const FitProgress&) { throw std::runtime_error("enough"); }};
  CHECK_THROWS_WITH_AS(mlp.fit(cora(), options), "enough", std::runtime_error);
  CHECK(mlp.probabilities(cora()) == before);
}

TEST_CASE("classifier: results go into the caller's memory, whose size is checked") {
  NodeClassifier mlp(short_recipe("mlp"));
  CHECK_THROWS_WITH_AS(mlp.predict(GraphData()), "classifier: expected fit() or load() before this", Error);
  mlp.fit(cora());
  const GraphData data = mlp.prepare(cora());
  std::vector<Real> logits(2708 * 7);
  mlp.logits(data, logits);
  std::vector<double> probabilities(logits.size());
  to_probabilities(logits, 7, false, probabilities);
  CHECK(probabilities == mlp.probabilities(data));
  CHECK_THROWS_WITH_AS(mlp.logits(data, std::span(logits).first(7)),
                       "logits: expected room for 2708x7 numbers, found 7", Error);
  std::vector<std::int32_t> classes(3);
  CHECK_THROWS_WITH_AS(mlp.predict(data, classes), "predict: expected room for 2708x1 numbers, found 3",
                       Error);
}

TEST_CASE("classifier: data that does not fit is refused in one sentence") {
  NodeClassifier mlp(short_recipe("mlp"));
  mlp.fit(cora());
  datasets::Dataset narrow = cora();
  narrow.features = {};
  narrow.features.rows = 2708;
  narrow.features.columns = 3;
  narrow.features.offsets.assign(2709, 0);
  CHECK_THROWS_WITH_AS(mlp.predict(narrow), "model expects 1433 features, data has 3", Error);
  CHECK_THROWS_AS(NodeClassifier("gta"), Error);
  datasets::Dataset bare = cora();
  bare.num_classes = 0;
  bare.labels.assign(2708, -1);
  CHECK_THROWS_WITH_AS(mlp.fit(bare), "cora: expected labels, found none", Error);
}

TEST_CASE("classifier: a save that fails leaves the old file, and none without a folder") {
  const gnn::test::TemporaryFolder folder;
  NodeClassifier mlp(short_recipe("mlp"));
  mlp.fit(cora());
  CHECK_THROWS_AS(mlp.save(folder.path() / "no" / "model.safetensors"), Error);
  mlp.save(folder.path() / "model.safetensors");
  const std::string saved = content(folder.path() / "model.safetensors");
  mlp.save(folder.path() / "model.safetensors");
  CHECK(content(folder.path() / "model.safetensors") == saved);
}

namespace {

/// A layer from outside the library: x W.
class Plain final : public Layer {
 public:
  static constexpr std::uint32_t num_streams = 1;
  Plain(const ModelConfig& c, std::size_t k, Parameters& parameters, std::uint32_t)
      : width_(width_behind(c, k)),
        weight_(parameters.add("plain" + std::to_string(k), width_into(c, k), width_, 0.1)) {}

  Output forward(Tape& tape, const Parameters& parameters, const Adjacency&, const Input& x) const override {
    const Var w = parameters.use(tape, weight_);
    return {x.sparse ? dropout_matmul(*x.sparse, w, 0, 0, 1) : matmul(x.dense, w), {}};
  }
  std::size_t output_width() const override { return width_; }

 private:
  std::size_t width_, weight_;
};

constexpr LayerKind own_kinds[] = {layer_kind<Plain>("plain")};

}  // namespace

TEST_CASE("classifier: a layer from outside trains, saves and loads") {
  const gnn::test::TemporaryFolder folder;
  NodeClassifier own("plain", {.own_kinds = own_kinds});
  Recipe recipe;
  recipe.model.layer = "plain";
  recipe.train.epochs = 5;
  own = NodeClassifier(recipe, {.own_kinds = own_kinds});
  own.fit(cora());
  own.save(folder.path() / "own.safetensors");
  const NodeClassifier again =
      NodeClassifier::load(folder.path() / "own.safetensors", {.own_kinds = own_kinds});
  CHECK(own.predict(cora()) == again.predict(cora()));
  CHECK_THROWS_AS(NodeClassifier::load(folder.path() / "own.safetensors"), Error);
}

TEST_CASE("recipe: a preset by name, and options as typed") {
  Recipe recipe = recipe_from_preset("gat/cora");
  CHECK(recipe.model.heads == std::vector<std::size_t>{8});
  CHECK(recipe.train.stop.kind == StopRule::gat);
  set(recipe, "heads", "4,2");
  CHECK(recipe.model.heads == std::vector<std::size_t>{4, 2});
  CHECK_THROWS_WITH_AS(set(recipe, "lr", "fast"), "lr: expected a number, found 'fast'", Error);
  CHECK_THROWS_WITH_AS(set(recipe, "headz", "4"), "recipe: there is no option 'headz'", Error);
  CHECK_THROWS_AS(recipe_from_preset("gat/moon"), Error);
}
