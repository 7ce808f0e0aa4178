// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/context.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include <graphs/error.hpp>

using namespace gnn;

TEST_CASE("parse_device: reads what to_string writes") {
  CHECK(parse_device("cpu") == Device{});
  CHECK(parse_device("cuda") == Device{Device::cuda, 0});
  CHECK(parse_device("cuda:3") == Device{Device::cuda, 3});
  CHECK(to_string(Device{}) == "cpu");
  CHECK(to_string(Device{Device::cuda, 3}) == "cuda:3");
}

TEST_CASE("parse_device: refuses every other text") {
  for (const std::string text :
       {"", "gpu", "CPU", "cpu ", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999999999", "cuda1"}) {
    CHECK_THROWS_WITH_AS(parse_device(text),
                         ("device: expected cpu, cuda or cuda:N, found '" + text + "'").c_str(), Error);
  }
}

TEST_CASE("context: a negative number of threads is refused, 0 takes all processors") {
  CHECK_THROWS_WITH_AS(Context({}, -1), "threads: must be 0 or greater, got -1", Error);
  CHECK(Context({}, 0).num_threads() >= 1);
  CHECK(Context({}, 3).num_threads() == 3);
}

TEST_CASE("context: a GPU that is not there is Error(device)") {
  // No machine has this many GPUs, and a build without CUDA has none.
  std::optional<ErrorKind> kind;
  std::string text;
  try {
    const Context ctx({Device::cuda, 1000});
  } catch (const Error& error) {
    kind = error.kind();
    text = error.what();
  }
  CHECK(kind == ErrorKind::device);
  if (!has_cuda) CHECK(text == "this build has no CUDA: configure with -DGNN_CUDA=ON or use the device cpu");
  CHECK_FALSE(text.empty());
}

TEST_CASE("context: runs work with any number of threads, and lets its errors through") {
  for (const int threads : {1, 2, 3}) {
    Context ctx({}, threads);
    int runs = 0;
    ctx.run([&] { ++runs; });
    CHECK(runs == 1);
    CHECK_THROWS_AS(ctx.run([] { fail(ErrorKind::usage, "out of here"); }), Error);
  }
}
