// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// Graphs of products bought together and of people who wrote together.
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
    {"supergat/amazon-photo", "supergat", "amazon-photo", "the authors' program, Kim and Oh 2021", {{supergat_common,
     amazon_photo_mx}}},
    {"supergat/amazon-photo-sd", "supergat", "", "the same with scaled dot products", {{supergat_common,
     amazon_photo_sd}}},
    {"supergat/amazon-computers", "supergat", "amazon-computers", "the authors' program, Kim and Oh 2021",
     {{supergat_common, amazon_computers_mx}}},
    {"supergat/amazon-computers-sd", "supergat", "", "the same with scaled dot products", {{supergat_common,
     amazon_computers_sd}}},
    {"supergat/coauthor-cs", "supergat", "coauthor-cs",
     "the authors' program, Kim and Oh 2021, on 500 PCA components there", {{supergat_common, coauthor_cs_mx}}},
    {"supergat/coauthor-cs-sd", "supergat", "",
     "the same with scaled dot products, on 500 PCA components there", {{supergat_common, coauthor_cs_sd}}},
    {"supergat/coauthor-physics", "supergat", "coauthor-physics",
     "the authors' program, Kim and Oh 2021, on 500 PCA components there", {{supergat_common, coauthor_physics_mx}}},
    {"supergat/coauthor-physics-sd", "supergat", "",
     "the same with scaled dot products, on 500 PCA components there", {{supergat_common, coauthor_physics_sd}}},
};

}  // namespace

std::span<const Preset> more_supergat_presets() { return table; }

}  // namespace gnn::inline GNN_PRECISION
