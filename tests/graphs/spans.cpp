// SPDX-License-Identifier: Apache-2.0
#include <graphs/spans.hpp>

#include <doctest/doctest.h>

#include <graphs/error.hpp>

using namespace gnn;
using namespace gnn::graphs;

namespace {

// 0 -> 1, 0 -> 2, 1 -> 2: rows are targets.
const std::vector<EdgeOffset> offsets = {0, 0, 1, 3};
const std::vector<NodeId> columns = {0, 0, 1};

template <class T>
std::vector<T> as(const auto& values) {
  return {values.begin(), values.end()};
}

template <class T>
std::span<const T> view(const std::vector<T>& values) {
  return values;
}

}  // namespace

TEST_CASE("csr_over: arrays of the library's types are used where they lie") {
  const Csr csr = csr_over(3, view(offsets), view(columns));
  CHECK(csr.offsets().data() == offsets.data());
  CHECK(csr.columns().data() == columns.data());
  CHECK(csr.degree(2) == 2);
}

TEST_CASE("csr_over: an owner lives as long as the matrix") {
  auto owner = std::make_shared<std::vector<NodeId>>(columns);
  Csr csr = csr_over(3, view(offsets), view(*owner), {}, owner);
  const std::weak_ptr<void> alive = owner;
  owner.reset();
  CHECK(!alive.expired());
  CHECK(csr.columns()[2] == 1);
  csr = Csr();
  CHECK(alive.expired());
}

TEST_CASE("csr_over: other widths are converted") {
  const auto small = as<std::uint32_t>(offsets);
  const auto wide = as<std::int64_t>(columns);
  const Csr csr = csr_over(3, view(small), view(wide));
  CHECK(as<EdgeOffset>(csr.offsets()) == offsets);
  CHECK(as<NodeId>(csr.columns()) == columns);
}

TEST_CASE("csr_over: one sentence says what breaks the rules") {
  const auto made = [](std::vector<EdgeOffset> o, std::vector<NodeId> c, std::vector<float> w = {}) {
    return csr_over(3, view(o), view(c), view(w));
  };
  CHECK_THROWS_WITH_AS(made({0, 2, 1, 3}, columns), "csr: offsets fall from 2 to 1 at row 1", Error);
  CHECK_THROWS_WITH_AS(made({0, 0, 1, 2}, columns), "csr: offsets end at 2, there are 3 columns", Error);
  CHECK_THROWS_WITH_AS(made(offsets, {0, 3, 1}), "csr: edge 1 has column 3 of 3", Error);
  CHECK_THROWS_WITH_AS(made(offsets, columns, {1}), "csr: 3 edges, but 1 weights", Error);
  CHECK_THROWS_WITH_AS(made({}, columns), "offsets: expected one a row and one more, found none", Error);
  const std::vector<std::int64_t> wide = {0, 5000000000, 1};
  CHECK_THROWS_WITH_AS(csr_over(3, view(offsets), view(wide)),
                       "column 1: expected a node below 3, found 5000000000", Error);
}

TEST_CASE("csr_from_coo: edges of any width, and pairs, give one matrix") {
  const std::vector<std::int64_t> source = {1, 0, 0}, target = {2, 2, 1};
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs = {{1, 2}, {0, 2}, {0, 1}};
  const std::vector<std::array<int, 2>> arrays = {{1, 2}, {0, 2}, {0, 1}};
  for (const Csr& csr : {csr_from_coo(3, view(source), view(target)), csr_from_pairs(3, view(pairs)),
                         csr_from_pairs(3, view(arrays))}) {
    CHECK(as<EdgeOffset>(csr.offsets()) == offsets);
    CHECK(as<NodeId>(csr.columns()) == columns);
  }
}

TEST_CASE("csr_from_coo: bad edges are refused") {
  const std::vector<std::int64_t> source = {1, 0}, target = {2, 3}, one = {0};
  CHECK_THROWS_WITH_AS(csr_from_coo(3, view(source), view(target)),
                       "target of edge 1: expected a node below 3, found 3", Error);
  CHECK_THROWS_WITH_AS(csr_from_coo(3, view(source), view(one)),
                       "edges: expected as many targets as sources, found 1 and 2", Error);
}
