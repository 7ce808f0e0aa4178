// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/stop.hpp>

#include <doctest/doctest.h>

#include <graphs/error.hpp>

using namespace gnn;

namespace {

/// A validation score; sequences of them are written by hand.
struct Seen {
  double loss, accuracy;
};

struct Outcome {
  std::int64_t kept, stopped;  ///< epochs, from 1; stopped 0: ran to the end
  bool operator==(const Outcome&) const = default;
};

doctest::String toString(const Outcome& o) {
  return ("kept " + std::to_string(o.kept) + ", stopped " + std::to_string(o.stopped)).c_str();
}

Outcome play(const StopRule& rule, const std::vector<Seen>& sequence, std::int64_t max_epochs = 100) {
  StopState state;
  std::int64_t kept = 0;
  for (const Seen& seen : sequence) {
    const StopDecision decision = observe(rule, state, seen.loss, seen.accuracy, max_epochs);
    if (decision.keep) kept = state.epochs;
    CHECK(state.best_epoch == kept);
    CHECK(state.stopped == decision.stop);
    if (decision.stop) return {kept, state.epochs};
  }
  return {kept, 0};
}

std::vector<Seen> losses(const std::vector<double>& values) {
  std::vector<Seen> sequence;
  for (const double loss : values) sequence.push_back({loss, 0.5});
  return sequence;
}

StopRule patience(std::int64_t epochs) {
  StopRule rule;
  rule.kind = StopRule::patience;
  rule.patience_epochs = epochs;
  return rule;
}

}  // namespace

TEST_CASE("stop patience: ends after so many epochs without a lower loss and keeps the lowest") {
  CHECK(play(patience(2), losses({3, 2, 2.5, 1, 1.5, 1.2, 0})) == Outcome{4, 6});
  CHECK(play(patience(3), losses({3, 2, 2.5, 1, 1.5, 1.2, 0})) == Outcome{7, 0});
}

TEST_CASE("stop patience: of equal losses the first is kept, or with ties_last the last") {
  StopRule rule = patience(2);
  CHECK(play(rule, losses({1, 1, 1, 1})) == Outcome{1, 3});
  rule.ties_last = true;
  CHECK(play(rule, losses({1, 1, 1, 1})) == Outcome{4, 0});
}

TEST_CASE("stop patience: a gain must exceed min_delta") {
  StopRule rule = patience(2);
  rule.min_delta = 0.5;
  CHECK(play(rule, losses({2, 1.75, 1.5, 1})) == Outcome{1, 3});
  CHECK(play(rule, losses({2, 1.25, 1, 1})) == Outcome{2, 4});
}

TEST_CASE("stop patience: small gains add up against the kept loss") {
  // Every step is too small to count alone; the second is 0.75 below the kept loss.
  StopRule rule = patience(2);
  rule.min_delta = 0.5;
  CHECK(play(rule, losses({2, 1.75, 1.25, 1.2, 1.1})) == Outcome{3, 5});
}

TEST_CASE("stop patience: may look at the accuracy instead") {
  StopRule rule = patience(2);
  rule.monitor_accuracy = true;
  CHECK(play(rule, {{9, 0.1}, {1, 0.5}, {0.5, 0.4}, {0.1, 0.5}, {0, 0.9}}) == Outcome{2, 4});
}

TEST_CASE("stop gat: either of both is progress, both at once are kept") {
  StopRule rule = patience(2);
  rule.kind = StopRule::gat;
  // Epoch 2: only the loss is better: progress, not kept. 3: both reach their best. 4, 5: neither.
  CHECK(play(rule, {{3, 0.5}, {2, 0.4}, {1, 0.6}, {2, 0.5}, {2, 0.5}, {0, 1}}) == Outcome{3, 5});
}

TEST_CASE("stop gat: equal values count as reached") {
  StopRule rule = patience(2);
  rule.kind = StopRule::gat;
  CHECK(play(rule, {{1, 0.5}, {1, 0.5}, {1, 0.5}}) == Outcome{3, 0});
  // An equal accuracy is progress for ever, but a worse loss is not kept.
  CHECK(play(rule, {{1, 0.5}, {2, 0.5}, {3, 0.5}, {4, 0.5}}) == Outcome{1, 0});
}

