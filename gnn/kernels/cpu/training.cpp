// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/training.hpp>

#include <cmath>
#include <vector>

#include <gnn/kernels/cpu/parallel.hpp>
#include <gnn/kernels/cpu/simd.hpp>

namespace gnn::inline GNN_PRECISION::cpu {
namespace {

constexpr std::size_t piece = 16384;
constexpr std::size_t node_piece = 64;

std::size_t largest(const Real* row, std::size_t n) { return std::size_t(std::max_element(row, row + n) - row); }

// log of the sum of exp(row), in double.
double log_sum_exp(const Real* row, std::size_t n) {
  const double most = double(row[largest(row, n)]);
  double sum = 0;
  for (std::size_t c = 0; c < n; ++c) sum += std::exp(double(row[c]) - most);
  return most + std::log(sum);
}

// Adds what one node says about class c to its counts: right, wrong, missed.
void count_class(bool guessed, bool holds, std::int64_t* counts) {
  if (guessed) ++counts[holds ? 0 : 1];
  if (!guessed && holds) ++counts[2];
}

// counts = the sum over pieces of nodes of what work(first, last, own) adds to counts of its own. Whole numbers, so no
// order of the sum matters.
template <class Work>
void count_nodes(Context& ctx, std::size_t nodes, std::size_t classes, std::int64_t* counts, const Work& work) {
  const std::size_t nodes_a_piece = std::max<std::size_t>(node_piece, (nodes + 63) / 64);
  std::vector<std::int64_t> own((nodes + nodes_a_piece - 1) / nodes_a_piece * 3 * classes);
  parallel_ranges(ctx, nodes, nodes_a_piece, [&](std::size_t first, std::size_t last) {
    work(first, last, own.data() + first / nodes_a_piece * 3 * classes);
  });
  std::fill_n(counts, 3 * classes, 0);
  for (std::size_t k = 0; k < own.size(); ++k) counts[k % (3 * classes)] += own[k];
}

GNN_SIMD void adam_range(const AdamStep& s, const Real* gradient, Real* value, Real* m, Real* v, std::size_t n) {
  const Real beta1 = Real(s.beta1), beta2 = Real(s.beta2), l2 = Real(s.l2), epsilon = Real(s.epsilon);
  const Real rest1 = Real(1 - s.beta1), rest2 = Real(1 - s.beta2);
  const AdamFactors factors(s);
  const Real rate = factors.rate, root = factors.root;
  for (std::size_t k = 0; k < n; ++k) {
    const Real g = gradient[k] + l2 * value[k];
    m[k] = beta1 * m[k] + rest1 * g;
    v[k] = beta2 * v[k] + rest2 * g * g;
    value[k] -= rate * m[k] / (std::sqrt(v[k]) * root + epsilon);
  }
}

GNN_SIMD double sum_of_squares_range(const Real* x, std::size_t n) {
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += double(x[k]) * double(x[k]);
  return sum;
}

GNN_SIMD std::size_t count_not_finite_range(const Real* x, std::size_t n) {
  std::size_t found = 0;
  for (std::size_t k = 0; k < n; ++k) found += x[k] - x[k] != 0;
  return found;
}

}  // namespace

void cross_entropy(Context& ctx, ConstMat logits, LabelView labels, double* result, Mat loss_out, Mat dlogits) {
  const std::size_t pieces = (labels.count + node_piece - 1) / node_piece;
  std::vector<double> loss(pieces), hits(pieces);
  parallel_ranges(ctx, labels.count, node_piece, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const Real* row = logits.row(std::size_t(labels.nodes[k]));
      const std::size_t label = std::size_t(labels.classes[k]);
      const double total = log_sum_exp(row, logits.cols);
      loss[first / node_piece] += total - double(row[label]);
      for (std::size_t c = 0; dlogits.data && c < logits.cols; ++c) {
        const double p = std::exp(double(row[c]) - total);
        dlogits.row(std::size_t(labels.nodes[k]))[c] = Real(1 / double(labels.count) * (p - (label == c)));
      }
      hits[first / node_piece] += largest(row, logits.cols) == label;
    }
  });
  result[0] = result[1] = 0;
  for (std::size_t p = 0; p < pieces; ++p) {
    result[0] += loss[p];
    result[1] += hits[p];
  }
  if (labels.count) result[0] /= double(labels.count);
  if (loss_out.data) loss_out.data[0] = Real(result[0]);
}

void cross_entropy_backward(Context& ctx, ConstMat logits, LabelView labels, ConstMat dloss, Mat dlogits) {
  const double share = double(dloss.data[0]) / double(labels.count);
  parallel_ranges(ctx, labels.count, node_piece, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const std::size_t i = std::size_t(labels.nodes[k]);
      const double total = log_sum_exp(logits.row(i), logits.cols);
      for (std::size_t c = 0; c < logits.cols; ++c) {
        const double p = std::exp(double(logits.row(i)[c]) - total);
        dlogits.row(i)[c] += Real(share * (p - (std::size_t(labels.classes[k]) == c)));
      }
    }
  });
}

