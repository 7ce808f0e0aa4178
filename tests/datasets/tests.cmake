# SPDX-License-Identifier: Apache-2.0
gnn_test(test_datasets gnn_datasets
  datasets/array_readers.cpp
  datasets/cora.cpp
  datasets/dataset.cpp
  datasets/dictionary_lookup.cpp
  datasets/from_arrays.cpp
  datasets/fuzz_edges.cpp
  datasets/fuzz_features.cpp
  datasets/fuzz_formats.cpp
  datasets/fuzz_geom.cpp
  datasets/fuzz_gnn_file.cpp
  datasets/fuzz_graphml.cpp
  datasets/fuzz_hgb.cpp
  datasets/fuzz_json.cpp
  datasets/fuzz_labels.cpp
  datasets/fuzz_linqs.cpp
  datasets/fuzz_matrix_market.cpp
  datasets/fuzz_metis.cpp
  datasets/fuzz_npy.cpp
  datasets/fuzz_npz.cpp
  datasets/fuzz_pickle.cpp
  datasets/fuzz_ppi_json.cpp
  datasets/fuzz_regression.cpp
  datasets/fuzz_sets.cpp
  datasets/fuzz_split.cpp
  datasets/fuzz_svmlight.cpp
  datasets/fuzz_tables.cpp
  datasets/gnn_file.cpp
  datasets/graphml.cpp
  datasets/isolated.cpp datasets/json_dataset.cpp
  datasets/known_sets.cpp
  datasets/matrix_market.cpp
  datasets/metis_svmlight.cpp
  datasets/npy.cpp
  datasets/npz.cpp
  datasets/npz_sets.cpp
  datasets/pickle.cpp
  datasets/planetoid.cpp
  datasets/ppi.cpp
  datasets/registry.cpp
  datasets/splits.cpp
  datasets/table_arrays.cpp
  datasets/tables.cpp
  datasets/text_edges.cpp
  datasets/text_edges_laws.cpp
  datasets/text_lines.cpp
  datasets/text_sets.cpp
  datasets/typed_dataset.cpp)
target_link_libraries(test_datasets PRIVATE Boost::graph Eigen3::Eigen)

# Not needed to run the tests: writes datasets/corpus anew.
add_executable(make_corpus EXCLUDE_FROM_ALL datasets/make_corpus.cpp)
target_include_directories(make_corpus PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(make_corpus PRIVATE gnn_compile_options)

# Writes seeds of the fuzz targets: make_seeds FOLDER
add_executable(make_seeds EXCLUDE_FROM_ALL datasets/make_seeds.cpp)
target_include_directories(make_seeds PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(make_seeds PRIVATE gnn gnn_compile_options)
