// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/interop.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include <gnn/train/classifier.hpp>
#include <gnn/train/dlpack.hpp>
#include <graphs/error.hpp>
#include <support/devices.hpp>
#include <support/dlpack.hpp>
#include <support/toy_data.hpp>

using namespace gnn;
using gnn::test::DLManagedTensor;
using gnn::test::DLManagedTensorVersioned;
using gnn::test::DLTensor;

namespace {

// A matrix of another program that counts how often it was released.
struct Foreign {
  explicit Foreign(const Tensor& tensor) : numbers(tensor), shape{std::int64_t(tensor.rows()), std::int64_t(tensor.cols())} {
    const Device device = tensor.device();
    managed = {{tensor.data(), {device.kind == Device::cuda ? 2 : 1, device.ordinal}, 2, {2, 8 * sizeof(Real), 1}, shape, nullptr, 0},
               this,
               [](DLManagedTensor* self) { ++static_cast<Foreign*>(self->manager_ctx)->released; }};
  }
  Tensor numbers;
  std::int64_t shape[2];
  DLManagedTensor managed;
  int released = 0;
};

const datasets::Dataset& communities() {
  static const datasets::Dataset data = gnn::test::random_dataset(graphs::planted_partition(300, 3, 2000, 0.9, 4).edges, 6);
  return data;
}

std::vector<Real> dense(const datasets::Features& x) {
  std::vector<Real> numbers(x.rows * x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (auto e = std::size_t(x.offsets[i]); e < std::size_t(x.offsets[i + 1]); ++e) {
      numbers[i * x.columns + std::size_t(x.indices[e])] = Real(x.values[e]);
    }
  }
  return numbers;
}

datasets::Dataset without_features(datasets::Dataset data) {
  data.features = {};
  data.features.rows = std::size_t(data.num_nodes());
  data.features.offsets.assign(data.features.rows + 1, 0);
  return data;
}

NodeClassifier trained(Device device, const FitOptions& options = {}, const std::string& model = "gat") {
  Recipe recipe;
  recipe.model.layer = model;
  set(recipe, "epochs", "3");
  NodeClassifier classifier(recipe, {.device = device, .threads = 1});
  classifier.fit(options.features.defined() ? without_features(communities()) : communities(), options);
  return classifier;
}

}  // namespace

TEST_CASE("interop: a tensor of DLPack is used where it lies, gives the same bits, and is released once") {
  for (const Device device : gnn::test::available_devices()) {
    CAPTURE(to_string(device));
    Foreign x(Tensor::from(make_pool(device), 300, 6, dense(communities().features)));
    const NodeClassifier gat = trained(device);
    {
      const GraphData data = gat.prepare(without_features(communities()), tensor_from_dlpack(&x.managed));
      CHECK(data.parts[0].dense.data() == x.numbers.data());
      CHECK(gat.probabilities(data) == gat.probabilities(communities()));
      CHECK(x.released == 0);
    }
    CHECK(x.released == 1);
  }
}

TEST_CASE("interop: a model trains on features that lie on the device") {
  for (const Device device : gnn::test::available_devices()) {
    CAPTURE(to_string(device));
    const Tensor x = Tensor::from(make_pool(device), 300, 6, dense(communities().features));
    for (const std::string model : {"gat", "gatv2", "supergat", "gcn"}) {
      CAPTURE(model);
      const NodeClassifier given = trained(device, {.features = x}, model), usual = trained(device, {}, model);
      const std::vector<double> a = given.probabilities(communities()), b = usual.probabilities(communities());
      // The whole graph has other sums over nodes than the field of the training nodes, in another order.
      for (std::size_t k = 0; k < a.size(); ++k) REQUIRE(a[k] == doctest::Approx(b[k]).epsilon(1e-3));
    }
  }
}

TEST_CASE("interop: logits go to another program without a copy, and live until it releases them") {
  for (const Device device : gnn::test::available_devices()) {
    CAPTURE(to_string(device));
    const NodeClassifier gat = trained(device);
    const GraphData data = gat.prepare(communities());
    std::vector<Real> expected(300 * 3);
    gat.logits(data, expected);
    Tensor logits = gat.logits(data);
    CHECK(logits.device() == device);
    CHECK(logits.to_host() == expected);
    auto* plain = to_dlpack<DLManagedTensor>(logits);
    auto* versioned = to_dlpack<DLManagedTensorVersioned>(logits);
    CHECK(plain->dl_tensor.data == logits.data());
    logits = {};
    CHECK(versioned->version.major == 1);
    CHECK(plain->dl_tensor.shape[0] == 300);
    CHECK(plain->dl_tensor.shape[1] == 3);
    CHECK(plain->dl_tensor.device.device_type == (device.kind == Device::cuda ? 2 : 1));
    CHECK(tensor_from_dlpack(plain).to_host() == expected);  // which releases it
    CHECK(tensor_from_dlpack(versioned).to_host() == expected);

    // Into memory of the caller's.
    const Tensor room = Tensor::from(make_pool(device), 300, 3, std::vector<Real>(900));
    gat.logits(data, borrow_tensor(device, room.data(), 300, 3));
    CHECK(room.to_host() == expected);
    CHECK_THROWS_WITH_AS(gat.logits(data, room.part(0, 3, 3)), "logits: expected a tensor of 300x3, found one of 3x3", Error);
  }
}

