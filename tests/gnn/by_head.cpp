// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/by_head.hpp>

#include <doctest/doctest.h>

#include <gnn/autograd/attention.hpp>
#include <gnn/autograd/elementwise.hpp>
#include <gnn/autograd/gatv2_attention.hpp>
#include <gnn/autograd/product.hpp>
#include <graphs/generators.hpp>
#include <support/toy_data.hpp>

using namespace gnn;

namespace {

// A graph of 300 nodes and features of it in both forms, and weights of 3 heads of `channels`.
struct Fixture {
  explicit Fixture(std::size_t channels_) : channels(channels_) {
    const datasets::Dataset data =
        gnn::test::random_dataset(graphs::planted_partition(300, 3, 2000, 0.9, 4).edges, 40, 0.5);
    adjacency = Adjacency(ctx.pool(), data.graph);
    sparse = SparseMatrix(ctx.pool(), 40, data.features.offsets, data.features.indices, data.features.values);
    std::vector<Real> numbers(300 * 40);
    for (std::size_t i = 0; i < 300; ++i) {
      for (auto e = std::size_t(data.features.offsets[i]); e < std::size_t(data.features.offsets[i + 1]); ++e)
        numbers[i * 40 + std::size_t(data.features.indices[e])] = Real(data.features.values[e]);
    }
    dense = tape.constant(Tensor::from(ctx.pool(), 300, 40, numbers));
  }
  Var weight(std::size_t rows, std::size_t cols) {
    std::vector<Real> numbers(rows * cols);
    for (Real& x : numbers) x = Real(int(++drawn * 37 % 101) - 50) / 200;
    return tape.constant(Tensor::from(ctx.pool(), rows, cols, numbers));
  }
  Var product(bool is_sparse, const Var& w) {
    return is_sparse ? dropout_matmul(sparse, w, 0, 0, 1) : matmul(dense, w);
  }

  std::size_t channels;
  Context ctx{Device{}, 2};
  Tape tape{ctx, Tape::inference};
  Adjacency adjacency;
  SparseMatrix sparse;
  Var dense;
  std::uint32_t drawn = 0;
};

void check_equal(const Tensor& found, const Var& expected, bool exact) {
  const std::vector<Real> a = found.to_host(), b = expected.value().to_host();
  if (exact) {
    CHECK(a == b);
    return;
  }
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) REQUIRE(a[k] == doctest::Approx(b[k]).epsilon(1e-5));
}

}  // namespace

TEST_CASE("by head: the attention of GAT and GATv2 has the bits of all heads at once") {
  for (const std::size_t channels : {5u, 8u, 64u}) {
    for (const bool is_sparse : {false, true}) {
      CAPTURE(channels);
      CAPTURE(is_sparse);
      Fixture f(channels);
      const SparseMatrix* sparse = is_sparse ? &f.sparse : nullptr;
      const Var w = f.weight(40, 3 * channels), other = f.weight(40, 3 * channels), a = f.weight(3, channels),
                b = f.weight(3, channels), long_bias = f.weight(1, 3 * channels), bias = f.weight(1, 3);
      const Var z = f.product(is_sparse, w);
      // A dense product of a few columns that fill no vector adds up in another order.
      const bool exact = is_sparse || channels % 8 == 0;
      check_equal(gat_by_head(f.adjacency, sparse, f.dense, w, a, b, bias, bias, 0.2),
                  gat_attention(f.adjacency, head_scores(z, a, bias), head_scores(z, b, bias), z, 0.2, 0, 0), exact);
      const Var r = f.product(is_sparse, other), l = add_bias(z, long_bias);
      check_equal(gatv2_by_head(f.adjacency, sparse, f.dense, w, long_bias, other, Var(), false, a, 0.2),
                  gatv2_attention(f.adjacency, l, r, l, a, 0.2, 0, 0), exact);
      check_equal(gatv2_by_head(f.adjacency, sparse, f.dense, w, long_bias, w, long_bias, true, a, 0.2),
                  gatv2_attention(f.adjacency, l, l, l, a, 0.2, 0, 0), exact);
    }
  }
}

TEST_CASE("by head: only in inference, for several heads, and from 64 MiB on") {
  Fixture f(8);
  Tape training(f.ctx);
  const std::size_t rows = (std::size_t(64) << 20) / (4 * 64 * sizeof(Real));
  CHECK(goes_by_head(f.tape, rows, 4, 64));
  CHECK_FALSE(goes_by_head(f.tape, rows - 1, 4, 64));
  CHECK_FALSE(goes_by_head(f.tape, 4 * rows, 1, 64));
  CHECK_FALSE(goes_by_head(training, rows, 4, 64));
}

TEST_CASE("elementwise: an op writes over what was given away in inference, and over nothing else") {
  Fixture f(8);
  Var x = f.weight(10, 10);
  const Real* numbers = x.value().data();
  const Var bias = f.weight(1, 10), kept = x;
  CHECK(elu(x).value().data() != numbers);
  CHECK(elu(Var(kept)).value().data() != numbers);
  Var y = add_bias(x, bias);
  numbers = y.value().data();
  const std::vector<Real> before = elu(y).value().to_host();
  const Var z = elu(std::move(y));
  CHECK(z.value().data() == numbers);
  CHECK(z.value().to_host() == before);
  Tape training(f.ctx);
  Var leaf = training.leaf(Tensor::from(f.ctx.pool(), 1, 2, std::vector<Real>{1, -1}));
  CHECK(elu(std::move(leaf)).value().to_host()[0] == 1);
}