TEST_CASE("stop gat: best loss and best accuracy are kept apart") {
  StopRule rule = patience(3);
  rule.kind = StopRule::gat;
  // The best loss is of epoch 2, the best accuracy of epoch 3: epoch 4 reaches neither although it beats
  // epoch 1.
  CHECK(play(rule, {{3, 0.5}, {1, 0.4}, {2, 0.9}, {1.5, 0.8}, {1.5, 0.8}, {1.5, 0.8}}) == Outcome{1, 6});
}

TEST_CASE("stop window: past half of all epochs, a loss above the mean of its last values ends it") {
  StopRule rule;
  rule.kind = StopRule::window;
  rule.window_epochs = 2;
  // Epoch 4 is above the mean of 1 and 2 but not past the half of 8; epoch 6 is above the mean of 4 and 1.
  CHECK(play(rule, losses({3, 2, 1, 4, 1, 3, 9}), 8) == Outcome{3, 6});
  // Equal to the mean is not above it.
  CHECK(play(rule, losses({2, 2, 2, 2, 2, 2}), 4) == Outcome{1, 0});
  // The window must be full.
  rule.window_epochs = 5;
  CHECK(play(rule, losses({1, 2, 3, 4, 5, 6}), 2) == Outcome{1, 6});
}

TEST_CASE(
    "stop relative: past its patience, a loss or accuracy close to the mean of its last values ends it") {
  StopRule rule = patience(3);
  rule.kind = StopRule::relative;
  rule.window_epochs = 2;
  rule.min_delta = 0.1;
  // Epoch 3 is settled but within the patience; epoch 5 differs from the mean 8.5 by less than a tenth, and
  // so does neither accuracy before.
  CHECK(play(rule, {{8, 0.1}, {8, 0.3}, {8, 0.6}, {9, 0.9}, {8, 0.3}}) == Outcome{1, 5});
  CHECK(play(rule, {{8, 0.1}, {4, 0.3}, {2, 0.2}, {1, 0.25}, {0.1, 0.9}}) == Outcome{4, 4});
  CHECK(play(rule, {{8, 0.1}, {4, 0.3}, {2, 0.5}, {1, 0.7}, {0.5, 0.9}}) == Outcome{5, 0});
}

TEST_CASE(
    "stop relative: compares with the values so far while the window is not full, and the accuracy by its "
    "own share") {
  StopRule rule = patience(2);
  rule.kind = StopRule::relative;
  rule.window_epochs = 100;
  rule.min_delta = 0.001;
  rule.min_delta_accuracy = 0.1;
  // Epoch 3: 0.41 is within a tenth of the mean of 0.2 and 0.6, the loss is not within a thousandth of its
  // own.
  CHECK(play(rule, {{8, 0.2}, {4, 0.6}, {5.9, 0.41}}) == Outcome{2, 3});
  rule.min_delta_accuracy = 0.001;
  CHECK(play(rule, {{8, 0.2}, {4, 0.6}, {5.9, 0.41}}) == Outcome{2, 0});
}

TEST_CASE("stop none: never ends, and keeps the best") {
  StopRule rule;
  rule.kind = StopRule::none;
  rule.patience_epochs = 1;
  CHECK(play(rule, losses({3, 1, 2, 2, 2, 2})) == Outcome{2, 0});
}

TEST_CASE("stop: words are read as they are written") {
  for (const StopRule::Kind kind :
       {StopRule::gat, StopRule::patience, StopRule::window, StopRule::relative, StopRule::none}) {
    CHECK(parse_stop(to_string(kind)) == kind);
    CHECK_FALSE(describe_stop({kind}).empty());
  }
  CHECK_THROWS_WITH_AS(parse_stop("never"),
                       "stop: expected gat, patience, window, relative or none, found 'never'", Error);
  CHECK(describe_stop(patience(7)) == "no better validation loss for 7 epochs");
}
