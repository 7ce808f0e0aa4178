# SPDX-License-Identifier: Apache-2.0
gnn_test(test_graphs gnn_graphs
  graphs/boost.cpp
  graphs/build_csr.cpp
  graphs/csr.cpp
  graphs/edge_list.cpp
  graphs/file.cpp
  graphs/generators.cpp
  graphs/join.cpp
  graphs/quote.cpp
  graphs/receptive_field.cpp
  graphs/self_loops.cpp
  graphs/spans.cpp
  graphs/stats.cpp
  graphs/transforms.cpp
  graphs/typed_graph.cpp)

target_link_libraries(test_graphs PRIVATE Boost::graph)

gnn_test(test_faults gnn_graphs graphs/faults.cpp)
target_link_options(test_faults PRIVATE -Wl,--wrap=open,--wrap=write,--wrap=fsync,--wrap=rename,--wrap=close)

# The library once more with types that are easy to overflow.
get_target_property(graphs_sources gnn_graphs SOURCES)
list(TRANSFORM graphs_sources PREPEND ${PROJECT_SOURCE_DIR}/graphs/)
gnn_library(gnn_graphs_small STATIC ${graphs_sources})
target_link_libraries(gnn_graphs_small PRIVATE TBB::tbb Boost::graph)
target_compile_definitions(gnn_graphs_small PUBLIC GNN_NODE_ID=std::int8_t GNN_EDGE_OFFSET=std::int16_t)
gnn_test(test_graphs_small gnn_graphs_small graphs/small_types.cpp)
