# The same tests for the library in float, which is installed, and in double, which checks gradients.
set(gnn_tests gnn/adjacency.cpp gnn/dropout.cpp gnn/fused_attention.cpp gnn/op_checks.cpp gnn/op_laws.cpp gnn/ops.cpp
  gnn/sparse_product.cpp gnn/tensor.cpp)
gnn_test(test_gnn gnn ${gnn_tests} gnn/context.cpp gnn/philox.cpp gnn/pool.cpp)
gnn_test(test_gnn_double gnn_double ${gnn_tests} gnn/op_gradients.cpp)
