// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The authors' program on Cora.
constexpr PresetValue cora[] = {
    {"hidden", "64"},        {"hops", "10"},        {"dropout", "0.8"},  {"normalize", "row"},
    {"self-loops", "fill"},  {"optimizer", "adam"}, {"lr", "0.01"},      {"l2", "0.005"},
    {"l2-bias", "on"},       {"epochs", "1000"},    {"stop", "window"},  {"stop-window", "100"},
    {"monitor", "val-loss"}, {"ties", "first"},     {"restore", "best"},
};

constexpr PresetValue citeseer[] = {{"l2", "0.02"}, {"dropout", "0.5"}};
constexpr PresetValue pubmed[] = {{"hops", "20"}};
constexpr PresetValue coauthor[] = {
    {"hops", "5"}, {"l2", "0"}, {"split", "random:20/30"}, {"split-per-run", "on"}};
constexpr PresetValue photo[] = {
    {"hops", "5"}, {"l2", "0.0005"}, {"dropout", "0.5"}, {"split", "random:20/30"}, {"split-per-run", "on"}};
constexpr PresetValue computers[] = {
    {"hops", "5"},          {"l2", "5e-05"},         {"dropout", "0.5"},     {"epochs", "3000"},
    {"stop-window", "300"}, {"split", "random:20/30"}, {"split-per-run", "on"}};

// For other graphs: the features as they come.
constexpr PresetValue any[] = {{"dropout", "0.5"}, {"normalize", "none"}, {"l2", "0.0005"}};

constexpr Preset table[] = {
    {"dagnn/cora", "dagnn", "cora", "the authors' program, Liu, Gao and Ji 2020", {{cora}}},
    {"dagnn/citeseer", "dagnn", "citeseer", "the authors' program", {{cora, citeseer}}},
    {"dagnn/pubmed", "dagnn", "pubmed", "the authors' program", {{cora, pubmed}}},
    {"dagnn/coauthor-cs", "dagnn", "coauthor-cs",
     "the authors' program; a new split each run, 20 and 30 a class", {{cora, coauthor}}},
    {"dagnn/coauthor-physics", "dagnn", "coauthor-physics",
     "the authors' program; a new split each run, 20 and 30 a class", {{cora, coauthor}}},
    {"dagnn/amazon-computers", "dagnn", "amazon-computers",
     "the authors' program; a new split each run, 20 and 30 a class", {{cora, computers}}},
    {"dagnn/amazon-photo", "dagnn", "amazon-photo",
     "the authors' program; a new split each run, 20 and 30 a class", {{cora, photo}}},
    {"dagnn", "dagnn", any_data, "for other graphs: moderate dropout and L2", {{cora, any}}},
};

}  // namespace

std::span<const Preset> dagnn_presets() {
  return table;
}

}  // namespace gnn::inline GNN_PRECISION