void sigmoid_cross_entropy(Context& ctx, ConstMat logits, MultiLabelView labels, double* result, std::int64_t* counts, Mat loss_out,
                           Mat dlogits) {
  std::vector<double> loss((labels.count + node_piece - 1) / node_piece);
  parallel_ranges(ctx, labels.count, node_piece, [&](std::size_t first, std::size_t last) {
    double sum = 0;
    for (std::size_t k = first; k < last; ++k) {
      const Real* row = logits.row(std::size_t(labels.nodes[k]));
      const std::uint8_t* target = labels.targets + k * labels.classes;
      for (std::size_t c = 0; c < labels.classes; ++c) {
        const double z = double(row[c]);
        sum += std::max(z, 0.0) - z * target[c] + std::log1p(std::exp(-std::abs(z)));
      }
    }
    loss[first / node_piece] = sum;
  });
  result[0] = 0;
  for (const double sum : loss) result[0] += sum;
  if (labels.count) result[0] /= double(labels.count) * double(labels.classes);
  if (loss_out.data) loss_out.data[0] = Real(result[0]);
  if (counts) multi_label_counts(ctx, logits, labels, counts);
  if (!dlogits.data) return;
  for (std::size_t k = 0; k < labels.count; ++k) {
    Real* const row = dlogits.row(std::size_t(labels.nodes[k]));
    std::fill(row, row + dlogits.cols, Real(0));
  }
  const Real one = 1;
  sigmoid_cross_entropy_backward(ctx, logits, labels, ConstMat{&one, 1, 1, 1}, dlogits);
}

void sigmoid_cross_entropy_backward(Context& ctx, ConstMat logits, MultiLabelView labels, ConstMat dloss, Mat dlogits) {
  const double share = double(dloss.data[0]) / (double(labels.count) * double(labels.classes));
  parallel_ranges(ctx, labels.count, node_piece, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const std::size_t i = std::size_t(labels.nodes[k]);
      const std::uint8_t* target = labels.targets + k * labels.classes;
      for (std::size_t c = 0; c < labels.classes; ++c) {
        const double p = 1 / (1 + std::exp(-double(logits.row(i)[c])));
        dlogits.row(i)[c] += Real(share * (p - target[c]));
      }
    }
  });
}

void class_counts(Context& ctx, ConstMat logits, LabelView labels, std::int64_t* counts) {
  count_nodes(ctx, labels.count, logits.cols, counts, [&](std::size_t first, std::size_t last, std::int64_t* own) {
    for (std::size_t k = first; k < last; ++k) {
      const std::size_t guess = largest(logits.row(std::size_t(labels.nodes[k])), logits.cols);
      const std::size_t label = std::size_t(labels.classes[k]);
      count_class(true, guess == label, own + 3 * guess);
      if (guess != label) count_class(false, true, own + 3 * label);
    }
  });
}

void multi_label_counts(Context& ctx, ConstMat logits, MultiLabelView labels, std::int64_t* counts) {
  count_nodes(ctx, labels.count, labels.classes, counts, [&](std::size_t first, std::size_t last, std::int64_t* own) {
    for (std::size_t k = first; k < last; ++k) {
      const Real* row = logits.row(std::size_t(labels.nodes[k]));
      const std::uint8_t* target = labels.targets + k * labels.classes;
      for (std::size_t c = 0; c < labels.classes; ++c) count_class(row[c] > 0, target[c] != 0, own + 3 * c);
    }
  });
}

void adam(Context& ctx, AdamStep step, ConstMat gradient, Mat value, Mat m, Mat v) {
  parallel_ranges(ctx, value.size(), piece, [&](std::size_t first, std::size_t last) {
    adam_range(step, gradient.data + first, value.data + first, m.data + first, v.data + first, last - first);
  });
}

void sum_of_squares(Context& ctx, ConstMat x, double* result) {
  std::vector<double> sums((x.size() + piece - 1) / piece);
  parallel_ranges(ctx, x.size(), piece, [&](std::size_t first, std::size_t last) {
    sums[first / piece] = sum_of_squares_range(x.data + first, last - first);
  });
  *result = 0;
  for (const double sum : sums) *result += sum;
}

void count_not_finite(Context& ctx, ConstMat x, std::size_t* found) {
  std::vector<std::size_t> counts((x.size() + piece - 1) / piece);
  parallel_ranges(ctx, x.size(), piece, [&](std::size_t first, std::size_t last) {
    counts[first / piece] = count_not_finite_range(x.data + first, last - first);
  });
  *found = 0;
  for (const std::size_t count : counts) *found += count;
}

}  // namespace gnn::inline GNN_PRECISION::cpu
