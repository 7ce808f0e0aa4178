// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/memory_budget.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

std::size_t parse_size(const Settings& settings) {
  const std::string& text = settings.text("max-memory");
  double number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  constexpr std::string_view units = "KMGT";
  std::string_view unit(end, std::size_t(last - end));
  if (unit.ends_with('B')) unit.remove_suffix(1);
  const std::size_t power = unit.empty() ? 0 : units.find(unit) + 1;
  if (error != std::errc{} || !(number > 0) || !std::isfinite(number) || unit.size() > 1 || power > units.size()) {
    fail(ErrorKind::usage, settings.where("max-memory"), ": expected a size such as 500M or 8G, found ",
         datasets::in_quotes(text));
  }
  return std::size_t(std::min(number * std::pow(1000.0, double(power)), 1e18));
}

/// What Linux says can be had without swapping; a large number where it says nothing.
std::size_t free_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  for (std::size_t kib = 0; file >> key; file.ignore(256, '\n')) {
    if (key == "MemAvailable:" && file >> kib) return kib * 1024;
  }
  return std::size_t(1) << 60;
}

std::string gigabytes(std::size_t bytes) {
  return bytes < 100'000'000 ? fmt::format("{:.1f} MB", double(bytes) / 1e6) : fmt::format("{:.1f} GB", double(bytes) / 1e9);
}

}  // namespace

void check_memory(const Settings& settings, const std::string& what, std::size_t bytes) {
  if (settings.given("max-memory")) {
    const std::size_t most = parse_size(settings);
    if (bytes <= most) return;
    fail(ErrorKind::memory, what, " needs about ", gigabytes(bytes), ", ", settings.where("max-memory"), " allows ",
         gigabytes(most));
  }
  const std::size_t free = free_memory();
  if (double(bytes) <= 0.8 * double(free)) return;
  throw Error(ErrorKind::memory, what + " needs about " + gigabytes(bytes) + ", " + gigabytes(free) + " are free",
              "--max-memory allows more than 80 % of that");
}

void check_memory_of_files(const Settings& settings) {
  double bytes = 0;
  for (const char* name : {"edges", "features", "labels"}) {
    if (!settings.has(name)) continue;
    const std::filesystem::path path = settings.text(name);
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path, ignored);
    if (ignored) continue;  // the reader says what is wrong
    // A line "12345 67890" of 12 bytes becomes 16 bytes, an edge in both directions; gzip packs text to about a quarter.
    bytes += double(size) * 16 / 12 * (path.extension() == ".gz" ? 4 : 1);
  }
  constexpr double base = 64 << 20;
  check_memory(settings, "reading " + settings.text("edges"), std::size_t(bytes + base));
}

}  // namespace gnn::apps
