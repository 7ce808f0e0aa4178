# SPDX-License-Identifier: Apache-2.0
# The same tests for the library in float, which is installed, and in double, which checks gradients.
set(gnn_tests support/threads.cpp
  gnn/adam.cpp gnn/adjacency.cpp gnn/attention_choice.cpp gnn/batches.cpp gnn/by_head.cpp gnn/captured_epoch.cpp gnn/captured_rounds.cpp gnn/case_aero.cpp gnn/case_attention.cpp
  gnn/case_dagnn.cpp gnn/case_dictionary.cpp gnn/case_file.cpp gnn/case_gat.cpp gnn/case_gatv2.cpp gnn/case_latte.cpp gnn/case_layer.cpp
  gnn/case_loss.cpp gnn/case_networks.cpp gnn/case_supergat.cpp gnn/cases.cpp gnn/dense_maps.cpp gnn/dropout.cpp gnn/field.cpp
  gnn/fused_attention.cpp gnn/fused_gatv2.cpp gnn/fused_hops.cpp gnn/fused_supergat.cpp gnn/supergat_layer.cpp gnn/gat_last.cpp gnn/gat_layer.cpp gnn/gather.cpp gnn/gatv2_layer.cpp gnn/large_product.cpp
  gnn/layer_laws.cpp gnn/links.cpp gnn/network_case.cpp gnn/op_checks.cpp gnn/op_checks_gat_layer.cpp gnn/op_checks_gatv2.cpp gnn/op_checks_hops.cpp
  gnn/op_checks_latte.cpp gnn/op_checks_supergat.cpp gnn/op_laws.cpp gnn/ops.cpp gnn/optimiser.cpp gnn/padded_heads.cpp gnn/parameters.cpp
  gnn/residual.cpp gnn/ring_lattice.cpp gnn/score.cpp gnn/sparse_product.cpp gnn/supergat.cpp gnn/tensor.cpp gnn/trainer.cpp gnn/typed_laws.cpp)
gnn_test(test_gnn gnn ${gnn_tests} gnn/context.cpp gnn/philox.cpp gnn/pool.cpp gnn/stop.cpp)
gnn_test(test_gnn_double gnn_double ${gnn_tests} gnn/layer_gradients.cpp gnn/op_gradients.cpp gnn/typed_gradients.cpp)
# Its plain loops run two thousand times.
set_source_files_properties(gnn/fused_hops.cpp PROPERTIES COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)
foreach(program test_gnn test_gnn_double)
  target_link_libraries(${program} PRIVATE nlohmann_json::nlohmann_json TBB::tbb)
endforeach()

# Who includes whom and which kernels wait, read from the sources; and every public header compiles alone. Most have a source of
# their name, which includes them first: the test sees to that. The others are compiled here.
gnn_test(test_includes gnn_graphs support/includes.cpp support/kernels.cpp)
file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/graphs/*.hpp ${PROJECT_SOURCE_DIR}/datasets/*.hpp ${PROJECT_SOURCE_DIR}/gnn/*.hpp)
list(FILTER headers EXCLUDE REGEX "^gnn/kernels/(cpu|cuda)/|^graphs/boost.*\\.hpp$|^datasets/(eigen|from_boost)\\.hpp$")
set(alone "")
foreach(header IN LISTS headers)
  string(REGEX REPLACE "hpp$" "cpp" source ${header})
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${source})
    string(REPLACE "/" "_" file ${header})
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/headers/${file}.cpp CONTENT "#include <${header}>\n")
    list(APPEND alone ${CMAKE_CURRENT_BINARY_DIR}/headers/${file}.cpp)
  endif()
endforeach()
if(NOT GNN_SANITIZE)
  add_library(headers_alone OBJECT ${alone})
  target_link_libraries(headers_alone PRIVATE gnn gnn_compile_options)
  set_target_properties(headers_alone PROPERTIES GNN_QUICK_TO_BUILD ON)
endif()
