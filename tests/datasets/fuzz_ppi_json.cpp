// SPDX-License-Identifier: Apache-2.0
// Any bytes as graph, class map and id map of PPI in GraphSAGE form.
#include <datasets/fuzz_sets.hpp>
#include <datasets/fuzz_target.hpp>
#include <datasets/sets/node_link.hpp>

GNN_FUZZ_TARGET(fuzz_ppi_json) {
  const auto files = gnn::test::cut(data, size, 3);
  std::size_t num_nodes = 3;
  gnn::test::expect_value_or_input_error([&] { num_nodes = gnn::datasets::parse_node_link(files[0], "G.json").parts.size(); });
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::parse_class_map(files[1], "class_map.json", num_nodes); });
  gnn::test::expect_value_or_input_error([&] { gnn::datasets::check_id_map(files[2], "id_map.json", num_nodes); });
  return 0;
}
