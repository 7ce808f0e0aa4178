// SPDX-License-Identifier: Apache-2.0
#include <datasets/dataset.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <datasets/normalise.hpp>

#include "error_text.hpp"

namespace datasets = gnn::datasets;

namespace {

/// Three nodes on a path, two features, two classes.
datasets::Dataset path() {
  datasets::Dataset data;
  data.name = "path";
  data.graph = gnn::graphs::Csr::from_edges({3, {0, 1, 1, 2}, {1, 0, 2, 1}, {}});
  data.features = {3, 2, {0, 1, 1, 3}, {1, 0, 1}, {4, 1, 3}};
  data.labels = {0, -1, 1};
  data.num_classes = 2;
  data.split = {"public", {0}, {}, {2}};
  return data;
}

std::string refusal(const datasets::Dataset& data) {
  return gnn::test::error_text([&] { datasets::validate(data); });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("validate: a set whose parts fit passes, the empty set too") {
  CHECK(refusal(path()) == "no error");
  CHECK(refusal({}) == "no error");
}

TEST_CASE("validate: what does not fit is named") {
  const auto changed = [](auto change) {
    auto data = path();
    change(data);
    return refusal(data);
  };
  CHECK(contains(changed([](auto& d) { d.labels.pop_back(); }),
                 "3 path: labels: expected 3, one a node, found 2"));
  CHECK(
      contains(changed([](auto& d) { d.labels[0] = 2; }), "node 0: expected a class below 2 or -1, found 2"));
  CHECK(contains(changed([](auto& d) { d.labels[1] = -2; }), "found -2"));
  CHECK(contains(changed([](auto& d) { d.class_names = {"a"}; }), "2 class names, found 1"));
  CHECK(contains(changed([](auto& d) { d.features.rows = 2; }), "expected 3 rows, one a node, found 2"));
  CHECK(contains(changed([](auto& d) { d.features.offsets = {0, 9, 1, 3}; }), "never fall"));
  CHECK(contains(changed([](auto& d) { d.features.offsets = {0, 1, 1, 2}; }), "offsets from 0 to 3"));
  CHECK(contains(changed([](auto& d) { d.features.indices[0] = 2; }),
                 "row 0: expected ascending columns below 2, found 2"));
  CHECK(contains(changed([](auto& d) { d.features.indices[2] = 0; }), "found 0 after 0"));
  CHECK(contains(changed([](auto& d) { d.features.values[1] = NAN; }),
                 "row 2, column 0: expected a finite number"));
  CHECK(contains(changed([](auto& d) { d.split.test = {3}; }), "test: expected nodes below 3, found 3"));
  CHECK(contains(changed([](auto& d) { d.split.val = {1, 2}; }), "expected nodes of no other part, found 2"));
  CHECK(contains(changed([](auto& d) { d.targets = {1, 0}; }), "targets: expected 3 x 2 values, found 2"));
  CHECK(contains(changed([](auto& d) { d.targets = {1, 0, 0, 0, 2, 0}; d.labels = {0, -1, 0}; }),
                 "targets: row 2, column 0: expected 0 or 1, found 2"));
  CHECK(contains(changed([](auto& d) { d.targets = {1, 0, 0, 0, 1, 0}; }), "node 2: expected 0 beside targets, or -1"));
  CHECK(contains(changed([](auto& d) { d.node_names = {"a"}; }), "node names: expected none or 3, one a node, found 1"));
  CHECK(contains(changed([](auto& d) { d.graph_id = {0, 0}; }), "graph ids: expected none or 3, one a node, found 2"));
  CHECK(contains(changed([](auto& d) { d.graph_id = {-1, 0, 0}; }), "graph ids: expected at least 0, found -1"));
  CHECK(contains(changed([](auto& d) { d.graph_id = {0, 2, 1}; }), "node 2: expected ids that never fall, found 1 after 2"));
  CHECK(contains(changed([](auto& d) { d.graph_id = {0, 0, 1}; }),
                 "expected edges inside a graph only, found 2 -> 1 from graph 1 to 0"));
  CHECK(changed([](auto& d) { d.graph_id = {4, 4, 4}; }) == "no error");
  CHECK(contains(changed([](auto& d) { d.exact_rows = {1}; }), "exact rows: expected none or 3, one a node, found 1"));
  CHECK(contains(changed([](auto& d) { d.exact_rows = {1, 1, 7}; }), "exact rows: node 2: expected 0 or 1, found 7"));
  CHECK(contains(changed([](auto& d) {
                   d.graph = gnn::graphs::Csr(2, {0, 0, 0, 0}, {});
                 }),
                 "as many sources as targets"));
}

TEST_CASE("normalise_rows: rows sum to one, a row of zeros stays") {
  const auto features = datasets::normalise_rows(path().features);
  CHECK(features.values == std::vector<float>{1, 0.25f, 0.75f});
  CHECK(datasets::normalise_rows({1, 2, {0, 2}, {0, 1}, {-3, 3}}).values == std::vector<float>{-3, 3});
  CHECK(datasets::normalise_rows({1, 2, {0, 2}, {0, 1}, {0, 0}}).values == std::vector<float>{0, 0});
}

TEST_CASE("normalise_rows: a quotient out of range is an error") {
  const datasets::Features features = {1, 2, {0, 2}, {0, 1}, {3e38f, 1e-3f}};
  CHECK(datasets::normalise_rows(features).values[0] == 1);
  const datasets::Features tiny = {1, 3, {0, 3}, {0, 1, 2}, {1e10f, -1e10f, 1e-30f}};
  CHECK(contains(gnn::test::error_text([&] { datasets::normalise_rows(tiny); }), "3 features: row 0"));
}

TEST_CASE("standardise: columns get mean 0 and deviation 1 on the rows that were asked, constant ones stay finite") {
  // Columns: 0 2 4 6 on all rows, a constant, and zeros that are not stored.
  datasets::Features x;
  x.rows = 4;
  x.columns = 3;
  x.offsets = {0, 1, 3, 5, 7};
  x.indices = {1, 0, 1, 0, 1, 0, 1};
  x.values = {5, 2, 5, 4, 5, 6, 5};
  const std::vector<gnn::NodeId> rows = {0, 1, 2};
  const datasets::ColumnScale scale = datasets::column_scale(x, rows);
  CHECK(scale.mean == std::vector<double>{2, 5, 0});
  CHECK(scale.deviation[0] == doctest::Approx(std::sqrt(8.0 / 3)));
  CHECK(scale.deviation[1] == 1);
  CHECK(scale.deviation[2] == 1);
  const datasets::Features y = datasets::standardise(x, scale);
  CHECK(y.values.size() == 12);
  CHECK(y.values[0] == doctest::Approx(-2 / std::sqrt(8.0 / 3)));
  CHECK(y.values[1] == 0);
  CHECK(y.values[9] == doctest::Approx(4 / std::sqrt(8.0 / 3)));
  CHECK_THROWS_AS(datasets::standardise(x, {{1}, {1}}), gnn::Error);
}