TEST_CASE("interop: a tensor that does not fit is refused in one sentence and stays the caller's") {
  Foreign x(Tensor::from(make_pool({}), 300, 6, dense(communities().features)));
  const auto error_of = [&](auto change) {
    DLManagedTensor changed = x.managed;
    change(changed.dl_tensor);
    try {
      tensor_from_dlpack(&changed);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(error_of([](DLTensor& t) { t.data = nullptr; }) == "dlpack: expected data, found a null pointer");
  CHECK(error_of([](DLTensor& t) { t.ndim = 1; }) == "dlpack: expected a matrix, found 1 dimensions");
  CHECK(error_of([](DLTensor& t) { t.dtype.code = 0; }).starts_with("dlpack: expected numbers of code 2"));
  CHECK(error_of([](DLTensor& t) { t.device.device_type = 7; }) ==
        "dlpack: expected a tensor on the CPU or a GPU of NVIDIA's, found one on device type 7");
  CHECK(error_of([](DLTensor& t) { t.byte_offset = 1; }).starts_with("memory: expected an address that is a multiple of "));
  if (!has_cuda) {
    CHECK(error_of([](DLTensor& t) { t.device.device_type = 2; }) ==
          "this build has no CUDA: configure with -DGNN_CUDA=ON or use the device cpu");
  }
  CHECK(x.released == 0);
  CHECK_THROWS_WITH_AS(tensor_from_dlpack<DLManagedTensor>(nullptr), "dlpack: expected a tensor, found null", Error);

  const NodeClassifier gat = trained({});
  const datasets::Dataset bare = without_features(communities());
  CHECK_THROWS_WITH_AS(gat.prepare(bare, x.numbers.part(0, 299, 6)),
                       "features: expected 300 rows, one a node, found 299", Error);
  CHECK_THROWS_WITH_AS(gat.prepare(bare, x.numbers.part(0, 300, 5)), "model expects 6 features, data has 5", Error);
  datasets::Dataset many = bare;
  many.graph_id.assign(300, 0);
  CHECK_THROWS_WITH_AS(gat.prepare(many, x.numbers), "features: those of several graphs must be part of the data set", Error);
  Recipe row;
  set(row, "normalize", "row");
  NodeClassifier normalised(row);
  CHECK_THROWS_WITH_AS(normalised.fit(bare, {.features = x.numbers}),
                       "normalize: expected none for features that lie on the device, found row", Error);
  CHECK_FALSE(normalised.is_fitted());
}

TEST_CASE("interop: a null stream, and a stream without a GPU, are refused") {
  CHECK_THROWS_WITH_AS(
      CudaStream(nullptr),
      "stream: expected a stream of CUDA, found null; the default stream is cudaStreamLegacy or cudaStreamPerThread", Error);
  int not_a_stream = 0;
  CHECK_THROWS_WITH_AS(NodeClassifier("gat", {.stream = CudaStream(&not_a_stream)}),
                       "stream: expected a GPU to go with it, the device is cpu", Error);
}

TEST_CASE("interop: memory of the host is refused as memory of a GPU, and the other way round") {
  for (const Device device : gnn::test::available_devices()) {
    if (device.kind == Device::cpu) continue;
    std::vector<Real> host(1800);
    CHECK_THROWS_WITH_AS(borrow_tensor(device, host.data(), 300, 6),
                         "memory: expected memory of cuda:0, found a pointer that CUDA does not know: it was freed, or is the host's", Error);
    const NodeClassifier gat = trained({});
    CHECK_THROWS_WITH_AS(gat.prepare(without_features(communities()), Tensor(make_pool(device), 300, 6)),
                         "features: expected them on cpu, found them on cuda:0", Error);
    CHECK_THROWS_WITH_AS(gat.logits(gat.prepare(communities()), Tensor(make_pool(device), 300, 3)),
                         "logits: expected a tensor on cpu, found one on cuda:0", Error);
  }
}
