// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cpu/parallel.hpp>

/// Heads filled up with zeros to whole vectors of 8 channels, so that loops over channels have no rest. Where the channels
/// are a multiple of 8 already, nothing is copied.
namespace gnn::inline GNN_PRECISION::cpu {

constexpr std::size_t padded_channels(std::size_t channels) { return (channels + 7) / 8 * 8; }

/// A matrix that is read: x is N x (heads C), this is N x (heads padded_channels(C)).
class PaddedHeads {
 public:
  PaddedHeads(Context& ctx, ConstMat x, std::size_t heads) : rows_(x), channels_(padded_channels(x.cols / heads)) {
    const std::size_t own = x.cols / heads;
    if (own == channels_) return;
    copy_ = ctx.tensor(x.rows, heads * channels_);
    const Mat copy = copy_;
    parallel_ranges(ctx, x.rows, rows_per_piece(copy.cols), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        for (std::size_t h = 0; h < heads; ++h) {
          const Real* from = x.row(i) + h * own;
          Real* to = copy.row(i) + h * channels_;
          for (std::size_t c = 0; c < own; ++c) to[c] = from[c];  // a few numbers: a call would cost more
          for (std::size_t c = own; c < channels_; ++c) to[c] = 0;
        }
      }
    });
    rows_ = copy;
  }

  const Real* row(std::size_t i) const { return rows_.row(i); }
  operator ConstMat() const { return rows_; }
  std::size_t channels() const { return channels_; }

 private:
  Tensor copy_;
  ConstMat rows_;
  std::size_t channels_;
};

/// A matrix that is written: rows of heads padded_channels(C) numbers that finish() brings to the result, N x (heads C).
class PaddedSums {
 public:
  enum Way { overwrite, add };

  /// Rows are the result's own, or with `add` start at zero and are added to it.
  PaddedSums(Context& ctx, Mat result, std::size_t heads, Way way) : result_(result), rows_(result), heads_(heads), way_(way) {
    const std::size_t channels = padded_channels(result.cols / heads);
    if (heads * channels == result.cols) return;
    copy_ = ctx.tensor(result.rows, heads * channels);
    rows_ = copy_;
    if (way == overwrite) return;
    parallel_ranges(ctx, result.rows, rows_per_piece(rows_.cols), [&](std::size_t first, std::size_t last) {
      std::fill(rows_.row(first), rows_.row(first) + (last - first) * rows_.cols, Real(0));
    });
  }

  Real* row(std::size_t i) const { return rows_.row(i); }

  void finish(Context& ctx) const {
    if (!copy_.defined()) return;
    const std::size_t own = result_.cols / heads_, channels = rows_.cols / heads_;
    parallel_ranges(ctx, result_.rows, rows_per_piece(rows_.cols), [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        for (std::size_t h = 0; h < heads_; ++h) {
          const Real* from = rows_.row(i) + h * channels;
          Real* to = result_.row(i) + h * own;
          for (std::size_t c = 0; c < own; ++c) to[c] = way_ == add ? to[c] + from[c] : from[c];
        }
      }
    });
  }

 private:
  Tensor copy_;
  Mat result_, rows_;
  std::size_t heads_;
  Way way_;
};

/// A matrix of heads x C numbers as one row of heads C.
inline ConstMat as_row(ConstMat a) { return {a.data, 1, a.rows * a.cols, a.rows * a.cols}; }
inline Mat as_row(Mat a) { return {a.data, 1, a.rows * a.cols, a.rows * a.cols}; }

}  // namespace gnn::inline GNN_PRECISION::cpu
