// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/classifier.hpp>

#include <mutex>
#include <new>

#include <gnn/kernels/elementwise.hpp>
#include <gnn/train/checkpoint.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// Runs `work`; memory that is not there becomes an error of ours.
template <class Work>
auto guarded(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::memory, "out of memory");
  }
}

void check_prepared(const char* what, const GraphData& data) {
  check(data.source != nullptr, what, ": expected data of prepare()");
}

void check_size(const char* what, std::size_t found, const GraphData& data, std::size_t columns) {
  check_prepared(what, data);
  const std::size_t rows = data.num_nodes();
  check(found == rows * columns, what, ": expected room for ", rows, "x", columns, " numbers, found ", found);
}

}  // namespace

struct NodeClassifier::State {
  struct Fitted {
    ModelCard card;
    Model model;
  };

  ClassifierOptions options;
  std::string name;              // of the model whose recipe the data decides
  std::optional<Recipe> recipe;  // the caller's
  std::unique_ptr<const Fitted> fitted;

  // A pool serves one thread at a time: each call borrows a context that nobody else has.
  std::mutex mutex;
  std::vector<std::unique_ptr<Context>> idle;

  Context context() const { return Context(options.device, options.threads, options.precision); }

  /// Calls work(context).
  template <class Work>
  auto with_context(const Work& work) {
    std::unique_ptr<Context> ctx;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        ctx = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (!ctx) ctx = std::make_unique<Context>(context());
    // Given back also when `work` throws.
    const auto give_back = [this](Context* used) {
      std::unique_ptr<Context> owned(used);
      const std::lock_guard lock(mutex);
      idle.push_back(std::move(owned));
    };
    const std::unique_ptr<Context, decltype(give_back)> borrowed(ctx.release(), give_back);
    return guarded([&] {
      const StreamOrder order(*borrowed, options.stream);
      return work(*borrowed);
    });
  }

  const Fitted& model() const {
    check(fitted != nullptr, "classifier: expected fit() or load() before this");
    return *fitted;
  }

  /// Logits of all nodes, on the device of the context.
  Tensor logits(Context& ctx, const GraphData& data) const {
    const Model& trained = model().model;
    Tensor result;
    ctx.run([&] { result = trained.logits(ctx, data); });
    return result;
  }
};

NodeClassifier::NodeClassifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
NodeClassifier::NodeClassifier(NodeClassifier&&) noexcept = default;
NodeClassifier& NodeClassifier::operator=(NodeClassifier&&) noexcept = default;
NodeClassifier::~NodeClassifier() = default;

NodeClassifier::NodeClassifier(const std::string& model, const ClassifierOptions& options)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->name = find_layer_kind(model, options.own_kinds).name;
  auto ctx = std::make_unique<Context>(state_->context());
  const StreamOrder is_possible(*ctx, options.stream);
  state_->idle.push_back(std::move(ctx));
}

NodeClassifier::NodeClassifier(Recipe recipe, const ClassifierOptions& options)
    : NodeClassifier(recipe.model.layer, options) {
  validate(recipe.train);
  state_->recipe = std::move(recipe);
}

NodeClassifier NodeClassifier::load(const std::filesystem::path& path, const ClassifierOptions& options) {
  return guarded([&] {
    auto state = std::make_unique<State>();
    state->options = options;
    Context ctx = state->context();
    const StreamOrder order(ctx, options.stream);
    SavedModel saved = load_model(ctx, path, options.own_kinds);
    state->name = saved.card.config.layer;
    state->fitted =
        std::make_unique<const State::Fitted>(State::Fitted{std::move(saved.card), std::move(saved.model)});
    return NodeClassifier(std::move(state));
  });
}

FitReport NodeClassifier::fit(const datasets::Dataset& data, const FitOptions& options) {
  return guarded([&] {
    const Recipe recipe =
        state_->recipe ? *state_->recipe : recipe_for(state_->name, data.name, state_->options.own_kinds);
    ModelCard card{recipe.model, data.name, recipe.preset};
    card.config.kind = &find_layer_kind(card.config.layer, state_->options.own_kinds);
    fit_to(card.config, data, options.features.defined() ? options.features.cols() : data.features.columns);

    Context ctx = state_->context();
    const StreamOrder order(ctx, state_->options.stream);
    const GraphData ready = gnn::prepare(ctx, data, card.config, options.inductive, options.features);
    Model model(ctx, card.config, recipe.train.seed);
    Trainer trainer(ctx, model, ready, recipe.train);
    FitReport report;
    while (!trainer.finished() && !report.stopped) {
      const Epoch epoch = trainer.run_epoch();
      if (options.progress) options.progress({trainer.epochs_done(), epoch, trainer.best_epoch()});
      report.stopped = options.stop.stop_requested() && !trainer.finished();
    }
    trainer.restore();
    report.history = trainer.state().history;
    report.best_epoch = recipe.train.restore_best ? trainer.best_epoch() : trainer.epochs_done();
    if (ready.test.count() > 0) {
      ctx.run([&] { report.test = evaluate(ctx, model.logits(ctx, ready), ready.test); });
    }

    // The weights move to a context of their own: the one of the training keeps the memory of a whole step.
    Context small = state_->context();
    Model kept(small, card.config, 0);
    kept.parameters().values().copy_from(model.parameters().values().to_host());
    auto fitted = std::make_unique<const State::Fitted>(State::Fitted{std::move(card), std::move(kept)});
    state_->fitted = std::move(fitted);
    return report;
  });
}

