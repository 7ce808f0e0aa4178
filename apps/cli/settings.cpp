// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/settings.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include <apps/cli/check_value.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

/// "attn-dropout" gives "GNN_ATTN_DROPOUT".
std::string environment_variable(std::string_view name) {
  std::string variable = "GNN_";
  for (char c : name)
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

/// A checked text is a number, so from_chars cannot fail.
template <class Number>
Number number(std::string_view text) {
  Number result{};
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      constexpr char digits[] = "0123456789abcdef";
      result += "\\u00";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + '"';
}

// Where one run was read from and written to: no part of how it was done.
constexpr std::string_view places[] = {"config", "out", "force", "resume", "dry-run"};

std::string toml_value(Kind kind, const std::string& text) {
  switch (kind) {
    case Kind::flag:
    case Kind::toggle:
      return text == "on" ? "true" : "false";
    case Kind::integer:
    case Kind::real:
      return text;
    case Kind::integers:
      return "[" + text + "]";
    case Kind::text:
    case Kind::choice:
      return toml_string(text);
  }
  return {};
}

}  // namespace

Settings::Settings(std::string command) : command_(std::move(command)), options_(options_of(command_)) {
  for (const Option* option : options_) {
    if (!option->fallback.empty()) set(option->name, option->fallback, Origin::fallback, "default");
  }
}

void Settings::set(std::string_view name, std::string_view text, Origin origin, std::string where) {
  // Also what a stronger origin hides is checked: a mistake in a file should not wait for the day it counts.
  std::string checked = canonical(option(name), text, where);
  const auto old = values_.find(name);
  if (old != values_.end() && old->second.origin > origin) return;
  values_.insert_or_assign(std::string(name), Value{std::move(checked), origin, std::move(where)});
}

void Settings::set_preset(std::string_view name, std::string_view text) {
  set(name, text, Origin::preset, "preset: " + std::string(name));
}

void Settings::read_environment() {
  for (const Option* option : options_) {
    const std::string variable = environment_variable(option->name);
    const char* text = std::getenv(variable.c_str());
    if (text && *text) set(option->name, text, Origin::environment, variable);
  }
}

bool Settings::has(std::string_view name) const {
  option(name);
  return values_.contains(name);
}

bool Settings::given(std::string_view name) const {
  return has(name) && value(name).origin >= Origin::config;
}

const std::string& Settings::text(std::string_view name) const {
  return value(name).text;
}

std::int64_t Settings::integer(std::string_view name) const {
  if (option(name).kind != Kind::integer) fail(ErrorKind::internal, "option ", name, " is no whole number");
  return number<std::int64_t>(text(name));
}

double Settings::real(std::string_view name) const {
  if (option(name).kind != Kind::real) fail(ErrorKind::internal, "option ", name, " is no real number");
  return number<double>(text(name));
}

std::vector<int> Settings::list(std::string_view name) const {
  if (option(name).kind != Kind::integers) fail(ErrorKind::internal, "option ", name, " is no list");
  std::vector<int> numbers;
  for (std::string_view part : split_words(text(name), ',')) numbers.push_back(number<int>(part));
  return numbers;
}

bool Settings::on(std::string_view name) const {
  const Kind kind = option(name).kind;
  if (kind != Kind::flag && kind != Kind::toggle) {
    fail(ErrorKind::internal, "option ", name, " is neither on nor off");
  }
  return text(name) == "on";
}

const std::string& Settings::where(std::string_view name) const {
  return value(name).where;
}

std::string Settings::to_toml() const {
  std::string toml;
  for (const Option* option : options_) {
    const bool is_place = std::ranges::find(places, option->name) != std::end(places);
    if (is_place || !has(option->name)) continue;
    toml += std::string(option->name) + " = " + toml_value(option->kind, text(option->name)) + "\n";
  }
  return toml;
}

const Option& Settings::option(std::string_view name) const {
  const Option* found = find_option(options_, name);
  if (!found) fail(ErrorKind::internal, "'", command_, "' has no option '", name, "'");
  return *found;
}

const Settings::Value& Settings::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end())
    fail(ErrorKind::internal, "option '", name, "' of '", command_, "' has no value");
  return found->second;
}

}  // namespace gnn::apps
