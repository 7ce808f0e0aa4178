// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <datasets/formats/tables.hpp>

namespace gnn::test {

/// The first byte of a fuzzed table chooses how the rest is read.
struct FuzzedTable {
  std::string_view text;
  datasets::Nodes nodes;
  datasets::TableOptions options;

  FuzzedTable(const std::uint8_t* data, std::size_t size) {
    static const std::vector<std::string> names = {"a", "b", "c", "label", "train"};
    const unsigned choice = size > 0 ? data[0] : 0;
    text = {reinterpret_cast<const char*>(data) + (size > 0 ? 1 : 0), size > 0 ? size - 1 : 0};
    nodes = {static_cast<NodeId>(choice & 4 ? 3 : 5), {}};
    if (choice & 1) nodes = {5, names};
    if (choice & 2) options.id_column = choice & 8 ? "none" : "2";
    if (choice & 16) options.label_column = choice & 32 ? "a*" : "2,3";
    if (choice & 64) options.header = (choice & 128) != 0;
    if (choice & 128) options.label_kind = datasets::LabelKind::multi;
  }
};

}  // namespace gnn::test
