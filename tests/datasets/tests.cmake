# SPDX-License-Identifier: Apache-2.0
gnn_test(test_datasets gnn_datasets
  datasets/cora.cpp
  datasets/dataset.cpp
  datasets/fuzz_pickle.cpp
  datasets/fuzz_regression.cpp
  datasets/npy.cpp
  datasets/npz.cpp
  datasets/pickle.cpp
  datasets/planetoid.cpp
  datasets/known_sets.cpp
  datasets/registry.cpp
  datasets/splits.cpp)

# Not needed to run the tests: writes datasets/corpus anew.
add_executable(make_corpus EXCLUDE_FROM_ALL datasets/make_corpus.cpp)
target_include_directories(make_corpus PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(make_corpus PRIVATE gnn_compile_options)
