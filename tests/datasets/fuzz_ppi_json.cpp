// SPDX-License-Identifier: Apache-2.0
// Any bytes as graph, class map and id map of PPI in GraphSAGE form.
#include "fuzz_sets.hpp"

#include <datasets/sets/node_link.hpp>

#ifdef GNN_FUZZ_NAME
#define LLVMFuzzerTestOneInput GNN_FUZZ_NAME
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto files = gnn::test::cut(data, size, 3);
  std::size_t num_nodes = 3;
  gnn::test::expect_input_error([&] { num_nodes = gnn::datasets::parse_node_link(files[0], "G.json").parts.size(); });
  gnn::test::expect_input_error([&] { gnn::datasets::parse_class_map(files[1], "class_map.json", num_nodes); });
  gnn::test::expect_input_error([&] { gnn::datasets::check_id_map(files[2], "id_map.json", num_nodes); });
  return 0;
}
