// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/score.hpp>

#include <algorithm>
#include <bit>

#include <gnn/autograd/label_view.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

void check_node(NodeId i, std::size_t nodes) {
  check(i >= 0 && std::size_t(i) < nodes, "labels: expected a node below ", nodes, ", found ", std::int64_t(i));
}

void check_columns(const Tensor& logits, const Labels& labels) {
  if (labels.many() && labels.num_targets != logits.cols()) {
    fail(ErrorKind::mismatch, "sigmoid_cross_entropy: expected a column for each of ", labels.num_targets,
         " classes, the logits have ", logits.cols());
  }
  if (labels.largest_class >= std::int64_t(logits.cols())) {
    fail(ErrorKind::mismatch, "cross_entropy: class ", labels.largest_class, " has no column, the logits have ", logits.cols());
  }
}

// What `kernel` writes to `count` numbers on the device.
template <class Number, class Kernel>
std::vector<Number> result_of(Context& ctx, std::size_t count, const Kernel& kernel) {
  const Buffer result(ctx.pool(), count * sizeof(Number));
  kernel(static_cast<Number*>(result.data()));
  std::vector<Number> host(count);
  ctx.pool()->source().copy_out(host.data(), result.data(), count * sizeof(Number), ctx.pool()->ordinal());
  return host;
}

}  // namespace

Labels::Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> wanted, std::span<const std::int32_t> all) {
  std::vector<NodeId> known;
  std::vector<std::int32_t> their_class;
  for (const NodeId i : wanted) {
    check_node(i, all.size());
    if (all[std::size_t(i)] < 0) continue;
    in_order = in_order && std::size_t(i) == known.size();
    known.push_back(i);
    their_class.push_back(all[std::size_t(i)]);
    largest_class = std::max(largest_class, all[std::size_t(i)]);
  }
  nodes = {pool, std::span<const NodeId>(known)};
  classes = {pool, std::span<const std::int32_t>(their_class)};
}

Labels::Labels(const std::shared_ptr<Pool>& pool, std::span<const NodeId> wanted, std::span<const std::int32_t> known,
               std::span<const std::uint8_t> all, std::size_t num_classes)
    : num_targets(num_classes) {
  check(num_classes > 0 && all.size() == known.size() * num_classes, "labels: expected ", known.size(), "x", num_classes,
        " targets, found ", all.size());
  std::vector<NodeId> taken;
  std::vector<std::uint8_t> rows;
  for (const NodeId i : wanted) {
    check_node(i, known.size());
    if (known[std::size_t(i)] < 0) continue;
    in_order = in_order && std::size_t(i) == taken.size();
    const auto row = all.subspan(std::size_t(i) * num_classes, num_classes);
    taken.push_back(i);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  nodes = {pool, std::span<const NodeId>(taken)};
  targets = {pool, std::span<const std::uint8_t>(rows)};
}

Counts& Counts::operator+=(const Counts& other) {
  true_positive += other.true_positive;
  false_positive += other.false_positive;
  false_negative += other.false_negative;
  return *this;
}

double Counts::f1() const {
  const std::int64_t there = 2 * true_positive + false_positive + false_negative;
  return there ? 2 * double(true_positive) / double(there) : 0;
}

Counts ClassCounts::total() const {
  Counts sum;
  for (const Counts& c : classes) sum += c;
  return sum;
}

double ClassCounts::f1_macro() const {
  double sum = 0;
  std::size_t counted = 0;
  for (const Counts& c : classes) {
    if (c.true_positive + c.false_positive + c.false_negative == 0) continue;
    sum += c.f1();
    ++counted;
  }
  return counted ? sum / double(counted) : 0;
}

ClassCounts count_classes(Context& ctx, const Tensor& logits, const Labels& labels) {
  check_columns(logits, labels);
  const std::vector<std::int64_t> numbers = result_of<std::int64_t>(ctx, 3 * logits.cols(), [&](std::int64_t* counts) {
    labels.many() ? kernels::multi_label_counts(ctx, logits, multi_label_view(labels), counts)
                  : kernels::class_counts(ctx, logits, label_view(labels), counts);
  });
  ClassCounts result;
  for (std::size_t k = 0; k < numbers.size(); k += 3) result.classes.push_back({numbers[k], numbers[k + 1], numbers[k + 2]});
  return result;
}

// One class a node: the loss and the hits. Many: the loss, then three counts a class.
std::size_t score_numbers(const Labels& labels) { return labels.many() ? 1 + 3 * labels.num_targets : 2; }

void write_score(Context& ctx, const Tensor& logits, const Labels& labels, std::uint64_t* numbers, const Tensor& loss,
                 const Tensor& dlogits) {
  check_columns(logits, labels);
  double* const first = reinterpret_cast<double*>(numbers);
  if (!labels.many()) return kernels::cross_entropy(ctx, logits, label_view(labels), first, loss, dlogits);
  kernels::sigmoid_cross_entropy(ctx, logits, multi_label_view(labels), first, reinterpret_cast<std::int64_t*>(numbers + 1), loss, dlogits);
}

Score read_score(const Labels& labels, std::span<const std::uint64_t> numbers) {
  Score score;
  score.nodes = score.guesses = labels.count();
  score.loss = std::bit_cast<double>(numbers[0]);
  if (labels.many()) {
    for (std::size_t k = 1; k < numbers.size(); k += 3) {
      score.counts += {std::int64_t(numbers[k]), std::int64_t(numbers[k + 1]), std::int64_t(numbers[k + 2])};
    }
    score.guesses = labels.count() * labels.num_targets;
    const double wrong = double(score.counts.false_positive + score.counts.false_negative);
    score.accuracy = score.guesses ? 1 - wrong / double(score.guesses) : 0;
    score.f1_micro = score.counts.f1();
    return score;
  }
  const double right = std::bit_cast<double>(numbers[1]);
  const std::int64_t hits = std::int64_t(right), misses = std::int64_t(labels.count()) - hits;
  score.accuracy = score.f1_micro = labels.count() ? right / double(labels.count()) : 0;
  score.counts = {hits, misses, misses};
  return score;
}

Score evaluate(Context& ctx, const Tensor& logits, const Labels& labels) {
  const std::vector<std::uint64_t> numbers = result_of<std::uint64_t>(
      ctx, score_numbers(labels), [&](std::uint64_t* to) { write_score(ctx, logits, labels, to); });
  return read_score(labels, numbers);
}

Score pool(std::span<const Score> parts) {
  if (parts.size() == 1) return parts[0];
  Score all;
  double right = 0;
  for (const Score& part : parts) {
    all.loss += part.loss * double(part.nodes);
    right += part.accuracy * double(part.guesses);
    all.nodes += part.nodes;
    all.guesses += part.guesses;
    all.counts += part.counts;
  }
  if (all.nodes == 0) return all;
  all.loss /= double(all.nodes);
  all.accuracy = right / double(all.guesses);
  all.f1_micro = all.counts.f1();
  return all;
}

}  // namespace gnn::inline GNN_PRECISION
