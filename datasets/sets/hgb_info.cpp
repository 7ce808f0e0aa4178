// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/hgb_info.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <datasets/formats/json_reader.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t most_types = 1024;

/// The key or text read last as a number.
std::size_t number_in(const JsonReader& json, std::string_view text, const std::string& what) {
  std::uint64_t value = 0;
  if (!parse_digits(text, value) || value >= most_types) {
    json.refuse_last(what + " from 0 to " + std::to_string(most_types - 1));
  }
  return value;
}

/// An object whose keys are numbers from 0 up, each once, in any order: calls member(value to fill).
template <class T, class Member>
std::vector<T> numbered(JsonReader& json, Member member) {
  std::vector<std::optional<T>> found;
  const std::size_t begin = json.position();
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    const std::size_t number = number_in(json, key, "a number");
    if (number >= found.size()) found.resize(number + 1);
    if (found[number]) json.refuse_last("each number once");
    found[number].emplace();
    member(*found[number]);
  }
  std::vector<T> result;
  for (auto& value : found) {
    if (!value) json.refuse_at(begin, "all numbers below " + std::to_string(found.size()) + " as keys");
    result.push_back(std::move(*value));
  }
  return result;
}

std::vector<std::string> names(JsonReader& json) {
  return numbered<std::string>(json, [&](std::string& name) { name = json.string(); });
}

/// A node type, as a number or as text.
std::size_t node_type(JsonReader& json) {
  if (json.peek() == JsonReader::Kind::string) return number_in(json, json.string(), "a node type");
  return json.whole("a node type from 0 to " + std::to_string(most_types - 1), most_types - 1);
}

HgbInfo::Link read_link(JsonReader& json) {
  HgbInfo::Link link;
  bool has_start = false, has_end = false, has_meaning = false;
  const std::size_t begin = json.position();
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    if (key == "start") {
      has_start = true;
      link.start = node_type(json);
    } else if (key == "end") {
      has_end = true;
      link.end = node_type(json);
    } else if (key == "meaning") {
      has_meaning = true;
      link.meaning = json.string();
    } else {
      json.skip();
    }
  }
  if (!has_start || !has_end || !has_meaning) json.refuse_at(begin, "a link type with start, end and meaning");
  return link;
}

/// Calls member() at the value of `wanted` in the object that comes next; skips all others.
template <class Member>
void only(JsonReader& json, std::string_view wanted, Member member) {
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    if (key == wanted) {
      member();
    } else {
      json.skip();
    }
  }
}

/// The names of the classes of some node types.
void read_classes(JsonReader& json, HgbInfo& info) {
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    const std::size_t number = number_in(json, key, "a node type");
    if (number >= info.classes.size()) info.classes.resize(number + 1);
    if (!info.classes[number].empty()) json.refuse_last("each node type once");
    info.classes[number] = names(json);
  }
}

}  // namespace

HgbInfo parse_hgb_info(std::string_view text, const std::string& file) {
  HgbInfo info;
  JsonReader json(text, file, JsonReader::Dialect::python);
  json.enter_object();
  for (std::string key; json.next_key(key);) {
    if (key == "node.dat") {
      only(json, "node type", [&] { info.types = names(json); });
    } else if (key == "link.dat") {
      only(json, "link type", [&] {
        info.links = numbered<HgbInfo::Link>(json, [&](HgbInfo::Link& link) { link = read_link(json); });
      });
    } else if (key == "label.dat") {
      only(json, "node type", [&] { read_classes(json, info); });
    } else {
      json.skip();
    }
  }
  json.finish();
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
