// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/config_file.hpp>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>

#include <datasets/suggest.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

constexpr std::string_view tables[] = {"data", "model", "train", "output"};

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

std::string_view expected_type(Kind kind) {
  switch (kind) {
    case Kind::flag:
    case Kind::toggle:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::real:
      return "a number";
    case Kind::integers:
      return "a list of whole numbers";
    case Kind::text:
    case Kind::choice:
      return "a string";
  }
  return "";
}

/// Integers joined by commas; empty when the array is empty or holds anything else.
std::string joined(const toml::array& array) {
  std::string text;
  for (const toml::node& item : array) {
    if (!item.is_integer()) return {};
    if (!text.empty()) text += ',';
    text += std::to_string(**item.as_integer());
  }
  return text;
}

/// The value as it would be typed on the command line; empty when its type does not suit the option.
std::string as_typed(const toml::node& node, Kind kind) {
  switch (kind) {
    case Kind::flag:
    case Kind::toggle:
      return node.is_boolean() ? (**node.as_boolean() ? "on" : "off") : "";
    case Kind::integer:
      return node.is_integer() ? std::to_string(**node.as_integer()) : "";
    case Kind::real:
      return node.is_floating_point() ? fmt::format("{}", **node.as_floating_point())
                                      : as_typed(node, Kind::integer);
    case Kind::integers:
      return node.is_array() ? joined(*node.as_array()) : as_typed(node, Kind::integer);
    case Kind::text:
    case Kind::choice:
      return node.is_string() ? **node.as_string() : "";
  }
  return {};
}

class Reader {
 public:
  Reader(std::string file, Settings& settings) : file_(std::move(file)), settings_(settings) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (node.is_table() && std::ranges::find(tables, key.str()) != std::end(tables)) {
        read_table(key.str(), *node.as_table());
      } else {
        read_value("", key, node);
      }
    }
  }

 private:
  void read_table(std::string_view table, const toml::table& entries) {
    for (const auto& [key, node] : entries) read_value(std::string(table) + ".", key, node);
  }

  void read_value(const std::string& prefix, const toml::key& key, const toml::node& node) {
    const std::string path = prefix + std::string(key.str());
    const bool names_table = key == "name" && (prefix == "data." || prefix == "model.");
    const std::string name = names_table ? prefix.substr(0, prefix.size() - 1) : std::string(key.str());

    if ((!is_option(name) && !find_option(settings_.options(), name)) || name == "config") {
      const std::string close = datasets::suggest(name, allowed_keys());
      fail(ErrorKind::usage, place(key.source()), ": unknown key '", path, "'",
           close.empty() ? "" : "; did you mean '" + prefix + close + "'?");
    }
    const auto [earlier, first] = line_of_.emplace(name, key.source().begin.line);
    if (!first) {
      fail(ErrorKind::usage, place(key.source()), ": ", path, " was given already in line ", earlier->second);
    }

    const Option* option = find_option(settings_.options(), name);
    if (!option) return;
    const std::string where = place(node.source()) + ": " + path;
    const bool empty_string = node.is_string() && (**node.as_string()).empty();
    const std::string text = as_typed(node, option->kind);
    if (text.empty() && !empty_string) {
      fail(ErrorKind::usage, where, " must be ", expected_type(option->kind), ", got ", type_name(node));
    }
    settings_.set(name, text, Origin::config, where);
  }

  static std::vector<std::string_view> allowed_keys() {
    std::vector<std::string_view> names = option_names();
    std::erase(names, "config");
    return names;
  }

  std::string place(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", file_, source.begin.line, source.begin.column);
  }

  std::string file_;
  Settings& settings_;
  std::map<std::string, toml::source_index> line_of_;
};

}  // namespace

void read_config_file(const std::filesystem::path& path, Settings& settings) {
  const graphs::MappedFile file(path);
  toml::table root;
  try {
    root = toml::parse(file.text(), path.string());
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::usage, fmt::format("{}:{}:{}: {}", path.string(), error.source().begin.line,
                                       error.source().begin.column, error.description()));
  }
  Reader(path.string(), settings).read(root);
}

}  // namespace gnn::apps
