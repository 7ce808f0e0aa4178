// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/output.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>

#include <apps/cli/message.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

std::string json_text(std::string_view text) {
  using Json = nlohmann::ordered_json;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

[[noreturn]] void fail_to_write(int code) {
  fail(ErrorKind::file, "standard output: ", std::strerror(code));
}

}  // namespace

Event& Event::add(std::string_view key, std::string_view value) {
  return add_raw(key, json_text(value));
}

Event& Event::add(std::string_view key, double value) {
  return add_raw(key, nlohmann::ordered_json(value).dump());
}

Event& Event::add(std::string_view key, bool value) {
  return add_raw(key, value ? "true" : "false");
}

Event& Event::add(std::string_view key, std::span<const std::int64_t> values) {
  return add_raw(key, fmt::format("[{}]", fmt::join(values, ",")));
}

Event& Event::add(std::string_view key, std::span<const std::string> values) {
  std::string list = "[";
  for (const std::string& value : values) {
    if (list.size() > 1) list += ',';
    list += json_text(value);
  }
  list += ']';
  return add_raw(key, list);
}

Event& Event::add(std::string_view key, std::span<const double> values, std::size_t columns) {
  std::string list = "[";
  for (std::size_t i = 0; i < values.size(); i += columns) {
    if (i > 0) list += ',';
    fmt::format_to(std::back_inserter(list), "[{}]", fmt::join(values.subspan(i, columns), ","));
  }
  list += ']';
  return add_raw(key, list);
}

Event& Event::add(std::string_view key, std::span<const std::vector<std::size_t>> rows) {
  std::string list = "[";
  for (const auto& row : rows) fmt::format_to(std::back_inserter(list), "{}[{}]", list.size() > 1 ? "," : "", fmt::join(row, ","));
  list += ']';
  return add_raw(key, list);
}

Event& Event::add_raw(std::string_view key, std::string_view json) {
  if (!fields_.empty()) fields_ += ',';
  fields_ += json_text(key);
  fields_ += ':';
  fields_ += json;
  return *this;
}

Output::Output(const Settings& settings, std::FILE* out, std::FILE* err)
    : out_(out),
      err_(err),
      json_(settings.text("log") == "json"),
      quiet_(settings.on("quiet")),
      verbose_(settings.on("verbose")),
      color_(use_color(settings.text("color"), err)) {}

void Output::line(std::string_view text) {
  if (!json_) write(text);
}

void Output::event(const Event& event) {
  if (!json_) return;
  write(event.json());
  // A program that reads the events wants each one when it happens.
  if (std::fflush(out_) != 0) fail_to_write(errno);
}

void Output::note(std::string_view text) {
  if (quiet_) return;
  fmt::print(err_, "{}\n", text);
}

void Output::detail(std::string_view text) {
  if (verbose_) note(text);
}

void Output::warning(std::string_view text) {
  print_warning(text, err_, color_);
}

void Output::finish() {
  if (std::fflush(out_) != 0) fail_to_write(errno);
}

void Output::write(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), out_) == text.size() && std::fputc('\n', out_) != EOF;
  if (!written) fail_to_write(errno);
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  if (digits.size() - sign <= 4) return digits;
  for (std::size_t i = digits.size() - 3; i > sign; i = i > 3 ? i - 3 : 0) digits.insert(i, 1, ' ');
  return digits;
}

std::string fraction(double value) {
  return fmt::format("{:.4f}", value);
}

}  // namespace gnn::apps
