// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <datasets/registry.hpp>
#include <datasets/sets/known_geom.hpp>
#include <datasets/sets/known_npz.hpp>
#include <datasets/sets/known_planetoid.hpp>
#include <datasets/sets/known_ppi.hpp>
#include <datasets/sets/known_splits_a.hpp>
#include <datasets/sets/known_splits_b.hpp>
#include <datasets/sets/known_typed.hpp>

namespace gnn::datasets {
namespace {

using namespace known;
using Addresses = std::array<std::string_view, 2>;

constexpr Addresses planetoid_mirrors = {
    "https://raw.githubusercontent.com/kimiyoung/planetoid/af6abf468a772cc055bec88c52e4d6f51b7c37e3/data/",
    "https://raw.githubusercontent.com/tkipf/gcn/39a4089fe72a/gcn/data/"};
constexpr Addresses geom_mirrors = {
    "https://raw.githubusercontent.com/chennnM/GCNII/4a87bfeee74176353b103444bbb9ca25767685c0/",
    "https://raw.githubusercontent.com/graphdml-uiuc-jlu/geom-gcn/f1fc0d14b3b0/"};
constexpr std::array<std::string_view, 1> het_mirrors = {
    "https://raw.githubusercontent.com/yandex-research/heterophilous-graphs/"
    "a431395582e929d88271309716bea4fe24ce6318/data/"};
constexpr std::array<std::string_view, 1> shchur_mirrors = {
    "https://raw.githubusercontent.com/shchur/gnn-benchmark/1e72912a0810cdf27ae54fd589a3b43358a2b161/data/npz/"};

constexpr std::string_view task = "node classification", multi_task = "multi-label nodes";
constexpr std::string_view mit = "MIT (of the repository)", none = "none stated";
constexpr std::string_view planetoid = "https://github.com/kimiyoung/planetoid (data/)";
constexpr std::string_view linqs = "https://github.com/microsoft/DeepGNN (4414cef41c0f, graph_engine/data/)";
constexpr std::string_view geom = "https://github.com/graphdml-uiuc-jlu/geom-gcn (new_data/, splits/)";
constexpr std::string_view het = "https://github.com/yandex-research/heterophilous-graphs (data/)";
constexpr std::string_view shchur = "https://github.com/shchur/gnn-benchmark (data/npz/)";
constexpr std::string_view hgb = "https://github.com/THUDM/HGB, by CrawlScript/gnn_datasets (482d7152d60e, HGB/)";
constexpr std::string_view gtn = "https://github.com/cenyk1230/gtn-data, converted";
constexpr std::string_view ppi_source = "https://snap.stanford.edu/graphsage, rebuilt from public parts";
constexpr std::string_view het_folder = "heterophilous-graphs";

constexpr auto P = Family::planetoid;
constexpr auto L = Family::linqs;
constexpr auto G = Family::geom_gcn;
constexpr auto H = Family::heterophilous;
constexpr auto S = Family::shchur;
constexpr auto B = Family::hgb;
constexpr auto T = Family::typed_csv;

// name, task, nodes, edges, features, classes, licence, source, family, folder, files, extra files, mirrors
constexpr Known sets[] = {
    {"cora", task, 2708, 10556, 1433, 7, mit, planetoid, P, "", cora_files, cora_splits, planetoid_mirrors},
    {"citeseer", task, 3327, 9104, 3703, 6, mit, planetoid, P, "", citeseer_files, citeseer_splits, planetoid_mirrors},
    {"pubmed", task, 19717, 88648, 500, 3, mit, planetoid, P, "", pubmed_files, pubmed_splits, planetoid_mirrors},
    {"cora-linqs", task, 2708, 10556, 1433, 7, mit, linqs, L, "cora/linqs", cora_linqs_files},
    {"citeseer-linqs", task, 3312, 9072, 3703, 6, mit, linqs, L, "citeseer/linqs", citeseer_linqs_files},
    {"chameleon", task, 2277, 62742, 2325, 5, none, geom, G, "", chameleon_files, chameleon_splits, geom_mirrors},
    {"squirrel", task, 5201, 396706, 2089, 5, none, geom, G, "", squirrel_files, squirrel_splits, geom_mirrors},
    {"actor", task, 7600, 53318, 932, 5, none, geom, G, "film", film_files, film_splits, geom_mirrors},
    {"texas", task, 183, 558, 1703, 5, none, geom, G, "", texas_files, texas_splits, geom_mirrors},
    {"cornell", task, 183, 554, 1703, 5, none, geom, G, "", cornell_files, cornell_splits, geom_mirrors},
    {"wisconsin", task, 251, 900, 1703, 5, none, geom, G, "", wisconsin_files, wisconsin_splits, geom_mirrors},
    {"het-chameleon", task, 2277, 62742, 2325, 5, mit, het, H, het_folder, het_chameleon_files, {}, het_mirrors},
    {"het-chameleon-directed", task, 2277, 36051, 2325, 5, mit, het, H, het_folder, het_chameleon_directed_files, {},
     het_mirrors},
    {"chameleon-filtered", task, 890, 17708, 2325, 5, mit, het, H, het_folder, chameleon_filtered_files, {}, het_mirrors},
    {"chameleon-filtered-directed", task, 890, 13534, 2325, 5, mit, het, H, het_folder,
     chameleon_filtered_directed_files, {}, het_mirrors},
    {"het-squirrel", task, 5201, 396706, 2089, 5, mit, het, H, het_folder, het_squirrel_files, {}, het_mirrors},
    {"het-squirrel-directed", task, 5201, 216933, 2089, 5, mit, het, H, het_folder, het_squirrel_directed_files, {},
     het_mirrors},
    {"squirrel-filtered", task, 2223, 93996, 2089, 5, mit, het, H, het_folder, squirrel_filtered_files, {}, het_mirrors},
    {"squirrel-filtered-directed", task, 2223, 65578, 2089, 5, mit, het, H, het_folder,
     squirrel_filtered_directed_files, {}, het_mirrors},
    {"het-actor", task, 7600, 53318, 932, 5, mit, het, H, het_folder, het_actor_files, {}, het_mirrors},
    {"het-texas", task, 183, 558, 1703, 5, mit, het, H, het_folder, het_texas_files, {}, het_mirrors},
    {"texas-4-classes", task, 183, 558, 1703, 5, mit, het, H, het_folder, texas_4_classes_files, {}, het_mirrors},
    {"cornell-fixed", task, 183, 554, 1703, 5, mit, het, H, het_folder, cornell_fixed_files, {}, het_mirrors},
    {"het-wisconsin", task, 251, 900, 1703, 5, mit, het, H, het_folder, het_wisconsin_files, {}, het_mirrors},
    {"amazon-computers", task, 13752, 491722, 767, 10, mit, shchur, S, "", amazon_computers_files, {}, shchur_mirrors},
    {"amazon-photo", task, 7650, 238162, 745, 8, mit, shchur, S, "", amazon_photo_files, {}, shchur_mirrors},
    {"coauthor-cs", task, 18333, 163788, 6805, 15, mit, shchur, S, "", coauthor_cs_files, {}, shchur_mirrors},
    {"coauthor-physics", task, 34493, 495924, 8415, 5, mit, shchur, S, "", coauthor_physics_files, {}, shchur_mirrors},
    {"hgb-acm", task, 10942, 547872, 1902, 3, none, hgb, B, "", hgb_acm_files},
    {"hgb-dblp", task, 26128, 239566, 334, 4, none, hgb, B, "", hgb_dblp_files},
    {"hgb-imdb", multi_task, 21420, 86642, 3489, 5, none, hgb, B, "", hgb_imdb_files},
    {"gtn-acm", task, 8994, 25922, 1902, 3, none, gtn, T, "", gtn_acm_files},
    {"gtn-dblp", task, 18405, 67946, 334, 4, none, gtn, T, "", gtn_dblp_files},
    {"gtn-imdb", task, 12772, 37288, 1256, 3, none, gtn, T, "", gtn_imdb_files},
    {"ppi", multi_task, 56944, 1587264, 50, 121, none, ppi_source, Family::graphsage, "", ppi_files, ppi_extras},
    {"ppi-dgl", multi_task, 56944, 1587264, 50, 121, none, ppi_source, Family::dgl_ppi, "ppi", ppi_files, ppi_extras},
};

}  // namespace

std::span<const Known> known_datasets() { return sets; }

const Known* find_known(std::string_view name) {
  auto found = std::ranges::find(sets, name, &Known::name);
  if (found == std::end(sets) && !name.empty()) found = std::ranges::find(sets, name, &Known::folder);
  return found == std::end(sets) ? nullptr : &*found;
}

}  // namespace gnn::datasets
