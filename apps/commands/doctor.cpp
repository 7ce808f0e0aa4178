// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <apps/commands/command.hpp>
#include <gnn/core/device.hpp>

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

/// As Linux tells it; "unknown" elsewhere.
std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> sets;
#if defined(__x86_64__) || defined(__i386__)
  if (__builtin_cpu_supports("sse4.2")) sets.push_back("sse4");
  if (__builtin_cpu_supports("avx2")) sets.push_back("avx2");
  if (__builtin_cpu_supports("avx512f")) sets.push_back("avx512");
#endif
  return sets;
}

std::int64_t memory_mib() {
  return std::int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

/// --cache-dir, else $XDG_CACHE_HOME/gnn, else ~/.cache/gnn.
std::string cache_folder(const Settings& settings) {
  if (settings.has("cache-dir")) return settings.text("cache-dir");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return (fs::path(cache) / "gnn").string();
  const char* home = std::getenv("HOME");
  return home && *home ? (fs::path(home) / ".cache" / "gnn").string() : "";
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
  output.line(fmt::format("cuda       {}", has_cuda ? "in this build" : "not in this build"));
  output.line(fmt::format("data dir   {}", with_state(data_dir)));
  output.line(fmt::format("cache dir  {}", with_state(cache_dir)));

  Event event("doctor");
  event.add("version", GNN_VERSION).add("compiler", compiler()).add("processor", processor_name());
  event.add("instruction_sets", sets).add("threads", threads).add("memory_mib", memory_mib());
  output.event(event.add("cuda", has_cuda).add("data_dir", data_dir).add("cache_dir", cache_dir));
  return 0;
}

}  // namespace gnn::apps
