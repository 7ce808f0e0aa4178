// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <apps/commands/command.hpp>
#include <apps/commands/folders.hpp>
#include <apps/commands/machine.hpp>
#include <gnn/kernels/context.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;

std::string compiler() {
#ifdef __clang__
  return __VERSION__;  // says Clang itself
#else
  return "g++ " __VERSION__;
#endif
}

std::string with_state(const std::string& folder) {
  if (folder.empty()) return "not set";
  std::error_code ignored;
  return folder + (fs::is_directory(folder, ignored) ? "" : "   (does not exist)");
}

}  // namespace

int doctor(Settings& settings, Output& output) {
  const std::vector<std::string> sets = instruction_sets();
  const unsigned threads = std::thread::hardware_concurrency();
  const std::string data_dir = settings.has("data-dir") ? settings.text("data-dir") : "";
  const std::string cache_dir = cache_folder(settings);

  output.line(fmt::format("version    {}", GNN_VERSION));
  output.line(fmt::format("compiler   {}", compiler()));
  output.line(fmt::format("processor  {}   {}", processor_name(), fmt::join(sets, " ")));
  output.line(fmt::format("threads    {}", threads));
  output.line(fmt::format("memory     {} MiB", grouped(memory_mib())));
  output.line(fmt::format("cuda       {}", describe_gpus()));
  output.line(fmt::format("data dir   {}", with_state(data_dir)));
  output.line(fmt::format("cache dir  {}", with_state(cache_dir)));

  Event event("doctor");
  event.add("version", GNN_VERSION).add("compiler", compiler()).add("processor", processor_name());
  event.add("instruction_sets", sets).add("threads", threads).add("memory_mib", memory_mib());
  output.event(event.add("cuda", has_cuda).add("gpus", describe_gpus()).add("data_dir", data_dir).add("cache_dir", cache_dir));
  return 0;
}

}  // namespace gnn::apps
