// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The program of the GAT authors on Cora: biases in the scores, an input mask for each head, a second dropout
// on the projected rows, and a stopping rule of their own.
constexpr PresetValue cora[] = {
    {"layers", "2"},
    {"hidden", "8"},
    {"heads", "8"},
    {"out-heads", "1"},
    {"dropout", "0.6"},
    {"attn-dropout", "0.6"},
    {"feature-dropout", "0.6"},
    {"mask-per-head", "on"},
    {"negative-slope", "0.2"},
    {"residual", "none"},
    {"residual-layers", "all"},
    {"residual-bias", "off"},
    {"score-bias", "on"},
    {"init", "authors"},
    {"normalize", "row"},
    {"self-loops", "add"},
    {"optimizer", "adam"},
    {"lr", "0.005"},
    {"l2", "0.0005"},
    {"l2-bias", "on"},
    {"batch", "1"},
    {"epochs", "100000"},
    {"stop", "gat"},
    {"patience", "100"},
    {"monitor", "val-loss"},
    {"ties", "first"},
    {"restore", "best"},
};

// An author's word on Citeseer: only the accuracy counted, and an equal one counted as progress.
constexpr PresetValue citeseer[] = {{"stop", "patience"}, {"monitor", "val-acc"}, {"ties", "last"}};

constexpr PresetValue pubmed_authors[] = {{"out-heads", "8"}, {"lr", "0.01"}, {"l2", "0.001"}};

// The authors' rule alone gives 77.7 % on Pubmed, here as in reruns of their program. The benchmark of PyTorch Geometric
// keeps their sizes and rates, and takes the epoch with the lowest validation loss of 1000.
constexpr PresetValue pubmed[] = {
    {"out-heads", "8"},   {"lr", "0.01"},     {"l2", "0.001"},      {"feature-dropout", "0"}, {"mask-per-head", "off"},
    {"score-bias", "off"}, {"init", "glorot"}, {"epochs", "1000"}, {"stop", "none"}};

// The layer as PyTorch Geometric has it, trained as the authors did on Cora.
constexpr PresetValue pyg[] = {
    {"feature-dropout", "0"}, {"mask-per-head", "off"}, {"score-bias", "off"}, {"init", "glorot"}};

// The paper on PPI: three layers, a learned skip connection with bias around the middle one, nothing dropped, no L2.
constexpr PresetValue ppi[] = {
    {"layers", "3"},       {"hidden", "256"},      {"heads", "4"},     {"out-heads", "6"},
    {"dropout", "0"},      {"attn-dropout", "0"},  {"feature-dropout", "0"},
    {"mask-per-head", "off"}, {"residual", "linear"}, {"residual-layers", "inner"}, {"residual-bias", "on"},
    {"normalize", "standard"}, {"l2", "0"},        {"batch", "2"},
    {"stop", "patience"}, {"monitor", "val-f1"}};

// The layer of PyTorch Geometric with its skip connections in all layers, trained as gat/ppi.
constexpr PresetValue ppi_skip[] = {
    {"layers", "3"},       {"hidden", "256"},      {"heads", "4"},     {"out-heads", "6"},
    {"dropout", "0"},      {"attn-dropout", "0"},  {"feature-dropout", "0"},
    {"mask-per-head", "off"}, {"score-bias", "off"}, {"residual", "linear"}, {"residual-bias", "on"},
    {"init", "glorot"},    {"normalize", "none"},  {"l2", "0"},        {"batch", "2"}};

// The network of gatv2/dictionary-lookup with GAT's layer, which adds self-loops and has a bias.
constexpr PresetValue dictionary[] = {
    {"layers", "1"},       {"hidden", "128"},      {"heads", "1"},        {"dropout", "0"},      {"attn-dropout", "0"},
    {"feature-dropout", "0"}, {"mask-per-head", "off"}, {"score-bias", "off"}, {"init", "glorot"}, {"encoder", "128"},
    {"linear-head", "on"}, {"normalize", "none"},  {"lr", "0.001"},       {"l2", "0"},           {"clip-norm", "1"},
    {"batch", "256"},      {"epochs", "50"},       {"stop", "patience"},  {"patience", "10"},    {"monitor", "val-acc"}};

constexpr Preset table[] = {
    {"gat/cora", "gat", "cora", "the authors' program, Velickovic et al. 2018", cora, {}},
    {"gat/citeseer", "gat", "citeseer", "the same; stops on accuracy alone, as the author wrote", cora, citeseer},
    {"gat/pubmed", "gat", "pubmed", "the benchmark of PyTorch Geometric: lowest validation loss of 1000 epochs", cora, pubmed},
    {"gat/pubmed-authors", "gat", "", "gat/cora with 8 heads in the last layer, other rates", cora, pubmed_authors},
    {"gat/ppi", "gat", "ppi", "the paper on PPI: batches of 2 graphs, skip connection in the middle layer", cora, ppi},
    {"gat/ppi-skip", "gat", "", "the same with PyTorch Geometric's layer and skip connections in all layers", cora, ppi_skip},
    {"gat/dictionary-lookup", "gat", "dictionary-lookup", "Brody et al. 2022 on DictionaryLookup, one head", cora, dictionary},
    {"pyg", "gat", "", "the layer of PyTorch Geometric, trained as gat/cora", cora, pyg},
};

}  // namespace

std::span<const Preset> gat_presets() { return table; }

}  // namespace gnn::inline GNN_PRECISION
