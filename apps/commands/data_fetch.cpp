// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <apps/cli/interrupt.hpp>
#include <apps/commands/command.hpp>
#include <apps/commands/folders.hpp>
#include <apps/fetch/known_set.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

namespace fs = std::filesystem;

constexpr const char* list_hint = "known data sets are listed by 'gnn data list'";

const datasets::Known& known_set(const Settings& settings) {
  if (!settings.has("name"))
    throw Error(ErrorKind::usage, "expected the name of a data set, found none", list_hint);
  const datasets::Known* const known = datasets::find_known(settings.text("name"));
  if (known) return *known;
  throw Error(ErrorKind::usage,
              "expected a known data set, found " + datasets::in_quotes(settings.text("name")), list_hint);
}

fs::path needed_cache(const Settings& settings) {
  const fs::path cache = cache_folder(settings);
  check(!cache.empty(),
        "--cache-dir: expected a folder, found none, and neither XDG_CACHE_HOME nor HOME is set");
  return cache;
}

/// One line a second and file on stderr; nothing with --quiet or --progress never.
auto progress_to(const Settings& settings, Output& output) {
  const bool silent = settings.text("progress") == "never" || output.quiet() || output.json();
  return [&output, silent, last = std::chrono::steady_clock::now()](
             const std::string& name, std::uint64_t done, std::uint64_t total) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (silent || now - last < std::chrono::seconds(1)) return;
    last = now;
    output.note(fmt::format("{}  {:.1f} of {:.1f} MB", name, 1e-6 * double(done), 1e-6 * double(total)));
  };
}

constexpr std::string_view word_of(Fetched fetched) {
  switch (fetched) {
    case Fetched::present:
      return "present";
    case Fetched::copied:
      return "copied";
    case Fetched::downloaded:
      break;
  }
  return "downloaded";
}

constexpr std::string_view word_of(CacheState state) {
  switch (state) {
    case CacheState::good:
      return "good";
    case CacheState::missing:
      return "missing";
    case CacheState::wrong:
      return "wrong";
    case CacheState::unverified:
      break;
  }
  return "unverified";
}

}  // namespace

int data_fetch(Settings& settings, Output& output) {
  const datasets::Known& known = known_set(settings);
  const fs::path folder = needed_cache(settings) / known.name;
  FetchOptions options;
  if (settings.has("from")) options.from = settings.text("from");
  options.offline = settings.on("offline");
  options.allow_unverified = settings.on("allow-unverified");
  options.progress = progress_to(settings, output);
  std::vector<std::string> mirrors;
  if (settings.has("mirror")) mirrors.push_back(settings.text("mirror"));
  catch_interrupts();
  const std::vector<RemoteFile> files = remote_files(known, mirrors);
  for (std::size_t k = 0; k < files.size(); ++k) {
    const RemoteFile& file = files[k];
    Fetched fetched = Fetched::present;
    try {
      fetched = fetch(file, folder, options);
    } catch (const Error& error) {
      if (interrupt_signal()) return interrupt_exit_code();
      if (options.offline && options.from.empty() && error.kind() == ErrorKind::network) {
        throw Error(ErrorKind::network,
                    fmt::format("{} is not in the cache and --offline is set", known.name),
                    fmt::format("gnn data fetch {} --from DIR", known.name));
      }
      // What only adds to the set may lack; a wrong file is an error all the same.
      if (k < known.files.size() || error.kind() != ErrorKind::file || options.from.empty()) throw;
      output.note(fmt::format("left out: {}", error.what()));
      continue;
    }
    output.line(fmt::format("{:<12}{}", word_of(fetched), (folder / file.name).string()));
    output.event(
        Event("fetch").add("data", known.name).add("file", file.name).add("state", word_of(fetched)));
  }
  return 0;
}

int data_verify(Settings& settings, Output& output) {
  const fs::path cache = needed_cache(settings);
  std::vector<const datasets::Known*> sets;
  if (settings.has("name")) {
    sets.push_back(&known_set(settings));
  } else {
    for (const datasets::Known& known : datasets::known_datasets()) {
      std::error_code ignored;
      if (fs::is_directory(cache / known.name, ignored)) sets.push_back(&known);
    }
  }
  std::vector<std::string> wrong;
  for (const datasets::Known* known : sets) {
    const fs::path folder = cache / known->name;
    const std::vector<RemoteFile> files = remote_files(*known, {});
    for (std::size_t k = 0; k < files.size(); ++k) {
      std::string found;
      const CacheState state = check_cached(files[k], folder, &found);
      output.line(fmt::format("{:<12}{}", word_of(state), (folder / files[k].name).string()));
      Event event("verify");
      event.add("data", known->name).add("file", files[k].name).add("state", word_of(state));
      output.event(event);
      const bool needed = k < known->files.size();
      if (state == CacheState::wrong) {
        wrong.push_back(
            fmt::format("{}: expected SHA-256 {}, found {}", files[k].name, files[k].sha256, found));
      } else if (state == CacheState::missing && needed && settings.has("name")) {
        wrong.push_back(fmt::format("{}: expected the file in the cache, found none", files[k].name));
      }
    }
  }
  if (wrong.empty()) return 0;
  const std::string more =
      wrong.size() > 1 ? fmt::format(" ({} more files are not as expected)", wrong.size() - 1) : "";
  const std::string hint =
      settings.has("name") ? "gnn data fetch " + settings.text("name") + " fetches it again" : "";
  throw Error(ErrorKind::network, wrong.front() + more, hint);
}

}  // namespace gnn::apps
