// SPDX-License-Identifier: Apache-2.0
#include <datasets/registry.hpp>

#include <doctest/doctest.h>

#include <array>
#include <datasets/suggest.hpp>

#include "error_text.hpp"
#include "tiny_planetoid.hpp"

namespace datasets = gnn::datasets;
using gnn::test::error_text;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("registry: the known sets name their files") {
  const auto known = datasets::known_datasets();
  REQUIRE(known.size() >= 3);
  CHECK(known[0].name == "cora");
  for (const auto& set : known) {
    CHECK(!set.files.empty());
    for (const auto& file : set.files) {
      CHECK(file.sha256.size() == 64);
      CHECK(!file.name.ends_with(".gz"));
    }
    for (const auto& file : set.extra_files) CHECK(file.sha256.size() == 64);
    for (const std::string_view mirror : set.mirrors) CHECK((mirror.starts_with("https://") && mirror.ends_with("/")));
    CHECK(datasets::find_known(set.name) == &set);
  }
}

TEST_CASE("load: Cora needs no files, and is what the registry says") {
  const auto data = datasets::load("cora", {});
  const auto& known = datasets::known_datasets()[0];
  CHECK(static_cast<std::size_t>(data.num_nodes()) == known.nodes);
  CHECK(static_cast<std::size_t>(data.graph.num_edges()) == known.edges);
  CHECK(data.features.columns == known.features);
  CHECK(static_cast<std::size_t>(data.num_classes) == known.classes);
}

TEST_CASE("load: a set is found in data_dir/NAME, in data_dir, and as a folder") {
  gnn::test::TemporaryFolder folder;
  gnn::test::write_planetoid(folder, gnn::test::tiny_planetoid());
  CHECK(datasets::load("tiny", folder.path()).num_nodes() == 8);
  CHECK(datasets::load(folder.path().string(), {}).name == "tiny");

  std::filesystem::create_directory(folder.path() / "tiny");
  for (const auto& [part, bytes] : gnn::test::tiny_planetoid()) {
    std::filesystem::rename(folder.path() / ("ind.tiny." + part),
                            folder.path() / "tiny" / ("ind.tiny." + part));
  }
  CHECK(datasets::load("tiny", folder.path()).num_nodes() == 8);
}

TEST_CASE("load: a missing file of a set is an input error, whichever it is") {
  for (const auto& [missing, bytes] : gnn::test::tiny_planetoid()) {
    gnn::test::TemporaryFolder folder;
    auto parts = gnn::test::tiny_planetoid();
    parts.erase(missing);
    gnn::test::write_planetoid(folder, parts);
    CHECK(contains(error_text([&] { datasets::load("tiny", folder.path()); }),
                   "3 ind.tiny." + missing + ": no such"));
  }
}

TEST_CASE("load: an unknown name is a usage error with a suggestion") {
  CHECK(error_text([] { datasets::load("coar", {}); }) ==
        "2 --data: no data set 'coar'; did you mean 'cora'?");
  CHECK(error_text([] { datasets::load("xyzzy", "/"); }) == "2 --data: no data set 'xyzzy'");
  CHECK(error_text([] { datasets::load("../cora", {}); }).starts_with("2 --data: no data set '../cora'"));
  CHECK(error_text([] { datasets::load("", {}); }) == "2 --data: no data set ''");
}

TEST_CASE("load: a known name without files is a file error that says where it looked") {
  gnn::test::TemporaryFolder folder;
  const std::string text = error_text([&] { datasets::load("citeseer", folder.path()); });
  CHECK(text.starts_with("4 citeseer: found no files"));
  CHECK(contains(text, (folder.path() / "citeseer").string()));
  try {
    datasets::load("citeseer", {});
  } catch (const gnn::Error& error) {
    CHECK(contains(error.hint(), "--data-dir or GNN_DATA_DIR"));
  }
}

TEST_CASE("load: a folder without exactly one set is a usage error") {
  gnn::test::TemporaryFolder folder;
  CHECK(contains(error_text([&] { datasets::load(folder.path().string(), {}); }), "found 0 sets"));
  folder.write("ind.a.x", "");
  folder.write("ind.b.x", "");
  CHECK(contains(error_text([&] { datasets::load(folder.path().string(), {}); }), "found 2 sets"));
}

TEST_CASE("suggest: the closest word within a few edits") {
  constexpr std::array<std::string_view, 4> words = {"train", "eval", "predict", "config"};
  CHECK(datasets::suggest("trian", words) == "train");
  CHECK(datasets::suggest("predcit", words) == "predict");
  CHECK(datasets::suggest("evla", words) == "eval");
  CHECK(datasets::suggest("zzz", words).empty());
  CHECK(datasets::suggest("", words).empty());
  CHECK(datasets::edit_distance("trian", "train") == 1);
  CHECK(datasets::edit_distance("kitten", "sitting") == 3);
  CHECK(datasets::edit_distance("", "abc") == 3);
}
