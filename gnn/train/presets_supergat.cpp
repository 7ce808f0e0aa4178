// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// What all settings of the authors' program share: two layers of 8 heads, raw features, L2 on everything, the
// last of the epochs with the best validation accuracy. Their many decimals are those of a search.
constexpr PresetValue common[] = {
    {"layers", "2"},           {"hidden", "8"},        {"heads", "8"},
    {"out-heads", "8"},        {"dropout", "0.6"},     {"attn-dropout", "0.6"},
    {"negative-slope", "0.2"}, {"encoder", "0"},       {"linear-head", "off"},
    {"init", "authors"},       {"normalize", "none"},  {"self-loops", "add"},
    {"optimizer", "adam"},     {"l2-bias", "on"},      {"batch", "1"},
    {"stop", "relative"},      {"monitor", "val-acc"}, {"ties", "last"},
    {"restore", "best"},
};

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
    {"attention", "go"},    {"lr", "0.005"},         {"epochs", "450"},           {"l2", "0.015"},
    {"edge-loss", "1"},   {"neg-ratio", "0.5"},    {"edge-ratio", "0.8"},       {"patience", "100"},
    {"stop-window", "300"}, {"min-delta", "0.0001"}, {"min-delta-acc", "0.0001"},
};

constexpr PresetValue cora_dp[] = {
    {"attention", "dp"},    {"lr", "0.005"},         {"epochs", "450"},           {"l2", "0.015"},
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
    {"attention", "go"},   {"lr", "0.005"},        {"epochs", "300"},          {"l2", "0.035"},
    {"edge-loss", "1"},  {"neg-ratio", "0.5"},   {"edge-ratio", "0.8"},      {"patience", "150"},
    {"stop-window", "50"}, {"min-delta", "5e-05"}, {"min-delta-acc", "5e-05"},
};

constexpr PresetValue citeseer_dp[] = {
    {"attention", "dp"},   {"lr", "0.005"},        {"epochs", "300"},          {"l2", "0.035"},
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
    {"attention", "go"},    {"lr", "0.01"},          {"epochs", "500"},           {"l2", "0.0005"},
    {"edge-loss", "1"},   {"neg-ratio", "0.5"},    {"edge-ratio", "0.8"},       {"patience", "300"},
    {"stop-window", "400"}, {"min-delta", "0.0005"}, {"min-delta-acc", "0.0005"},
};

constexpr PresetValue pubmed_dp[] = {
    {"attention", "dp"},    {"lr", "0.01"},          {"epochs", "500"},           {"l2", "0.0005"},
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
    {"attention", "go"},    {"lr", "0.005"},        {"epochs", "400"},          {"l2", "1e-06"},
    {"edge-loss", "0.1"},   {"neg-ratio", "0.5"},   {"edge-ratio", "1"},      {"patience", "250"},
    {"stop-window", "100"}, {"min-delta", "0.001"}, {"min-delta-acc", "0.001"}, {"dropout", "0"},
    {"attn-dropout", "0"},  {"monitor", "val-f1"},
};

constexpr PresetValue ppi_dp[] = {
    {"attention", "dp"},    {"lr", "0.005"},        {"epochs", "400"},          {"l2", "1e-06"},
    {"edge-loss", "0.1"},   {"neg-ratio", "0.5"},   {"edge-ratio", "1"},      {"patience", "250"},
    {"stop-window", "100"}, {"min-delta", "0.001"}, {"min-delta-acc", "0.001"}, {"dropout", "0"},
    {"attn-dropout", "0"},  {"monitor", "val-f1"},
};

constexpr PresetValue amazon_photo_mx[] = {
    {"attention", "mx"},
    {"lr", "0.01"},
    {"epochs", "324"},
    {"l2", "0.0013656032588819998"},
    {"edge-loss", "1.6269879095840356e-05"},
    {"neg-ratio", "0.9"},
    {"edge-ratio", "0.8"},
    {"patience", "394"},
    {"stop-window", "102"},
    {"min-delta", "0.00013300003087356383"},
    {"min-delta-acc", "0.0024800020379150784"},
};

constexpr PresetValue amazon_photo_sd[] = {
    {"attention", "sd"},
    {"lr", "0.01"},
    {"epochs", "474"},
    {"l2", "0.01759592506368423"},
    {"edge-loss", "0.9299225507909665"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "407"},
    {"stop-window", "181"},
    {"min-delta", "0.028140496310469058"},
    {"min-delta-acc", "3.9508228650877944e-05"},
};

constexpr PresetValue amazon_computers_mx[] = {
    {"attention", "mx"},
    {"lr", "0.01"},
    {"epochs", "470"},
    {"l2", "0.0016765269258151349"},
    {"edge-loss", "2.440037255628379e-06"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "455"},
    {"stop-window", "112"},
    {"min-delta", "0.00935296273087794"},
    {"min-delta-acc", "0.0006471070123918942"},
};

constexpr PresetValue amazon_computers_sd[] = {
    {"attention", "sd"},
    {"lr", "0.01"},
    {"epochs", "487"},
    {"l2", "2.4623874984377493e-10"},
    {"edge-loss", "5.042520009224816"},
    {"neg-ratio", "0.7"},
    {"edge-ratio", "0.8"},
    {"patience", "473"},
    {"stop-window", "65"},
    {"min-delta", "1.5454324806112966e-05"},
    {"min-delta-acc", "0.0011919229798258903"},
};

