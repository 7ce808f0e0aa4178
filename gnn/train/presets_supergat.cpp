// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The settings for GO and DP differ in nothing else.
constexpr PresetValue as_go[] = {{"attention", "go"}};
constexpr PresetValue as_dp[] = {{"attention", "dp"}};

constexpr PresetValue cora_mx[] = {
    {"attention", "mx"},
    {"lr", "0.005"},
    {"epochs", "490"},
    {"l2", "0.008228864972965771"},
    {"edge-loss", "11.346574532931719"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "485"},
    {"stop-window", "484"},
    {"min-delta", "0.009317052513589488"},
    {"min-delta-acc", "0.0011587124922279313"},
};

constexpr PresetValue cora_sd[] = {
    {"attention", "sd"},
    {"lr", "0.005"},
    {"epochs", "491"},
    {"l2", "0.007829935944807744"},
    {"edge-loss", "10.882669368965983"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "59"},
    {"stop-window", "498"},
    {"min-delta", "0.0011497329907436272"},
    {"min-delta-acc", "1.0140218530079797e-05"},
};

constexpr PresetValue cora_go[] = {
    {"lr", "0.005"},         {"epochs", "450"},           {"l2", "0.015"},
    {"edge-loss", "1"},   {"neg-ratio", "0.5"},    {"edge-ratio", "0.8"},       {"patience", "100"},
    {"stop-window", "300"}, {"min-delta", "0.0001"}, {"min-delta-acc", "0.0001"},
};

constexpr PresetValue citeseer_mx[] = {
    {"attention", "mx"},
    {"lr", "0.005"},
    {"epochs", "223"},
    {"l2", "0.04161321832213915"},
    {"edge-loss", "0.013081692727373775"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "129"},
    {"stop-window", "220"},
    {"min-delta", "1.4730327078228388e-05"},
    {"min-delta-acc", "5.143635853336896e-05"},
};

constexpr PresetValue citeseer_sd[] = {
    {"attention", "sd"},
    {"lr", "0.005"},
    {"epochs", "237"},
    {"l2", "0.04823808657152353"},
    {"edge-loss", "0.09073992827567624"},
    {"neg-ratio", "0.3"},
    {"edge-ratio", "0.8"},
    {"patience", "45"},
    {"stop-window", "48"},
    {"min-delta", "0.059258198559722364"},
    {"min-delta-acc", "0.015724256053585475"},
};

constexpr PresetValue citeseer_go[] = {
    {"lr", "0.005"},        {"epochs", "300"},          {"l2", "0.035"},
    {"edge-loss", "1"},  {"neg-ratio", "0.5"},   {"edge-ratio", "0.8"},      {"patience", "150"},
    {"stop-window", "50"}, {"min-delta", "5e-05"}, {"min-delta-acc", "5e-05"},
};

