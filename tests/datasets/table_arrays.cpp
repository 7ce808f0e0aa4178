// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <datasets/error_text.hpp>
#include <datasets/formats/npz.hpp>
#include <datasets/formats/tables.hpp>
#include <graphs/file.hpp>
#include <support/temporary_folder.hpp>

using gnn::NodeId;
using gnn::test::error_text;
using namespace gnn::datasets;

namespace {

const Nodes three{3, {}};
using Shape = std::vector<std::size_t>;
using Bytes = std::vector<std::uint8_t>;

std::vector<std::byte> array(const std::string& descr, const Shape& shape, const Bytes& values) {
  return make_npy(descr, shape, std::as_bytes(std::span(values)));
}

/// An npz file of three masks of this shape.
std::vector<std::byte> masks(const Shape& shape, const Bytes& train, const Bytes& val, const Bytes& test,
                             const std::string& ending = "_mask") {
  return make_npz({{"train" + ending, array("|b1", shape, train)},
                   {"val" + ending, array("|u1", shape, val)},
                   {"test" + ending, array("|i1", shape, test)}});
}

struct File {
  gnn::test::TemporaryFolder folder;
  std::filesystem::path path;
  File(const char* name, const std::vector<std::byte>& bytes) : path(folder.path() / name) {
    gnn::graphs::write_file_atomically(path, bytes);
  }
};

Split split_of(const std::vector<std::byte>& bytes, std::size_t fold = 0) {
  const File file("s.npz", bytes);
  return read_split(file.path, three, fold);
}

Labels labels_of(const std::vector<std::byte>& bytes) {
  const File file("y.npy", bytes);
  return read_labels(file.path, three, {});
}

using Nodes1 = std::vector<NodeId>;

}  // namespace

TEST_CASE("npz split: masks of one fold, or one of several by row or by column") {
  const Split one = split_of(masks({3}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}));
  CHECK(one.train == Nodes1{0});
  CHECK(one.val == Nodes1{1});
  CHECK(one.test == Nodes1{2});
  CHECK(one.name == "s.npz");
  CHECK(split_of(masks({2, 3}, {1, 0, 0, 0, 1, 1}, {0, 1, 0, 1, 0, 0}, {0, 0, 1, 0, 0, 0}, "_masks"), 1)
            .train == Nodes1{1, 2});
  CHECK(split_of(masks({3, 2}, {1, 0, 0, 1, 0, 1}, {0, 1, 1, 0, 0, 0}, {0, 0, 0, 0, 1, 0}), 1).train ==
        Nodes1{1, 2});
}

TEST_CASE("npz split: masks that overlap, are missing or have another size are refused") {
  const auto refusal = [](const std::vector<std::byte>& bytes, std::size_t fold = 0) {
    const std::string text = error_text([&] { split_of(bytes, fold); });
    return text.substr(std::min(text.find(".npz: ") + 6, text.size()));
  };
  CHECK(refusal(masks({3}, {1, 0, 0}, {0, 1, 0}, {1, 0, 1})) ==
        "expected masks that share no node, found node 0 in two");
  CHECK(refusal(masks({3}, {2, 0, 0}, {0, 1, 0}, {0, 0, 1})) ==
        "entry train_mask: row 0, column 0: expected 0 or 1, found 2");
  CHECK(refusal(masks({4}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0})).find("expected 3 values") !=
        std::string::npos);
  CHECK(refusal(masks({3}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}), 1).find("expected at least 2 folds") !=
        std::string::npos);
  CHECK(refusal(make_npz({{"train_mask", array("|b1", {3}, {1, 0, 0})}})).find("val_mask") !=
        std::string::npos);
}

TEST_CASE("npy labels: classes, -1 for unknown, or a table of zeros and ones") {
  CHECK(labels_of(array("|i1", {3}, {2, 255, 0})).labels == std::vector<std::int32_t>{2, -1, 0});
  CHECK(labels_of(array("|i1", {3, 1}, {2, 255, 0})).num_classes == 3);
  const Labels multi = labels_of(array("|u1", {3, 2}, {1, 0, 0, 1, 1, 1}));
  CHECK(multi.targets == Bytes{1, 0, 0, 1, 1, 1});
  CHECK(multi.labels == std::vector<std::int32_t>{0, 0, 0});
  const auto refusal = [](const std::vector<std::byte>& bytes) {
    return error_text([&] { labels_of(bytes); });
  };
  CHECK(refusal(array("|i1", {2}, {0, 1})).ends_with("y.npy: expected 3 rows, one a node, found 2"));
  CHECK(refusal(array("|i1", {3}, {0, 1, 254})).ends_with("or -1, found -2"));
  CHECK(refusal(array("|i1", {3, 0}, {})).ends_with("expected 3 rows, one a node, found 0"));
  CHECK(refusal(array("|u1", {3, 2}, {1, 0, 0, 2, 1, 1}))
            .ends_with("row 1, column 1: expected 0 or 1, found 2"));
}