constexpr PresetValue coauthor_cs_mx[] = {
    {"attention", "mx"},
    {"lr", "0.01"},
    {"epochs", "199"},
    {"l2", "0.007087047209691167"},
    {"edge-loss", "7.731647590772792"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "161"},
    {"stop-window", "105"},
    {"min-delta", "6.753302365755324e-05"},
    {"min-delta-acc", "2.7736953149892394e-05"},
};

constexpr PresetValue coauthor_cs_sd[] = {
    {"attention", "sd"},
    {"lr", "0.01"},
    {"epochs", "181"},
    {"l2", "0.011411951171745392"},
    {"edge-loss", "10.755522284072981"},
    {"neg-ratio", "0.7"},
    {"edge-ratio", "0.8"},
    {"patience", "163"},
    {"stop-window", "19"},
    {"min-delta", "0.0008370197634949866"},
    {"min-delta-acc", "2.5905706514078907e-05"},
};

constexpr PresetValue coauthor_physics_mx[] = {
    {"attention", "mx"},
    {"lr", "0.01"},
    {"epochs", "193"},
    {"l2", "0.008492473777538388"},
    {"edge-loss", "10.11788751569541"},
    {"neg-ratio", "0.3"},
    {"edge-ratio", "0.8"},
    {"patience", "161"},
    {"stop-window", "43"},
    {"min-delta", "0.000209173631134971"},
    {"min-delta-acc", "2.6182944358641824e-05"},
};

constexpr PresetValue coauthor_physics_sd[] = {
    {"attention", "sd"},
    {"lr", "0.01"},
    {"epochs", "115"},
    {"l2", "0.05119862653635244"},
    {"edge-loss", "96.10379267783925"},
    {"neg-ratio", "0.5"},
    {"edge-ratio", "0.8"},
    {"patience", "21"},
    {"stop-window", "198"},
    {"min-delta", "2.8027265940789214e-05"},
    {"min-delta-acc", "0.011636064806045515"},
};

constexpr Preset table[] = {
    {"supergat/cora", "supergat", "cora", "the authors' program, Kim and Oh 2021", common, cora_mx},
    {"supergat/cora-sd", "supergat", "", "the same with scaled dot products", common, cora_sd},
    {"supergat/cora-go", "supergat", "", "the same with the score of GAT", common, cora_go},
    {"supergat/cora-dp", "supergat", "", "the same with dot products", common, cora_dp},
    {"supergat/citeseer", "supergat", "citeseer", "the authors' program, Kim and Oh 2021", common,
     citeseer_mx},
    {"supergat/citeseer-sd", "supergat", "", "the same with scaled dot products", common, citeseer_sd},
    {"supergat/citeseer-go", "supergat", "", "the same with the score of GAT", common, citeseer_go},
    {"supergat/citeseer-dp", "supergat", "", "the same with dot products", common, citeseer_dp},
    {"supergat/pubmed", "supergat", "pubmed", "the authors' program, Kim and Oh 2021", common, pubmed_mx},
    {"supergat/pubmed-sd", "supergat", "", "the same with scaled dot products", common, pubmed_sd},
    {"supergat/pubmed-go", "supergat", "", "the same with the score of GAT", common, pubmed_go},
    {"supergat/pubmed-dp", "supergat", "", "the same with dot products", common, pubmed_dp},
    {"supergat/ppi", "supergat", "ppi", "the authors' program, Kim and Oh 2021", common, ppi_mx},
    {"supergat/ppi-sd", "supergat", "", "the same with scaled dot products", common, ppi_sd},
    {"supergat/ppi-go", "supergat", "", "the same with the score of GAT", common, ppi_go},
    {"supergat/ppi-dp", "supergat", "", "the same with dot products", common, ppi_dp},
    {"supergat/amazon-photo", "supergat", "amazon-photo", "the authors' program, Kim and Oh 2021", common,
     amazon_photo_mx},
    {"supergat/amazon-photo-sd", "supergat", "", "the same with scaled dot products", common,
     amazon_photo_sd},
    {"supergat/amazon-computers", "supergat", "amazon-computers", "the authors' program, Kim and Oh 2021",
     common, amazon_computers_mx},
    {"supergat/amazon-computers-sd", "supergat", "", "the same with scaled dot products", common,
     amazon_computers_sd},
    {"supergat/coauthor-cs", "supergat", "coauthor-cs",
     "the authors' program, Kim and Oh 2021, on 500 PCA components there", common, coauthor_cs_mx},
    {"supergat/coauthor-cs-sd", "supergat", "",
     "the same with scaled dot products, on 500 PCA components there", common, coauthor_cs_sd},
    {"supergat/coauthor-physics", "supergat", "coauthor-physics",
     "the authors' program, Kim and Oh 2021, on 500 PCA components there", common, coauthor_physics_mx},
    {"supergat/coauthor-physics-sd", "supergat", "",
     "the same with scaled dot products, on 500 PCA components there", common, coauthor_physics_sd},
};

}  // namespace

std::span<const Preset> supergat_presets() {
  return table;
}

}  // namespace gnn::inline GNN_PRECISION
