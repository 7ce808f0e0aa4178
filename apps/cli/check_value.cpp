// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/check_value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

template <class Number>
void check_limits(const Limits& limits, Number number, std::string_view where) {
  const double value = static_cast<double>(number);
  const bool low_fits = limits.low_open ? value > limits.low : value >= limits.low;
  const bool high_fits = limits.high_open ? value < limits.high : value <= limits.high;
  if (low_fits && high_fits) return;

  std::string expected;
  if (limits.high == std::numeric_limits<double>::infinity()) {
    expected = fmt::format("{} {}", limits.low_open ? "greater than" : "at least", limits.low);
  } else if (limits.high >= std::numeric_limits<int>::max()) {
    // Such a bound only keeps counts inside an int: worth a word to those alone who cross it.
    expected = low_fits ? fmt::format("at most {:.0f}", limits.high) : fmt::format("at least {}", limits.low);
  } else {
    expected = fmt::format("in {}{}, {}{}", limits.low_open ? '(' : '[', limits.low, limits.high,
                           limits.high_open ? ')' : ']');
  }
  fail(ErrorKind::usage, where, ": must be ", expected, ", got ", fmt::format("{}", number));
}

std::string whole_number(const Limits& limits, std::string_view text, std::string_view where) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    fail(ErrorKind::usage, where, ": expected a whole number of at most 64 bits, found ",
         datasets::in_quotes(text));
  }
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail(ErrorKind::usage, where, ": expected a whole number, found ", datasets::in_quotes(text));
  }
  check_limits(limits, number, where);
  return std::to_string(number);
}

std::string whole_numbers(const Limits& limits, std::string_view text, std::string_view where) {
  std::string result;
  for (std::string_view part : split_words(text, ',')) {
    if (!result.empty()) result += ',';
    result += whole_number(limits, part, where);
  }
  return result;
}

std::string real_number(const Limits& limits, std::string_view text, std::string_view where) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    fail(ErrorKind::usage, where, ": expected a number, found ", datasets::in_quotes(text));
  }
  if (error == std::errc::result_out_of_range || !std::isfinite(number)) {
    fail(ErrorKind::usage, where, ": expected a finite number in the range of a double, found ",
         datasets::in_quotes(text));
  }
  check_limits(limits, number, where);
  return fmt::format("{}", number);
}

std::string on_or_off(std::string_view text, std::string_view where) {
  if (text == "on" || text == "true" || text == "1") return "on";
  if (text == "off" || text == "false" || text == "0") return "off";
  fail(ErrorKind::usage, where, ": expected on or off, found ", datasets::in_quotes(text));
}

/// Whether `text` is `word`, or "cuda:3" where the word is "cuda:N".
bool matches(std::string_view word, std::string_view text) {
  if (!word.ends_with(":N")) return word == text;
  const std::string_view stem = word.substr(0, word.size() - 1);
  if (!text.starts_with(stem)) return false;
  const std::string_view number = text.substr(stem.size());
  return !number.empty() && number.size() < 5 &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string one_of(std::string_view words, std::string_view text, std::string_view where) {
  std::vector<std::string_view> choices = split_words(words, '|');
  if (std::ranges::any_of(choices, [&](std::string_view word) { return matches(word, text); })) {
    return std::string(text);
  }
  std::string expected(choices[0]);
  for (std::size_t i = 1; i < choices.size(); ++i) {
    expected += i + 1 < choices.size() ? ", " : " or ";
    expected += choices[i];
  }
  std::erase_if(choices,
                [](std::string_view word) { return word.ends_with(":N"); });  // not typed as it stands
  const std::string close = datasets::suggest(text, choices);
  fail(ErrorKind::usage, where, ": expected ", expected, ", found ", datasets::in_quotes(text),
       close.empty() ? "" : "; did you mean '" + close + "'?");
}

}  // namespace

std::string canonical(const Option& option, std::string_view text, std::string_view where) {
  if (text.empty()) fail(ErrorKind::usage, where, ": expected a value");
  switch (option.kind) {
    case Kind::flag:
    case Kind::toggle:
      return on_or_off(text, where);
    case Kind::integer:
      return whole_number(option.limits, text, where);
    case Kind::real:
      return real_number(option.limits, text, where);
    case Kind::integers:
      return whole_numbers(option.limits, text, where);
    case Kind::choice:
      return one_of(option.values, text, where);
    case Kind::text:
      return std::string(text);
  }
  return {};
}

}  // namespace gnn::apps