constexpr PresetValue pubmed_mx[] = {
    {"attention", "mx"},
    {"lr", "0.01"},
    {"epochs", "479"},
    {"l2", "0.00021866527730714198"},
    {"edge-loss", "10.452051802920762"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.6"},
    {"patience", "170"},
    {"stop-window", "368"},
    {"min-delta", "1.7088830141810094e-05"},
    {"min-delta-acc", "2.1172922136592135e-05"},
};

constexpr PresetValue pubmed_sd[] = {
    {"attention", "sd"},
    {"lr", "0.01"},
    {"epochs", "495"},
    {"l2", "0.00020309275632067025"},
    {"edge-loss", "18.82560333410269"},
    {"neg-ratio", "0.7"},
    {"edge-ratio", "0.6"},
    {"patience", "348"},
    {"stop-window", "444"},
    {"min-delta", "0.0005431358624113837"},
    {"min-delta-acc", "0.0004114254505948334"},
};

constexpr PresetValue pubmed_go[] = {
    {"lr", "0.01"},          {"epochs", "500"},           {"l2", "0.0005"},
    {"edge-loss", "1"},   {"neg-ratio", "0.5"},    {"edge-ratio", "0.8"},       {"patience", "300"},
    {"stop-window", "400"}, {"min-delta", "0.0005"}, {"min-delta-acc", "0.0005"},
};

constexpr PresetValue ppi_mx[] = {
    {"attention", "mx"},
    {"lr", "0.005"},
    {"epochs", "387"},
    {"l2", "1e-07"},
    {"edge-loss", "1.7854424927031092e-06"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "1"},
    {"patience", "380"},
    {"stop-window", "56"},
    {"min-delta", "0.0001319912755130164"},
    {"min-delta-acc", "2.9273314110887124e-05"},
    {"dropout", "0"},
    {"attn-dropout", "0"},
    {"monitor", "val-f1"},
};

constexpr PresetValue ppi_sd[] = {
    {"attention", "sd"},
    {"lr", "0.005"},
    {"epochs", "399"},
    {"l2", "3.385525115529523e-07"},
    {"edge-loss", "0.001034351842041979"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "1"},
    {"patience", "59"},
    {"stop-window", "276"},
    {"min-delta", "1.4036329877959153e-05"},
    {"min-delta-acc", "4.427368670672169e-05"},
    {"dropout", "0"},
    {"attn-dropout", "0"},
    {"monitor", "val-f1"},
};

constexpr PresetValue ppi_go[] = {
    {"lr", "0.005"},        {"epochs", "400"},          {"l2", "1e-06"},
    {"edge-loss", "0.1"},   {"neg-ratio", "0.5"},   {"edge-ratio", "1"},      {"patience", "250"},
    {"stop-window", "100"}, {"min-delta", "0.001"}, {"min-delta-acc", "0.001"}, {"dropout", "0"},
    {"attn-dropout", "0"},  {"monitor", "val-f1"},
};

constexpr Preset table[] = {
    {"supergat/cora", "supergat", "cora", "the authors' program, Kim and Oh 2021", {{supergat_common, cora_mx}}},
    {"supergat/cora-sd", "supergat", "", "the same with scaled dot products", {{supergat_common, cora_sd}}},
    {"supergat/cora-go", "supergat", "", "the same with the score of GAT", {{supergat_common, cora_go, as_go}}},
    {"supergat/cora-dp", "supergat", "", "the same with dot products", {{supergat_common, cora_go, as_dp}}},
    {"supergat/citeseer", "supergat", "citeseer", "the authors' program, Kim and Oh 2021", {{supergat_common,
     citeseer_mx}}},
    {"supergat/citeseer-sd", "supergat", "", "the same with scaled dot products", {{supergat_common, citeseer_sd}}},
    {"supergat/citeseer-go", "supergat", "", "the same with the score of GAT", {{supergat_common, citeseer_go, as_go}}},
    {"supergat/citeseer-dp", "supergat", "", "the same with dot products", {{supergat_common, citeseer_go, as_dp}}},
    {"supergat/pubmed", "supergat", "pubmed", "the authors' program, Kim and Oh 2021", {{supergat_common, pubmed_mx}}},
    {"supergat/pubmed-sd", "supergat", "", "the same with scaled dot products", {{supergat_common, pubmed_sd}}},
    {"supergat/pubmed-go", "supergat", "", "the same with the score of GAT", {{supergat_common, pubmed_go, as_go}}},
    {"supergat/pubmed-dp", "supergat", "", "the same with dot products", {{supergat_common, pubmed_go, as_dp}}},
    {"supergat/ppi", "supergat", "ppi", "the authors' program, Kim and Oh 2021", {{supergat_common, ppi_mx}}},
    {"supergat/ppi-sd", "supergat", "", "the same with scaled dot products", {{supergat_common, ppi_sd}}},
    {"supergat/ppi-go", "supergat", "", "the same with the score of GAT", {{supergat_common, ppi_go, as_go}}},
    {"supergat/ppi-dp", "supergat", "", "the same with dot products", {{supergat_common, ppi_go, as_dp}}},
};

}  // namespace

std::span<const Preset> supergat_presets() {
  return table;
}

}  // namespace gnn::inline GNN_PRECISION
