// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/published.hpp>

namespace gnn::apps {
namespace {

constexpr std::string_view gat = "Velickovic et al. 2018", gatv2 = "Brody et al. 2022", supergat = "Kim and Oh 2021",
                           dagnn = "Liu et al. 2020", aero = "Lee et al. 2023", latte = "Tran and Gao 2020";

constexpr Published rows[] = {
    {"gat", "cora", "", "", 20, "acc", "83.0 ± 0.7", gat},
    {"gat", "citeseer", "", "", 20, "acc", "72.5 ± 0.7", gat},
    {"gat", "pubmed", "", "", 20, "acc", "79.0 ± 0.3", gat},
    {"gat", "ppi", "", "", 3, "f1_micro", "97.3 ± 0.2", gat},
    {"gatv2", "cora", "GAT's recipe", "", 20, "acc", "-", gatv2},
    {"gatv2", "dictionary-lookup:10", "1 head", "", 7, "acc", "100", gatv2},
    {"gat", "dictionary-lookup:10", "1 head", "", 3, "acc", "20", gatv2},
    {"supergat", "cora", "MX", "", 20, "acc", "84.3 ± 0.6", supergat},
    {"supergat", "citeseer", "MX", "", 20, "acc", "72.6 ± 0.8", supergat},
    {"supergat", "pubmed", "MX", "", 20, "acc", "81.7 ± 0.5", supergat},
    {"supergat", "cora", "SD", "preset=supergat/cora-sd", 10, "acc", "82.7 ± 0.6", supergat},
    {"dagnn", "cora", "", "", 20, "acc", "84.4 ± 0.5", dagnn},
    {"dagnn", "citeseer", "", "", 20, "acc", "73.3 ± 0.6", dagnn},
    {"dagnn", "pubmed", "", "", 20, "acc", "80.5 ± 0.5", dagnn},
    {"aero", "chameleon", "", "", 10, "acc", "71.58 ± 2.4", aero},
    {"aero", "squirrel", "", "", 10, "acc", "61.76 ± 2.4", aero},
    {"aero", "actor", "", "", 10, "acc", "36.57 ± 1.1", aero},
    {"aero", "texas", "", "", 10, "acc", "84.35 ± 5.2", aero},
    {"aero", "cornell", "", "", 10, "acc", "81.24 ± 6.8", aero},
    {"aero", "wisconsin", "", "", 10, "acc", "84.80 ± 3.3", aero},
    {"aero", "cora", "", "", 10, "acc", "83.90 ± 0.5", aero},
    {"aero", "citeseer", "", "", 10, "acc", "73.20 ± 0.6", aero},
    {"aero", "pubmed", "", "", 10, "acc", "80.59 ± 0.5", aero},
    {"aero", "amazon-photo", "", "", 10, "acc", "92.50 ± 0.7", aero},
    {"aero", "amazon-computers", "", "", 10, "acc", "86.69 ± 1.4", aero},
    {"latte", "gtn-acm", "order 2", "", 5, "f1_macro", "-", latte},
    {"latte", "gtn-dblp", "order 2", "", 5, "f1_macro", "-", latte},
    {"latte", "gtn-imdb", "order 2", "", 5, "f1_macro", "-", latte},
    {"latte", "gtn-acm", "inductive", "inductive=on", 5, "f1_macro", "-", latte},
    {"latte", "gtn-dblp", "inductive", "inductive=on", 5, "f1_macro", "-", latte},
    {"latte", "gtn-imdb", "inductive", "inductive=on", 5, "f1_macro", "-", latte},
    {"latte", "hgb-acm", "", "", 5, "f1_micro", "-", latte},
    {"latte", "hgb-dblp", "", "", 5, "f1_micro", "-", latte},
    {"latte", "hgb-imdb", "", "", 5, "f1_micro", "-", latte},
    {"gcn", "cora", "", "", 20, "acc", "81.3 ± 0.8", dagnn},
    {"mlp", "cora", "", "", 20, "acc", "61.6 ± 0.6", dagnn},
};

}  // namespace

std::span<const Published> published_rows() { return rows; }

}  // namespace gnn::apps
