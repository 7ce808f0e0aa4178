// SPDX-License-Identifier: Apache-2.0
#include <datasets/from_arrays.hpp>

#include <doctest/doctest.h>

#include <boost/graph/adjacency_list.hpp>
#include <datasets/dlpack.hpp>
#include <datasets/eigen.hpp>
#include <datasets/from_boost.hpp>
#include <graphs/error.hpp>
#include <support/dlpack.hpp>

using namespace gnn;
using namespace gnn::datasets;

namespace {

graphs::Csr ring(NodeId nodes) {
  std::vector<NodeId> source, target;
  for (NodeId i = 0; i < nodes; ++i) source.push_back(i), target.push_back(NodeId((i + 1) % nodes));
  return graphs::csr_from_coo<NodeId>(nodes, source, target, {}, {.both_directions = true});
}

}  // namespace

TEST_CASE("features_from_dense: zeros are not stored, rows may lie apart") {
  const std::vector<float> values = {1, 0, 9, 0, 2, 9};
  const Features features = features_from_dense(values, 2, 2, 3);
  CHECK(features.offsets == std::vector<std::int64_t>{0, 1, 2});
  CHECK(features.indices == std::vector<std::int32_t>{0, 1});
  CHECK(features.values == std::vector<float>{1, 2});
  CHECK_THROWS_WITH_AS(features_from_dense(values, 2, 2), "features: expected 2x2 numbers, found 6", Error);
  CHECK_THROWS_WITH_AS(features_from_dense(values, 2, 3, 2),
                       "features: expected a stride of at least 3, found 2", Error);
}

TEST_CASE("features_from_csr: any width of integers") {
  const std::vector<std::uint64_t> offsets = {0, 1, 2};
  const std::vector<std::int64_t> columns = {0, 4}, wrong = {0, 5};
  const std::vector<float> values = {1, 2};
  const Features features = features_from_csr<std::uint64_t, std::int64_t>(5, offsets, columns, values);
  CHECK(features.rows == 2);
  CHECK(features.indices == std::vector<std::int32_t>{0, 4});
  CHECK_THROWS_WITH_AS((features_from_csr<std::uint64_t, std::int64_t>(5, offsets, wrong, values)),
                       "features: entry 1: expected a column below 5, found 5", Error);
}

TEST_CASE("make_dataset: parts that do not fit together are refused") {
  const std::vector<std::int32_t> labels = {0, 1, 2, -1};
  const Dataset data = make_dataset(ring(4), {.labels = labels, .name = "ring"});
  CHECK(data.num_classes == 3);
  CHECK(data.features.rows == 4);
  CHECK_THROWS_WITH_AS(make_dataset(ring(5), {.labels = labels, .name = "ring"}),
                       "ring: labels: expected 5, one a node, found 4", Error);
  const std::vector<float> x(6);
  CHECK_THROWS_WITH_AS(make_dataset(ring(4), {.features = features_from_dense(x, 3, 2), .name = "ring"}),
                       "ring: features: expected 4 rows, one a node, found 3", Error);
}

TEST_CASE("dataset_from_boost: graph, features and labels in one call") {
  struct Person {
    std::vector<double> numbers;
    int group;
  };
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, Person> graph(3);
  add_edge(0, 1, graph);
  add_edge(1, 2, graph);
  for (unsigned v = 0; v < 3; ++v) graph[v] = {{double(v), 1}, int(v % 2)};
  const Dataset data = dataset_from_boost(graph, get(&Person::numbers, graph), get(&Person::group, graph));
  CHECK(data.graph.num_edges() == 4);
  CHECK(data.features.columns == 2);
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, 0});
  graph[2].numbers.push_back(1);
  CHECK_THROWS_WITH_AS(dataset_from_boost(graph, get(&Person::numbers, graph), get(&Person::group, graph)),
                       "features of node 2: expected 2 numbers as for the others, found 3", Error);
}

TEST_CASE("features_from_eigen: blocks are read where they lie, results are seen as matrices") {
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x(3, 4);
  x << 1, 2, 3, 4, 5, 0, 7, 8, 9, 10, 11, 12;
  const Features features = features_from_eigen(x.block(1, 0, 2, 2));
  CHECK(features.values == std::vector<float>{5, 9, 10});
  CHECK(features.rows == 2);
  const std::vector<float> values = {1, 2, 3, 4};
  CHECK(as_eigen(values, 2)(1, 0) == 3);
  CHECK(as_eigen(values, 2).data() == values.data());
  CHECK_THROWS_AS(as_eigen(values, 3), Error);
}

TEST_CASE("dlpack: tensors of the CPU are read where they lie, others are refused") {
  std::vector<float> values = {1, 0, 0, 2};
  std::int64_t shape[] = {2, 2}, strides[] = {1, 2};
  test::DLTensor tensor{values.data(), {1, 0}, 2, {2, 32, 1}, shape, nullptr, 0};
  CHECK(features_from_dlpack(tensor).values == std::vector<float>{1, 2});
  CHECK(span_of<float>(tensor).data() == values.data());
  CHECK_THROWS_WITH_AS(span_of<double>(tensor),
                       "dlpack: expected numbers of code 2 and 64 bits, found code 2 and 32 bits", Error);
  tensor.strides = strides;
  CHECK_THROWS_WITH_AS(span_of<float>(tensor),
                       "dlpack: expected a contiguous tensor, found stride 2 in dimension 1", Error);
  tensor.strides = nullptr;
  tensor.device.device_type = 2;
  CHECK_THROWS_WITH_AS(span_of<float>(tensor),
                       "dlpack: expected a tensor on the CPU, found one on a GPU, which tensor_from_dlpack() takes", Error);
  tensor.device.device_type = 8;
  CHECK_THROWS_WITH_AS(span_of<float>(tensor),
                       "dlpack: expected a tensor on the CPU, found one on device type 8", Error);
  tensor.device.device_type = 1;
  tensor.data = nullptr;
  CHECK_THROWS_WITH_AS(span_of<float>(tensor), "dlpack: expected data, found a null pointer", Error);
}