bool NodeClassifier::is_fitted() const {
  return state_->fitted != nullptr;
}
const ModelCard& NodeClassifier::card() const {
  return state_->model().card;
}
const Model& NodeClassifier::model() const {
  return state_->model().model;
}

GraphData NodeClassifier::prepare(const datasets::Dataset& data) const {
  return prepare(data, Tensor());
}

GraphData NodeClassifier::prepare(const datasets::Dataset& data, const Tensor& features) const {
  return guarded([&] {
    // Its memory is the caller's for as long as he likes, so it is of no pool that anyone else uses.
    Context ctx = state_->context();
    const StreamOrder order(ctx, state_->options.stream);
    return gnn::prepare(ctx, data, state_->model().card.config, false, features);
  });
}

void NodeClassifier::logits(const GraphData& data, std::span<Real> logits) const {
  state_->with_context([&](Context& ctx) {
    check_size("logits", logits.size(), data, card().config.classes);
    const Tensor result = state_->logits(ctx, data);
    ctx.pool()->source().copy_out(logits.data(), result.data(), logits.size_bytes(), ctx.pool()->ordinal());
  });
}

void NodeClassifier::logits(const GraphData& data, const Tensor& logits) const {
  state_->with_context([&](Context& ctx) {
    check_prepared("logits", data);
    const std::size_t rows = data.num_nodes(), columns = card().config.classes;
    check(logits.defined() && logits.rows() == rows && logits.cols() == columns, "logits: expected a tensor of ", rows, "x",
          columns, ", found one of ", logits.rows(), "x", logits.cols());
    if (logits.device() != ctx.device()) {
      fail(ErrorKind::mismatch, "logits: expected a tensor on ", to_string(ctx.device()), ", found one on ",
           to_string(logits.device()));
    }
    const Tensor result = state_->logits(ctx, data);
    kernels::copy(ctx, result, logits);
  });
}

Tensor NodeClassifier::logits(const GraphData& data) const {
  state_->model();
  check_prepared("logits", data);
  const Tensor result(make_pool(state_->options.device), data.num_nodes(), card().config.classes);
  logits(data, result);
  return result;
}

void NodeClassifier::predict(const GraphData& data, std::span<std::int32_t> classes) const {
  state_->with_context([&](Context& ctx) {
    if (card().config.task == Task::multi_label) {
      fail(ErrorKind::mismatch,
           "predict: expected a model of one class a node, found one of any number; take probabilities()");
    }
    check_size("predict", classes.size(), data, 1);
    most_likely(state_->logits(ctx, data).to_host(), card().config.classes, classes);
  });
}

std::vector<std::int32_t> NodeClassifier::predict(const GraphData& data) const {
  state_->model();
  check_prepared("predict", data);
  std::vector<std::int32_t> classes(data.num_nodes());
  predict(data, classes);
  return classes;
}

void NodeClassifier::probabilities(const GraphData& data, std::span<double> probabilities) const {
  state_->with_context([&](Context& ctx) {
    const ModelConfig& config = card().config;
    check_size("probabilities", probabilities.size(), data, config.classes);
    to_probabilities(state_->logits(ctx, data).to_host(), config.classes, config.task == Task::multi_label,
                     probabilities);
  });
}

std::vector<double> NodeClassifier::probabilities(const GraphData& data) const {
  state_->model();
  check_prepared("probabilities", data);
  std::vector<double> result(data.num_nodes() * card().config.classes);
  probabilities(data, result);
  return result;
}

NodeVectors NodeClassifier::embed(const GraphData& data, std::int64_t layer) const {
  return state_->with_context([&](Context& ctx) { return gnn::embed(ctx, model(), data, layer); });
}

std::vector<ExplainedEdge> NodeClassifier::explain(const GraphData& data,
                                                   const ExplainOptions& options) const {
  return state_->with_context([&](Context& ctx) { return gnn::explain(ctx, model(), data, options); });
}

Score NodeClassifier::score(const GraphData& data, const Labels& labels) const {
  return state_->with_context([&](Context& ctx) { return evaluate(ctx, state_->logits(ctx, data), labels); });
}

void NodeClassifier::save(const std::filesystem::path& path) const {
  guarded([&] { graphs::write_file_atomically(path, model_checkpoint(model(), card())); });
}

}  // namespace gnn::inline GNN_PRECISION
