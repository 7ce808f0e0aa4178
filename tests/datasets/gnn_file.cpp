// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include <datasets/changed_bytes.hpp>
#include <datasets/cora.hpp>
#include <datasets/error_text.hpp>
#include <datasets/formats/gnn_file.hpp>
#include <graphs/file.hpp>
#include <support/temporary_folder.hpp>

using gnn::test::error_text;
using gnn::test::TemporaryFolder;
using namespace gnn::datasets;

namespace gnn::test {
FuzzTarget fuzz_gnn_file;
}

namespace {

Dataset small_set() {
  Dataset data;
  data.name = "small";
  data.graph = gnn::graphs::Csr(3, {0, 1, 3, 3}, {1, 0, 2}, {0.5f, 1, 2});
  data.features = {3, 2, {0, 1, 1, 2}, {1, 0}, {4, -1}};
  data.labels = {0, -1, 0};
  data.targets = {1, 0, 0, 0, 1, 1};
  data.num_classes = 2;
  data.class_names = {"", "dog"};
  data.split = {"mine", {0}, {}, {2}};
  data.node_names = {"a", "b", "c"};
  data.graph_id = {0, 0, 0};
  data.exact_rows = {1, 1, 0};
  data.notes = {"one", "two"};
  return data;
}

TypedDataset typed_set() {
  TypedDataset data;
  data.name = "typed";
  data.graph.types = {{"paper", 2}, {"author", 3}};
  data.graph.relations = {{"writes", 1, 0, gnn::graphs::Csr(3, {0, 2, 3}, {0, 2, 1})},
                          {"cites", 0, 0, gnn::graphs::Csr(2, {0, 0, 1}, {0}, {3})}};
  data.features = {{2, 1, {0, 1, 1}, {0}, {2}}, {3, 0, {0, 0, 0, 0}, {}, {}}};
  data.target = 0;
  data.labels = {1, 0};
  data.num_classes = 2;
  data.split = {"public", {0}, {1}, {}};
  data.node_names = {{"p", "q"}, {"x", "y", "z"}};
  return data;
}

void check_equal(const gnn::graphs::Csr& a, const gnn::graphs::Csr& b) {
  CHECK(a.num_columns() == b.num_columns());
  CHECK(std::ranges::equal(a.offsets(), b.offsets()));
  CHECK(std::ranges::equal(a.columns(), b.columns()));
  CHECK(std::ranges::equal(a.weights(), b.weights()));
}

void check_equal(const Features& a, const Features& b) {
  CHECK(a.rows == b.rows);
  CHECK(a.columns == b.columns);
  CHECK(a.offsets == b.offsets);
  CHECK(a.indices == b.indices);
  CHECK(a.values == b.values);
}

template <class Data>
void check_common(const Data& a, const Data& b) {
  CHECK(a.name == b.name);
  CHECK(a.labels == b.labels);
  CHECK(a.targets == b.targets);
  CHECK(a.num_classes == b.num_classes);
  CHECK(a.class_names == b.class_names);
  CHECK(a.split.name == b.split.name);
  CHECK(a.split.train == b.split.train);
  CHECK(a.split.val == b.split.val);
  CHECK(a.split.test == b.split.test);
  CHECK(a.node_names == b.node_names);
  CHECK(a.notes == b.notes);
}

struct Written {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "g.gnn";
  template <class Data>
  explicit Written(const Data& data) {
    write_gnn_file(path, data);
  }
  std::string bytes() const { return std::string(gnn::graphs::MappedFile(path).text()); }
  std::string reading(const std::string& bytes) const {
    folder.write("x.gnn", bytes);
    return error_text([&] { read_gnn_file(folder.path() / "x.gnn"); });
  }
};

}  // namespace

