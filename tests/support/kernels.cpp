// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

// What the sources of the CUDA kernels promise each other and no compiler checks.
TEST_CASE("kernels: one that may start early waits first") {
  // A signature with the parameter that lets a kernel start while the one before it ends, and the first statement behind it.
  const std::regex early(R"(__global__[^;{]*\(\s*Follows\s+(\w+)[^{;]*\{\s*(\w+)\.(\w+)\(\);)");
  const std::regex parameter(R"(\(\s*Follows\b)");
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(GNN_SOURCE_DIR) / "gnn/kernels/cuda")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cu" && extension != ".cuh") continue;
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    std::size_t waiting = 0;
    for (std::sregex_iterator kernel(text.begin(), text.end(), early), end; kernel != end; ++kernel) {
      // Or it says that it waits later, which is looked for in the kernel and what it calls.
      const bool later = (*kernel)[3] == "wait_later" && text.find(".wait();") != std::string::npos;
      waiting += (*kernel)[1] == (*kernel)[2] && ((*kernel)[3] == "wait" || later);
    }
    const auto kernels = std::distance(std::sregex_iterator(text.begin(), text.end(), parameter), std::sregex_iterator());
    // launch.cuh names the parameter for the function that starts them.
    if (entry.path().filename() == "launch.cuh") continue;
    CHECK_MESSAGE(waiting == std::size_t(kernels), entry.path().filename().string(), ": ", kernels, " kernels may start early, ", waiting,
                  " wait first");
    seen += waiting;
  }
  CHECK(seen > 100);
}
