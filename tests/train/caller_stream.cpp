// SPDX-License-Identifier: Apache-2.0
// Built with CUDA only, and runs where there is a GPU: work is in order on the caller's stream.
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include <gnn/kernels/interop.hpp>
#include <gnn/train/classifier.hpp>
#include <graphs/error.hpp>
#include <support/devices.hpp>
#include <support/toy_data.hpp>

using namespace gnn;

namespace {

// A stream that does not wait for the default stream, as those of other frameworks.
struct Stream {
  Stream() { REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess); }
  ~Stream() { cudaStreamDestroy(stream); }
  cudaStream_t stream = nullptr;
};

// Keeps a stream busy for so long that work which does not wait for it comes too early.
void delay(cudaStream_t stream) {
  const auto sleep = [](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  REQUIRE(cudaLaunchHostFunc(stream, sleep, nullptr) == cudaSuccess);
}

}  // namespace

TEST_CASE("caller's stream: features written there before a call are seen, results read there after it are whole") {
  for (const Device device : gnn::test::available_devices()) {
    if (device.kind == Device::cpu) continue;
    const Stream own;
    const datasets::Dataset data = gnn::test::random_dataset(graphs::planted_partition(300, 3, 2000, 0.9, 4).edges, 6);
    Recipe recipe;
    set(recipe, "epochs", "3");
    NodeClassifier gat(recipe, {.device = device, .stream = CudaStream(own.stream)});
    gat.fit(data);
    std::vector<Real> numbers(300 * 6), expected(300 * 3), found(300 * 3);
    for (std::size_t i = 0; i < 300; ++i) {
      for (auto e = std::size_t(data.features.offsets[i]); e < std::size_t(data.features.offsets[i + 1]); ++e)
        numbers[i * 6 + std::size_t(data.features.indices[e])] = Real(data.features.values[e]);
    }
    gat.logits(gat.prepare(data), expected);

    const std::shared_ptr<Pool> pool = make_pool(device);
    const Tensor source = Tensor::from(pool, 300, 6, numbers), x = Tensor::from(pool, 300, 6, std::vector<Real>(1800));
    const Tensor logits = Tensor::from(pool, 300, 3, std::vector<Real>(900)), copy = Tensor::from(pool, 300, 3, std::vector<Real>(900));
    const GraphData ready = gat.prepare(data, x);
    delay(own.stream);
    REQUIRE(cudaMemcpyAsync(x.data(), source.data(), 1800 * sizeof(Real), cudaMemcpyDeviceToDevice, own.stream) == cudaSuccess);
    const auto start = std::chrono::steady_clock::now();
    gat.logits(ready, logits);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(90));  // the host waits for nobody
    REQUIRE(cudaMemcpyAsync(copy.data(), logits.data(), 900 * sizeof(Real), cudaMemcpyDeviceToDevice, own.stream) == cudaSuccess);
    REQUIRE(cudaStreamSynchronize(own.stream) == cudaSuccess);
    found = copy.to_host();
    CHECK(found == expected);
  }
}

TEST_CASE("caller's stream: training begins after what it was given") {
  for (const Device device : gnn::test::available_devices()) {
    if (device.kind == Device::cpu) continue;
    const Stream own;
    datasets::Dataset data = gnn::test::random_dataset(graphs::planted_partition(300, 3, 2000, 0.9, 4).edges, 6);
    std::vector<Real> numbers(1800);
    for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = Real(k % 7) / 7;
    const std::shared_ptr<Pool> pool = make_pool(device);
    const Tensor source = Tensor::from(pool, 300, 6, numbers), x = Tensor::from(pool, 300, 6, std::vector<Real>(1800));
    Recipe recipe;
    set(recipe, "epochs", "3");
    NodeClassifier before(recipe, {.device = device}), after(recipe, {.device = device, .stream = CudaStream(own.stream)});
    before.fit(data, {.features = source});
    delay(own.stream);
    REQUIRE(cudaMemcpyAsync(x.data(), source.data(), 1800 * sizeof(Real), cudaMemcpyDeviceToDevice, own.stream) == cudaSuccess);
    after.fit(data, {.features = x});
    CHECK(before.probabilities(before.prepare(data, source)) == after.probabilities(after.prepare(data, x)));
  }
}

TEST_CASE("caller's stream: one that records a graph is refused, freed memory too") {
  for (const Device device : gnn::test::available_devices()) {
    if (device.kind == Device::cpu) continue;
    const Stream own;
    REQUIRE(cudaStreamBeginCapture(own.stream, cudaStreamCaptureModeRelaxed) == cudaSuccess);
    const auto make = [&] { return NodeClassifier("gat", {.device = device, .stream = CudaStream(own.stream)}); };
    CHECK_THROWS_WITH_AS(make(), "stream: expected one that runs its work, found one that records a graph", Error);
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(own.stream, &graph);
    if (graph) cudaGraphDestroy(graph);
    cudaGetLastError();
    CHECK_NOTHROW(make());

    void* freed = nullptr;
    REQUIRE(cudaMalloc(&freed, 7200) == cudaSuccess);
    CHECK_NOTHROW(borrow_tensor(device, static_cast<Real*>(freed), 300, 6));
    REQUIRE(cudaFree(freed) == cudaSuccess);
    CHECK_THROWS_AS(borrow_tensor(device, static_cast<Real*>(freed), 300, 6), Error);
  }
}
