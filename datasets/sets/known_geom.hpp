// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <datasets/registry.hpp>

// Files of the Geom-GCN sets.
namespace gnn::datasets::known {

inline constexpr std::array<KnownFile, 2> chameleon_files = {{
    {"out1_graph_edges.txt",
     "45ac593de9207470090230c8fd76beeb2f60b5371a9be088e8bf31e7f0619a4b",
     "new_data/chameleon/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "5fd29736ff31b43a1bfcf305bc8b4cffc3103fb0957667976b2ea0f78aedcf5b",
     "new_data/chameleon/out1_node_feature_label.txt"},
}};

inline constexpr std::array<KnownFile, 2> squirrel_files = {{
    {"out1_graph_edges.txt",
     "453d8e96754d68e2ab0a7ebb56f93506b59531d95abaec7a2b46fe1eae7c39cd",
     "new_data/squirrel/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "ac15ab755983717a187992eef8ce2017aae33ea444fd655b07e4662690dcc03a",
     "new_data/squirrel/out1_node_feature_label.txt"},
}};

inline constexpr std::array<KnownFile, 2> film_files = {{
    {"out1_graph_edges.txt",
     "997cdce67ea9c29257d3ffe796328391931901cf823830affa453178b60e2c3e",
     "new_data/film/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "1d5cdd094f8b91e770f6decfca85b35cf42f75d1efb51055fd6af16e11820ff8",
     "new_data/film/out1_node_feature_label.txt"},
}};

inline constexpr std::array<KnownFile, 2> texas_files = {{
    {"out1_graph_edges.txt",
     "0fe85183243a78cbee9b85a684f8240963d04d1020d10e9cd2b8cfb25e33b476",
     "new_data/texas/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "cf5a3ca346cdd1210b8342e22517fcbbdae658065b7a3145f59350e50e6236a3",
     "new_data/texas/out1_node_feature_label.txt"},
}};

inline constexpr std::array<KnownFile, 2> cornell_files = {{
    {"out1_graph_edges.txt",
     "c4522a00cc40873c8a04a3a07c49e24a48a507eb284ac9c9f2d3e0590351bbb7",
     "new_data/cornell/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "cf5a3ca346cdd1210b8342e22517fcbbdae658065b7a3145f59350e50e6236a3",
     "new_data/cornell/out1_node_feature_label.txt"},
}};

inline constexpr std::array<KnownFile, 2> wisconsin_files = {{
    {"out1_graph_edges.txt",
     "ebd213511c88fce1eda450c2f920600c4b8cbb38f02384856bcc47c6ec1807ae",
     "new_data/wisconsin/out1_graph_edges.txt"},
    {"out1_node_feature_label.txt",
     "a32b0aa38d42f0d36841e8a8cb646d197f0ff33a182ac75a2b4476aeed3c7e4b",
     "new_data/wisconsin/out1_node_feature_label.txt"},
}};

}  // namespace gnn::datasets::known
