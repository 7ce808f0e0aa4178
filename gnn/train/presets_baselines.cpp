// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Kipf and Welling's program: 200 epochs, L2 on the first layer alone. It keeps the last weights; its early stopping, a
// validation loss above the mean of the last 10, hardly ever acts before.
constexpr PresetValue gcn[] = {
    {"layers", "2"},       {"hidden", "16"},     {"heads", "1"},      {"out-heads", "1"},   {"dropout", "0.5"},
    {"encoder", "0"},      {"linear-head", "off"}, {"normalize", "row"}, {"self-loops", "add"}, {"optimizer", "adam"},
    {"lr", "0.01"},        {"l2", "0"},          {"l2-conv", "0.0005"}, {"l2-bias", "off"},   {"batch", "1"},
    {"epochs", "200"},     {"stop", "none"},     {"monitor", "val-loss"}, {"ties", "first"},  {"restore", "last"},
};

// The same without edges, and with L2 on all weights, as the paper's baseline has it.
constexpr PresetValue mlp[] = {{"l2", "0.0005"}, {"self-loops", "keep"}};

constexpr Preset table[] = {
    {"gcn/cora", "gcn", "cora", "Kipf and Welling 2017", {{gcn}}},
    {"gcn/citeseer", "gcn", "citeseer", "Kipf and Welling 2017", {{gcn}}},
    {"gcn/pubmed", "gcn", "pubmed", "Kipf and Welling 2017", {{gcn}}},
    {"mlp/cora", "mlp", "cora", "as gcn/cora, without edges", {{gcn, mlp}}},
    {"mlp/citeseer", "mlp", "citeseer", "as gcn/citeseer, without edges", {{gcn, mlp}}},
    {"mlp/pubmed", "mlp", "pubmed", "as gcn/pubmed, without edges", {{gcn, mlp}}},
};

}  // namespace

std::span<const Preset> baseline_presets() { return table; }

}  // namespace gnn::inline GNN_PRECISION
