// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// One JSON object of --log json:
///   output.event(Event("summary").add("runs", 10).add("test_acc_mean", 0.83));
/// writes {"event":"summary","runs":10,"test_acc_mean":0.83}. Fields keep their order; what does not apply is
/// left out by not adding it. NaN and infinity become null, bytes that are not UTF-8 the replacement
/// character.
class Event {
 public:
  explicit Event(std::string_view name) { add("event", name); }

  Event& add(std::string_view key, std::string_view value);
  Event& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
  Event& add(std::string_view key, double value);
  Event& add(std::string_view key, bool value);
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Event& add(std::string_view key, Integer value) {
    return add_raw(key, std::to_string(value));
  }
  Event& add(std::string_view key, std::span<const std::int64_t> values);
  Event& add(std::string_view key, std::span<const std::string> values);
  Event& add(std::string_view key, std::span<const double> values, std::size_t columns);  ///< a list of rows

  Event& add(std::string_view key, std::span<const std::vector<std::size_t>> rows);

  std::string json() const { return "{" + fields_ + "}"; }

 private:
  Event& add_raw(std::string_view key, std::string_view json);

  std::string fields_;
};

/// Where a command writes. Results go to `out` (stdout): lines of text, or events with --log json. A command
/// gives both, the one that was not asked for is dropped. Everything else goes to `err` (stderr).
class Output {
 public:
  /// Follows --log, --color, --quiet and --verbose.
  Output(const Settings& settings, std::FILE* out, std::FILE* err);

  bool json() const { return json_; }
  bool quiet() const { return quiet_; }
  std::FILE* messages() const { return err_; }

  void line(std::string_view text);     ///< a result; its control characters are the caller's business
  void event(const Event& event);       ///< the same as JSON
  void note(std::string_view text);     ///< a message; not with --quiet
  void detail(std::string_view text);   ///< a message; only with --verbose
  void warning(std::string_view text);  ///< "warning: ..."; also with --quiet

  /// Hands everything on. Throws Error(file) when a result could not be written, as do line() and event():
  /// "standard output: No space left on device". To be called at the end of the program.
  void finish();

 private:
  void write(std::string_view text);

  std::FILE* out_;
  std::FILE* err_;
  bool json_, quiet_, verbose_, color_;
};

std::string grouped(std::int64_t number);  ///< 92391 gives "92 391"; up to four digits stay together
std::string fraction(double value);        ///< four digits: "0.8310"

}  // namespace gnn::apps
