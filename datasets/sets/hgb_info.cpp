// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/hgb_info.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <datasets/sets/json_scanner.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

/// A number that stands in a string, as keys of JSON must and some values of these files do.
std::size_t number_in(JsonScanner& json, std::string_view text, std::size_t below, const std::string& what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value >= below) {
    json.refuse(json.last(), what + " from 0 to " + std::to_string(below - 1));
  }
  return value;
}

constexpr std::size_t most_types = 1024;

/// An object whose keys are numbers from 0 up, each once, in any order: calls member(number, value to fill).
template <class T, class Member>
std::vector<T> numbered(JsonScanner& json, Member member) {
  std::vector<std::optional<T>> found;
  json.object([&](std::string_view key) {
    const std::size_t number = number_in(json, key, most_types, "a number");
    if (number >= found.size()) found.resize(number + 1);
    if (found[number]) json.refuse(json.last(), "each number once");
    found[number].emplace();
    member(number, *found[number]);
  });
  std::vector<T> result;
  for (auto& value : found) {
    if (!value) json.refuse(json.last(), "all numbers below " + std::to_string(found.size()) + " as keys");
    result.push_back(std::move(*value));
  }
  return result;
}

std::vector<std::string> names(JsonScanner& json) {
  return numbered<std::string>(json, [&](std::size_t, std::string& name) { name = json.string("a name"); });
}

HgbInfo::Link read_link(JsonScanner& json) {
  HgbInfo::Link link;
  bool has_start = false, has_end = false, has_meaning = false;
  const auto type = [&](bool& seen) {
    if (std::exchange(seen, true)) json.refuse(json.last(), "each key once");
    if (json.peek() != '"') {
      return static_cast<std::size_t>(json.integer(0, std::int64_t(most_types) - 1, "a node type"));
    }
    return number_in(json, json.string("a node type"), most_types, "a node type");
  };
  json.object([&](std::string_view key) {
    if (key == "start") {
      link.start = type(has_start);
    } else if (key == "end") {
      link.end = type(has_end);
    } else if (key == "meaning") {
      if (std::exchange(has_meaning, true)) json.refuse(json.last(), "each key once");
      link.meaning = json.string("a name");
    } else {
      json.skip();
    }
  });
  if (!has_start || !has_end || !has_meaning) json.refuse(json.last(), "a link type with start, end and meaning");
  return link;
}

/// Calls member() at the value of `wanted` in the object that comes next; skips all others.
template <class Member>
void only(JsonScanner& json, std::string_view wanted, Member member) {
  bool seen = false;
  json.object([&](std::string_view key) {
    if (key != wanted) return json.skip();
    if (std::exchange(seen, true)) json.refuse(json.last(), "each key once");
    member();
  });
}

}  // namespace

HgbInfo parse_hgb_info(std::string_view text, const std::string& file) {
  HgbInfo info;
  JsonScanner json(text, file);
  json.object([&](std::string_view key) {
    if (key == "node.dat") {
      only(json, "node type", [&] { info.types = names(json); });
    } else if (key == "link.dat") {
      only(json, "link type", [&] {
        info.links = numbered<HgbInfo::Link>(json, [&](std::size_t, HgbInfo::Link& link) { link = read_link(json); });
      });
    } else if (key == "label.dat") {
      only(json, "node type", [&] {
        json.object([&](std::string_view type) {
          const std::size_t number = number_in(json, type, most_types, "a node type");
          if (number >= info.classes.size()) info.classes.resize(number + 1);
          if (!info.classes[number].empty()) json.refuse(json.last(), "each node type once");
          info.classes[number] = names(json);
        });
      });
    } else {
      json.skip();
    }
  });
  json.expect_end();
  const auto require = [&](bool condition, const char* what) {
    if (!condition) fail(ErrorKind::input, file, ": expected ", what, ", found none");
  };
  require(!info.types.empty(), "\"node type\" in \"node.dat\"");
  require(!info.links.empty(), "\"link type\" in \"link.dat\"");
  for (const HgbInfo::Link& link : info.links) {
    if (link.start < info.types.size() && link.end < info.types.size()) continue;
    fail(ErrorKind::input, file, ": link.dat: expected node types below ", info.types.size(), ", found ",
         link.start, " to ", link.end);
  }
  info.classes.resize(std::max(info.classes.size(), info.types.size()));
  return info;
}

}  // namespace gnn::datasets
