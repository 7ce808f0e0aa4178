# SPDX-License-Identifier: Apache-2.0
# Saved models and presets, in both precisions: a checkpoint stores what the library computes with.
set(train_tests train/checkpoint.cpp train/damage.cpp train/presets.cpp train/resume.cpp train/safetensors.cpp train/typed_checkpoint.cpp)
gnn_test(test_train gnn ${train_tests} train/classifier.cpp train/foreign.cpp train/fuzz_models.cpp train/fuzz_safetensors.cpp train/interop.cpp)
target_link_libraries(test_train PRIVATE ZLIB::ZLIB)
if(GNN_HAS_CUDA)
  target_sources(test_train PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/train/caller_stream.cpp)
  target_link_libraries(test_train PRIVATE CUDA::cudart_static)
endif()
if(NOT GNN_SANITIZE)
  target_sources(test_train PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/train/edge_memory.cpp)
endif()
gnn_test(test_train_double gnn_double ${train_tests})
