// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <datasets/registry.hpp>

// Files of PPI in GraphSAGE form. The class map is a reconstruction, see its note when it is loaded.
namespace gnn::datasets::known {

inline constexpr std::array<KnownFile, 4> ppi_files = {{
    {"ppi-G.json", "44400e92cc0b282921a5d2be1198c798d0d2e96bf6fff318d3be76179138706a"},
    {"ppi-feats.npy", "953149689098eed72c0154fb40a8fff4e634d34c5ad139c7ae9d601db1cad3d3"},
    {"ppi-id_map.json", "5b9f264c242f3078a347f037839105e069739f404fe603c82ca19e2b8e45c04e"},
    {"ppi-class_map.json", "0c648932510cea25f651fc622f47e1eeca1d5c4142684ed5f46e508a16eba9aa"},
}};

inline constexpr std::array<KnownFile, 2> ppi_extras = {{
    {"tissue_graph_id.npy", "3853fd5aaac46304ad3193e672112a559fd4b20c9e30e22ba269a4d57693e155"},
    {"labels-exact-row.npy", "6dd14ced795bc56fefe8f1a6fff0c74ad28272b1db5c431de79d7460b4cdbad5"},
}};

}  // namespace gnn::datasets::known
