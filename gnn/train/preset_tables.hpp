// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/train/presets.hpp>

/// The presets of each model, in presets_MODEL.cpp; presets.cpp joins them. First the lists that several files share.
namespace gnn::inline GNN_PRECISION {

// The training of the GAT authors' program on Cora, and the sizes of its network.
inline constexpr PresetValue gat_on_cora[] = {
    {"layers", "2"},        {"hidden", "8"},           {"heads", "8"},           {"out-heads", "1"},   {"dropout", "0.6"},
    {"attn-dropout", "0.6"}, {"negative-slope", "0.2"}, {"residual", "none"},     {"residual-layers", "all"}, {"residual-bias", "off"},
    {"normalize", "row"},   {"self-loops", "add"},     {"optimizer", "adam"},    {"lr", "0.005"},      {"l2", "0.0005"},
    {"l2-bias", "on"},      {"batch", "1"},            {"epochs", "100000"},     {"stop", "gat"},      {"patience", "100"},
    {"monitor", "val-loss"}, {"ties", "first"},        {"restore", "best"}};

// An author's word on Citeseer: only the accuracy counted, and an equal one counted as progress.
inline constexpr PresetValue gat_on_citeseer[] = {{"stop", "patience"}, {"monitor", "val-acc"}, {"ties", "last"}};

// Pubmed's last layer and rates.
inline constexpr PresetValue gat_on_pubmed[] = {{"out-heads", "8"}, {"lr", "0.01"}, {"l2", "0.001"}};

// The paper's network on PPI: three layers with learned skip connections, nothing dropped, no L2.
inline constexpr PresetValue gat_on_ppi[] = {
    {"layers", "3"},       {"hidden", "256"},      {"heads", "4"},           {"out-heads", "6"}, {"dropout", "0"},
    {"attn-dropout", "0"}, {"residual", "linear"}, {"residual-bias", "on"}, {"l2", "0"},        {"batch", "2"}};

// Its skip connection around the middle layer only, and the rest of its training.
inline constexpr PresetValue gat_on_ppi_paper[] = {
    {"residual-layers", "inner"}, {"normalize", "standard"}, {"stop", "patience"}, {"monitor", "val-f1"}};

// What all settings of the authors' program share: two layers of 8 heads, raw features, L2 on everything, the
// last of the epochs with the best validation accuracy. Their many decimals are those of a search.
inline constexpr PresetValue supergat_common[] = {
    {"layers", "2"},           {"hidden", "8"},        {"heads", "8"},
    {"out-heads", "8"},        {"dropout", "0.6"},     {"attn-dropout", "0.6"},
    {"negative-slope", "0.2"}, {"encoder", "0"},       {"linear-head", "off"},
    {"init", "authors"},       {"normalize", "none"},  {"self-loops", "add"},
    {"optimizer", "adam"},     {"l2-bias", "on"},      {"batch", "1"},
    {"stop", "relative"},      {"monitor", "val-acc"}, {"ties", "last"},
    {"restore", "best"},
};


std::span<const Preset> aero_presets();
std::span<const Preset> dagnn_presets();
std::span<const Preset> gat_presets();
std::span<const Preset> gatv2_presets();
std::span<const Preset> supergat_presets();
std::span<const Preset> more_supergat_presets();
std::span<const Preset> baseline_presets();
std::span<const Preset> latte_presets();

}  // namespace gnn::inline GNN_PRECISION
