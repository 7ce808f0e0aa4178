// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The layer as in the paper's experiments, with shared weights and without bias in the projections, and with a bias
// behind the sum; trained as GAT's authors did on Cora. The paper has no results on these sets.
constexpr PresetValue layer[] = {{"feature-dropout", "0"}, {"mask-per-head", "off"}, {"share-weights", "on"}, {"projection-bias", "off"},
                                 {"output-bias", "on"},    {"encoder", "0"},         {"linear-head", "off"},  {"init", "glorot"},
                                 {"clip-norm", "0"}};

// The paper's network: embeddings of key and value, summed, ReLU, one layer of one head without any bias, and a dense map
// to the values. Smaller batches than the paper's 1024 graphs, so that an epoch has about 100 steps.
constexpr PresetValue dictionary[] = {
    {"layers", "1"},       {"hidden", "128"},       {"heads", "1"},          {"dropout", "0"},     {"attn-dropout", "0"},
    {"output-bias", "off"}, {"encoder", "128"},     {"linear-head", "on"},   {"normalize", "none"}, {"self-loops", "keep"},
    {"lr", "0.001"},       {"l2", "0"},             {"clip-norm", "1"},      {"batch", "256"},     {"epochs", "50"},
    {"stop", "patience"},  {"patience", "10"},      {"monitor", "val-acc"}};

constexpr Preset table[] = {
    {"gatv2/cora", "gatv2", "cora", "Brody et al. 2022's layer, trained as gat/cora", {{gat_on_cora, layer}}},
    {"gatv2/citeseer", "gatv2", "citeseer", "the same, stops as gat/citeseer", {{gat_on_cora, layer, gat_on_citeseer}}},
    {"gatv2/pubmed", "gatv2", "pubmed", "the same; last layer and rates as gat/pubmed", {{gat_on_cora, layer, gat_on_pubmed}}},
    {"gatv2/ppi", "gatv2", "ppi", "the same; network and batches as gat/ppi", {{gat_on_cora, layer, gat_on_ppi, gat_on_ppi_paper}}},
    {"gatv2/dictionary-lookup", "gatv2", "dictionary-lookup", "the paper on DictionaryLookup", {{gat_on_cora, layer, dictionary}}},
};

}  // namespace

std::span<const Preset> gatv2_presets() { return table; }

}  // namespace gnn::inline GNN_PRECISION
