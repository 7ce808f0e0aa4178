// SPDX-License-Identifier: Apache-2.0
// Any bytes as an npz archive, or as the arrays in one: a value or Error(input).
#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>
#include <datasets/formats/npz.hpp>
#include <datasets/formats/npz_dataset.hpp>
#include <datasets/fuzz_input.hpp>
#include <datasets/fuzz_target.hpp>

namespace {

/// An archive whose headers and check sums are right: every array is a byte for its name, one for its type,
/// one for each side of its shape, and its numbers.
std::vector<std::byte> sound_archive(std::span<const std::byte> bytes) {
  constexpr const char* names[] = {"adj_data",   "adj_indices",  "adj_indptr",  "adj_shape",
                                   "edge_index", "edges",        "x",           "labels",
                                   "attr_data",  "attr_indices", "attr_indptr", "attr_shape",
                                   "train_mask", "val_masks",    "num_nodes",   "class_names"};
  constexpr std::pair<const char*, std::size_t> types[] = {
      {"|b1", 1}, {"|i1", 1}, {"<i8", 8}, {"<f4", 4}, {"|S2", 2}};
  std::vector<std::pair<std::string, std::vector<std::byte>>> arrays;
  std::size_t at = 0;
  const auto next = [&] { return at < bytes.size() ? std::to_integer<std::size_t>(bytes[at++]) : 0; };
  while (at < bytes.size() && arrays.size() < std::size(names)) {
    const std::size_t choice = next();
    const auto& [descr, item] = types[next() % std::size(types)];
    std::vector<std::size_t> shape = {next() % 16};
    if (choice & 16) shape.push_back(next() % 16);
    std::vector<std::byte> data(item * shape[0] * (shape.size() > 1 ? shape[1] : 1));
    // One byte a number: small numbers are the ones that fit together.
    for (std::size_t i = 0; i < data.size(); i += item) {
      const auto value = std::byte(next());
      data[i] = value;
      if (item == 8 && value >= std::byte(128)) std::fill_n(data.begin() + std::ptrdiff_t(i), item, value);
      if (item == 4) std::fill_n(data.begin() + std::ptrdiff_t(i), 3, std::byte(0)), data[i + 3] = value;
    }
    arrays.emplace_back(names[choice % 16], gnn::datasets::make_npy(descr, shape, data));
  }
  return gnn::datasets::make_npz(arrays);
}

}  // namespace

GNN_FUZZ_TARGET(fuzz_npz) {
  namespace datasets = gnn::datasets;
  using gnn::test::expect_value_or_input_error;
  const gnn::test::FuzzedFile input(data, size);
  const bool is_sound = (input.choice & 128) != 0;
  const auto bytes = input.file.bytes();
  const datasets::InputFile file(
      "input", is_sound ? sound_archive(bytes) : std::vector<std::byte>(bytes.begin(), bytes.end()));
  expect_value_or_input_error([&] {
    datasets::Npz npz(file.bytes(), "input");
    for (const std::string& name : npz.names()) expect_value_or_input_error([&] { npz.array(name); });
  });
  expect_value_or_input_error(
      [&] { gnn::test::expect_graph(datasets::read_npz_edges(file, input.options)); });
  expect_value_or_input_error([&] { datasets::read_npz_features(file, 3); });
  expect_value_or_input_error([&] { datasets::read_npz_dataset(file); });
  return 0;
}
