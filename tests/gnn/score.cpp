// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <gnn/autograd/loss.hpp>

#include "support/devices.hpp"
#include "support/numbers.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// Four nodes, three classes; node 2 is unknown, node 3 is not asked for.
const std::vector<NodeId> nodes = {0, 1, 2};
const std::vector<std::int32_t> known = {0, 0, -1, 0};
const std::vector<std::uint8_t> targets = {1, 0, 1,  //
                                           0, 0, 1,  //
                                           1, 1, 1,  //
                                           1, 1, 1};
const Matrix logits = {4, 3, {2, 1, -1,  // right, wrong, missed
                              -3, 0, 4,  // 0 is no guess; right
                              9, 9, 9,   //
                              9, 9, 9}};

double softplus(double z) { return std::log(1 + std::exp(z)); }

}  // namespace

TEST_CASE("score: loss, accuracy and F1 of several classes a node, by hand") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const Labels labels(ctx.pool(), nodes, known, targets, 3);
    CHECK(labels.count() == 2);
    const Tensor z = upload(ctx, logits);
    const Score score = evaluate(ctx, z, labels);
    const double sum =
        softplus(-2) + softplus(1) + softplus(1) + softplus(-3) + softplus(0) + softplus(-4);
    CHECK(score.loss == doctest::Approx(sum / 6).epsilon(1e-12));
    CHECK(score.counts.true_positive == 2);
    CHECK(score.counts.false_positive == 1);
    CHECK(score.counts.false_negative == 1);
    CHECK(score.f1_micro == doctest::Approx(4.0 / 6));
    CHECK(score.accuracy == doctest::Approx(4.0 / 6));
    CHECK(score.nodes == 2);

    // F1 of the classes: 1, 0 and 2/3.
    const ClassCounts counts = count_classes(ctx, z, labels);
    CHECK(counts.f1_micro() == score.f1_micro);
    CHECK(counts.f1_macro() == doctest::Approx((1 + 0 + 2.0 / 3) / 3));
  }
}

TEST_CASE("score: the counts of one class a node, by hand") {
  const std::vector<NodeId> all = {0, 1, 2, 3};
  const std::vector<std::int32_t> classes = {0, 1, 1, 0};
  const Matrix guesses = {4, 4, {1, 0, 0, 0,  // right
                                 5, 4, 0, 0,  // guesses 0, is 1
                                 0, 1, 0, 0,  // right
                                 2, 0, 2, 0}};  // of equal ones the first: right
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    const Labels labels(ctx.pool(), all, classes);
    const Tensor z = upload(ctx, guesses);
    const ClassCounts counts = count_classes(ctx, z, labels);
    REQUIRE(counts.classes.size() == 4);
    CHECK(counts.classes[0].true_positive == 2);
    CHECK(counts.classes[0].false_positive == 1);
    CHECK(counts.classes[0].false_negative == 0);
    CHECK(counts.classes[1].true_positive == 1);
    CHECK(counts.classes[1].false_negative == 1);
    // Classes 2 and 3 occur nowhere and do not count.
    CHECK(counts.f1_macro() == doctest::Approx((4.0 / 5 + 2.0 / 3) / 2));
    CHECK(counts.f1_micro() == 0.75);
    const Score score = evaluate(ctx, z, labels);
    CHECK(score.accuracy == 0.75);
    CHECK(score.f1_micro == 0.75);
    CHECK(score.counts.true_positive == 3);
  }
}

TEST_CASE("score: without guesses and without classes F1 is 0, not NaN") {
  CHECK(Counts{}.f1() == 0);
  CHECK(ClassCounts{}.f1_macro() == 0);
  CHECK(pool(std::vector<Score>{}).f1_micro == 0);
}

TEST_CASE("score: parts are pooled by their nodes and counts") {
  Score a, b;
  a.loss = 1, a.nodes = 1, a.guesses = 2, a.accuracy = 0.5, a.counts = {1, 1, 0};
  b.loss = 3, b.nodes = 3, b.guesses = 6, b.accuracy = 1, b.counts = {3, 0, 0};
  const Score both = pool(std::vector<Score>{a, b});
  CHECK(both.loss == 2.5);
  CHECK(both.accuracy == 7.0 / 8);
  CHECK(both.f1_micro == doctest::Approx(8.0 / 9));
  CHECK(both.nodes == 4);
}

TEST_CASE("sigmoid_cross_entropy: logits of any size give a finite loss and gradients of the right sign") {
  const Real far = Real(is_double ? 1e300 : 1e30);
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    const std::vector<NodeId> one = {0};
    const std::vector<std::int32_t> is_known = {0};
    const std::vector<std::uint8_t> wanted = {1, 0, 0, 1};
    Tape tape(ctx);
    const Var z = tape.leaf(upload(ctx, {1, 4, {far, -far, far, -far}}));
    Score score;
    tape.backward(sigmoid_cross_entropy(z, Labels(ctx.pool(), one, is_known, wanted, 4), &score));
    CHECK(score.loss == doctest::Approx(double(far) / 2));
    const std::vector<Real> gradient = tape.grad(z).to_host();
    CHECK(gradient == std::vector<Real>{0, 0, Real(0.25), Real(-0.25)});
  }
}

TEST_CASE("sigmoid_cross_entropy: what does not fit is refused") {
  Context ctx;
  Tape tape(ctx);
  const Var z = tape.constant(upload(ctx, logits));
  const Labels five(ctx.pool(), nodes, known, std::vector<std::uint8_t>(20), 5);
  CHECK_THROWS_WITH_AS(sigmoid_cross_entropy(z, five),
                       "sigmoid_cross_entropy: expected a column for each of 5 classes, the logits have 3", Error);
  const std::vector<NodeId> none = {2};
  CHECK_THROWS_WITH_AS(sigmoid_cross_entropy(z, Labels(ctx.pool(), none, known, targets, 3)),
                       "sigmoid_cross_entropy: there are no labelled nodes", Error);
  CHECK_THROWS_AS(sigmoid_cross_entropy(z, Labels(ctx.pool(), nodes, known)), Error);
  CHECK_THROWS_WITH_AS(Labels(ctx.pool(), nodes, known, targets, 4), "labels: expected 4x4 targets, found 12", Error);
}