TEST_CASE("gnn file: a plain data set comes back as it was") {
  for (const Dataset& data : {small_set(), cora()}) {
    const Written file(data);
    const Dataset read = read_gnn_file(file.path);
    check_common(read, data);
    check_equal(read.graph, data.graph);
    check_equal(read.features, data.features);
    CHECK(read.graph_id == data.graph_id);
    CHECK(read.exact_rows == data.exact_rows);
  }
}

TEST_CASE("gnn file: a typed data set comes back as it was") {
  const TypedDataset data = typed_set();
  const Written file(data);
  const TypedDataset read = read_typed_gnn_file(file.path);
  check_common(read, data);
  CHECK(read.target == data.target);
  REQUIRE(read.graph.relations.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(read.graph.types[k].name == data.graph.types[k].name);
    CHECK(read.graph.types[k].count == data.graph.types[k].count);
    CHECK(read.graph.relations[k].name == data.graph.relations[k].name);
    CHECK(read.graph.relations[k].source == data.graph.relations[k].source);
    CHECK(read.graph.relations[k].target == data.graph.relations[k].target);
    check_equal(read.graph.relations[k].edges, data.graph.relations[k].edges);
    check_equal(read.features[k], data.features[k]);
  }
  CHECK(error_text([&] {
          read_gnn_file(file.path);
        }).ends_with("expected a plain graph, found one with types of nodes"));
}

TEST_CASE("gnn file: equal data sets give equal bytes") {
  CHECK(Written(cora()).bytes() == Written(cora()).bytes());
  CHECK(Written(typed_set()).bytes() == Written(typed_set()).bytes());
}

TEST_CASE("gnn file: a graph is used where it lies, and outlives the object") {
  const Written file(small_set());
  gnn::graphs::Csr graph;
  {
    const GnnFile open(file.path);
    graph = open.graph();
    const gnn::graphs::Csr again = open.graph();
    CHECK(again.columns().data() == graph.columns().data());
    CHECK(open.features().values.size() == 2);
  }
  check_equal(graph, small_set().graph);
}

TEST_CASE("gnn file: every changed byte and every truncation is noticed") {
  const Written file(small_set());
  const std::string bytes = file.bytes();
  REQUIRE(bytes.size() > 1000);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    CAPTURE(at);
    CHECK(file.reading(changed).starts_with("3 "));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(file.reading(bytes.substr(0, size)).starts_with("3 "));
  }
  CHECK(file.reading(bytes + '\0').starts_with("3 "));
  CHECK(file.reading(bytes) == "no error");
}

TEST_CASE("gnn file: sampled changes of a large file are noticed") {
  const Written file(cora());
  const std::string bytes = file.bytes();
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    std::string changed = bytes;
    const std::size_t at = random() % bytes.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
    CAPTURE(at);
    CHECK(file.reading(changed).starts_with("3 "));
  }
}

TEST_CASE("gnn file: a header that lies is refused at its byte") {
  const Written file(small_set());
  const auto refusal = [&](std::string bytes) {
    const std::string text = file.reading(bytes);
    return text.substr(std::min(text.find(".gnn: ") + 6, text.size()));
  };
  std::string bytes = file.bytes();
  CHECK(refusal("") == "byte 0: expected a header of 64 bytes, found a file of 0");
  CHECK(refusal(bytes.substr(1)).starts_with("byte 0: expected the mark of a .gnn file, found "));
  bytes[8] = 9;
  CHECK(refusal(bytes) == "byte 8: expected version 1, found 9");
  CHECK(refusal(file.bytes() + std::string(64, '\0')).starts_with("byte 16: expected a file of "));
}

TEST_CASE(
    "fuzz gnn file: 4000 changed files with checksums that fit raise no other error than Error(input)") {
  const std::string seeds[] = {Written(small_set()).bytes(), Written(typed_set()).bytes()};
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = seeds[random() % 2];
    for (std::size_t changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      bytes[at] = static_cast<char>(random() % 3 ? bytes[at] ^ (1 << (random() % 8)) : int(random() % 256));
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    gnn::test::run_target(gnn::test::fuzz_gnn_file, bytes);
  }
}
