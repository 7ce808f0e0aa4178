// SPDX-License-Identifier: Apache-2.0
#include <datasets/splits.hpp>

#include <doctest/doctest.h>

#include <set>

#include "error_text.hpp"

namespace datasets = gnn::datasets;
using gnn::test::error_text;
using Nodes = std::vector<gnn::NodeId>;

namespace {

/// 100 nodes: class = node mod 3, but every tenth has no label.
std::vector<std::int32_t> labels() {
  std::vector<std::int32_t> result;
  for (int node = 0; node < 100; ++node) result.push_back(node % 10 == 0 ? -1 : node % 3);
  return result;
}

std::size_t size(const datasets::Split& split) {
  return split.train.size() + split.val.size() + split.test.size();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("random_split: takes the asked number of nodes of each class, the rest tests") {
  const auto split = datasets::random_split(labels(), 4, 5, 1);
  CHECK(split.train.size() == 12);
  CHECK(split.val.size() == 15);
  CHECK(size(split) == 90);
  std::vector<int> counts(3);
  for (const auto node : split.train)
    ++counts.at(static_cast<std::size_t>(labels()[static_cast<std::size_t>(node)]));
  CHECK(counts == std::vector<int>{4, 4, 4});
  datasets::validate(split, 100);
}

TEST_CASE("random_split: the seed decides, on every platform alike") {
  const auto split = datasets::random_split(labels(), 1, 1, 7);
  CHECK(split.train == datasets::random_split(labels(), 1, 1, 7).train);
  CHECK(split.train != datasets::random_split(labels(), 1, 1, 8).train);
  CHECK(split.train == Nodes{66, 79, 86});
}

TEST_CASE("random_split: a class that is too small is named") {
  const std::vector<std::int32_t> few = {0, 0, 0, 1};
  CHECK(error_text([&] { datasets::random_split(few, 1, 1, 0); }) ==
        "2 random split: expected at least 2 nodes in each class, found 1 in class 1");
  CHECK(size(datasets::random_split({}, 1, 1, 0)) == 0);
}

TEST_CASE("ratio_split: shares of the labelled nodes") {
  const auto split = datasets::ratio_split(labels(), 0.6, 0.2, 3);
  CHECK(split.train.size() == 54);
  CHECK(split.val.size() == 18);
  CHECK(split.test.size() == 18);
  datasets::validate(split, 100);
  CHECK(datasets::ratio_split(labels(), 0.7, 0.3, 3).test.empty());
  CHECK(contains(error_text([] { datasets::ratio_split(labels(), 0.9, 0.2, 3); }), "2 ratio split"));
  CHECK(contains(error_text([] { datasets::ratio_split(labels(), -0.1, 0.2, 3); }), "got -0.1 and 0.2"));
}

TEST_CASE("kfold_splits: every node tests once and validates once") {
  const auto splits = datasets::kfold_splits(labels(), 4, 5);
  REQUIRE(splits.size() == 4);
  std::multiset<gnn::NodeId> tested, validated;
  for (const auto& split : splits) {
    datasets::validate(split, 100);
    CHECK(size(split) == 90);
    tested.insert(split.test.begin(), split.test.end());
    validated.insert(split.val.begin(), split.val.end());
  }
  CHECK(tested.size() == 90);
  CHECK(std::set<gnn::NodeId>(tested.begin(), tested.end()).size() == 90);
  CHECK(tested == validated);
  CHECK(
      contains(error_text([] { datasets::kfold_splits(labels(), 2, 5); }), "expected 3 to 90 folds, got 2"));
}

TEST_CASE("split as JSON: written and read again it is the same") {
  const datasets::Split split = {"mine", {0, 2}, {1}, {3, 4}};
  const std::string text = datasets::to_json(split);
  CHECK(text == "{\"name\":\"mine\",\"train\":[0,2],\"val\":[1],\"test\":[3,4]}\n");
  const auto again = datasets::split_from_json(text, "split.json", 5);
  CHECK(again.name == "mine");
  CHECK(again.train == split.train);
  CHECK(again.val == split.val);
  CHECK(again.test == split.test);
}

TEST_CASE("split as JSON: anything else is refused") {
  const auto refusal = [](const std::string& text) {
    return error_text([&] { datasets::split_from_json(text, "s.json", 5); });
  };
  CHECK(refusal(R"({"train":[2,0],"val":[],"test":[]})") == "no error");
  CHECK(contains(refusal("{\n \"train\": [1,,2]}"), "3 s.json:2:14: expected JSON, found ',2]}'"));
  CHECK(contains(refusal(""), "s.json:1:1: expected JSON, found the end of the file"));
  CHECK(contains(refusal("[1]"), "expected an object, found array"));
  CHECK(contains(refusal(R"({"train":[0],"train":[1]})"), "each key once, found 'train' twice"));
  CHECK(contains(refusal(R"({"train":[[[0]]]})"), "deeper nesting"));
  CHECK(contains(refusal(R"({"train":[0],"dev":[1]})"), "found 'dev'"));
  CHECK(contains(refusal(R"({"train":[0],"val":[1]})"), "a list of nodes under 'test', found none"));
  CHECK(
      contains(refusal(R"({"train":[-1],"val":[],"test":[]})"), "train: expected node numbers, found '-1'"));
  CHECK(contains(refusal(R"({"train":[1.0],"val":[],"test":[]})"), "found '1.0'"));
  CHECK(contains(refusal(R"({"train":[1e999],"val":[],"test":[]})"), "a number out of range"));
  CHECK(contains(refusal(R"({"train":[99999999999999999999999],"val":[],"test":[]})"),
                 "train: expected node numbers"));
  CHECK(contains(refusal(R"({"train":[5],"val":[],"test":[]})"),
                 "3 s.json: split: train: expected nodes below 5, found 5"));
  CHECK(contains(refusal(R"({"train":[1,1],"val":[],"test":[]})"), "found 1 after 1"));
  CHECK(contains(refusal(R"({"train":[1],"val":[1],"test":[]})"), "no other part, found 1"));
  CHECK(contains(refusal(R"({"name":1,"train":[1],"val":[],"test":[]})"), "text as the name"));
}
