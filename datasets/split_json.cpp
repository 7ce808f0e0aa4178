// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include <datasets/in_quotes.hpp>
#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

using nlohmann::json;

/// "LINE:COLUMN" of a byte of a text, both from 1.
std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = 1 + before.size() - (before.rfind('\n') + 1);  // npos + 1 is 0
  return std::to_string(line) + ":" + std::to_string(column);
}

/// The JSON value, refusing what the parser lets pass: a key that occurs twice, and nesting deeper than the
/// lists.
json parse(std::string_view text, const std::string& file) {
  std::vector<std::string> keys;
  const auto inspect = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > 1 &&
        (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)) {
      fail(ErrorKind::input, file, ": expected an object of lists, found deeper nesting");
    }
    if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
        fail(ErrorKind::input, file, ": expected each key once, found ", in_quotes(key), " twice");
      }
      if (key != "name" && key != "train" && key != "val" && key != "test") {
        fail(ErrorKind::input, file, ": expected the keys name, train, val and test, found ", in_quotes(key));
      }
      keys.push_back(key);
    }
    return true;
  };
  try {
    return json::parse(text, inspect);
  } catch (const json::parse_error& error) {
    const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    fail(ErrorKind::input, file, ":", line_and_column(text, byte), ": expected JSON, found ",
         byte < text.size() ? in_quotes(text.substr(byte, 16)) : "the end of the file");
  } catch (const json::out_of_range&) {
    fail(ErrorKind::input, file, ": expected node numbers, found a number out of range");
  }
}

std::vector<NodeId> read_nodes(const json& object, const char* key, const std::string& file) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) {
    fail(ErrorKind::input, file, ": expected a list of nodes under '", key, "', found ",
         found == object.end() ? "none" : found->type_name());
  }
  std::vector<NodeId> nodes;
  for (const json& value : *found) {
    const bool fits = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() <= std::uint64_t(std::numeric_limits<NodeId>::max());
    if (!fits) {
      fail(ErrorKind::input, file, ": ", key, ": expected node numbers, found ",
           in_quotes(value.dump(-1, ' ', true)));
    }
    nodes.push_back(value.get<NodeId>());
  }
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

}  // namespace

std::string to_json(const Split& split) {
  nlohmann::ordered_json object;
  object["name"] = split.name;
  object["train"] = split.train;
  object["val"] = split.val;
  object["test"] = split.test;
  return object.dump() + "\n";
}

Split split_from_json(std::string_view text, const std::string& file, NodeId num_nodes) {
  const json object = parse(text, file);
  if (!object.is_object()) fail(ErrorKind::input, file, ": expected an object, found ", object.type_name());
  Split split;
  if (const auto name = object.find("name"); name != object.end()) {
    if (!name->is_string())
      fail(ErrorKind::input, file, ": expected text as the name, found ", name->type_name());
    split.name = name->get<std::string>();
  }
  split.train = read_nodes(object, "train", file);
  split.val = read_nodes(object, "val", file);
  split.test = read_nodes(object, "test", file);
  try {
    validate(split, num_nodes);
  } catch (const Error& error) {
    fail(ErrorKind::input, file, ": ", error.what());
  }
  return split;
}

}  // namespace gnn::datasets
