// SPDX-License-Identifier: Apache-2.0
#include <datasets/cora.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <datasets/packed.hpp>
#include <datasets/planetoid.hpp>
#include <filesystem>

#include "error_text.hpp"
#include "tiny_planetoid.hpp"

namespace datasets = gnn::datasets;

namespace {

template <class A, class B>
bool equal(const A& a, const B& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void check_equal(const datasets::Dataset& a, const datasets::Dataset& b) {
  CHECK(a.name == b.name);
  CHECK(equal(a.graph.offsets(), b.graph.offsets()));
  CHECK(equal(a.graph.columns(), b.graph.columns()));
  CHECK(equal(a.graph.weights(), b.graph.weights()));
  CHECK(a.features.rows == b.features.rows);
  CHECK(a.features.columns == b.features.columns);
  CHECK(a.features.offsets == b.features.offsets);
  CHECK(a.features.indices == b.features.indices);
  CHECK(a.features.values == b.features.values);
  CHECK(a.labels == b.labels);
  CHECK(a.num_classes == b.num_classes);
  CHECK(a.class_names == b.class_names);
  CHECK(a.split.name == b.split.name);
  CHECK(a.split.train == b.split.train);
  CHECK(a.split.val == b.split.val);
  CHECK(a.split.test == b.split.test);
  CHECK(a.notes == b.notes);
}

datasets::Dataset tiny() {
  gnn::test::TemporaryFolder folder;
  gnn::test::write_planetoid(folder, gnn::test::tiny_planetoid());
  return datasets::read_planetoid(folder.path(), "tiny");
}

}  // namespace

TEST_CASE("cora: the built-in set has the published counts") {
  const auto data = datasets::cora();
  CHECK(data.num_nodes() == 2708);
  CHECK(data.graph.num_edges() == 10556);
  CHECK(data.features.columns == 1433);
  CHECK(data.features.num_nonzero() == 49216);
  CHECK(data.split.train.size() == 140);
  CHECK(data.split.val.size() == 500);
  CHECK(data.split.test.size() == 1000);
  std::vector<int> counts(7);
  for (const auto label : data.labels) ++counts.at(static_cast<std::size_t>(label));
  CHECK(counts == std::vector<int>{351, 217, 418, 818, 426, 298, 180});
}

TEST_CASE("cora: the built-in set equals the original files") {
  const char* folder = std::getenv("GNN_DATA_DIR");
  if (!folder) {
    MESSAGE("skipped: GNN_DATA_DIR is not set");
    return;
  }
  check_equal(datasets::cora(), datasets::read_planetoid(std::filesystem::path(folder) / "cora", "cora"));
}

TEST_CASE("packed: unpacking gives back what was packed, in the same bytes") {
  const auto data = tiny();
  const auto bytes = datasets::pack(data);
  const auto again = datasets::unpack(bytes, "tiny.bin");
  check_equal(data, again);
  CHECK(datasets::pack(again) == bytes);
}

TEST_CASE("packed: what the layout cannot hold is refused") {
  auto data = tiny();
  data.features.values[0] = 2;
  CHECK(gnn::test::error_text([&] { datasets::pack(data); }) == "3 tiny: expected features of 1 only");
  data = tiny();
  data.graph = gnn::graphs::Csr::from_edges({8, {0}, {1}, {}});
  CHECK(
      gnn::test::error_text([&] { datasets::pack(data); }).starts_with("3 tiny: expected a symmetric graph"));
}

TEST_CASE("packed: cut and changed bytes give Error(input) or another valid set") {
  const auto bytes = datasets::pack(tiny());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK(gnn::test::error_text([&] { datasets::unpack(cut, "tiny.bin"); }).starts_with("3 "));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= std::byte{0x81};
    const std::string text = gnn::test::error_text([&] { datasets::unpack(changed, "tiny.bin"); });
    CAPTURE(i);
    CHECK((text == "no error" || text.starts_with("3 ")));
  }
}
