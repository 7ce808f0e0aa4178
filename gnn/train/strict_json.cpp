// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/strict_json.hpp>

#include <nlohmann/json.hpp>
#include <set>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_bytes = 16 << 20;  // of text; the tree takes some times as much

std::string shown(const Json& value) {
  return graphs::quote_for_message(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

struct StrictObject::Tree {
  std::string where;
  Json object;
  std::set<std::string> asked;

  [[noreturn]] void refuse(const char* key, const char* expected, const Json& found) const {
    fail(ErrorKind::input, where, ": expected ", expected, " at '", key, "', found ", shown(found));
  }

  const Json& get(const char* key, bool (Json::*fits)() const noexcept, const char* expected) {
    asked.insert(key);
    const auto found = object.find(key);
    if (found == object.end()) fail(ErrorKind::input, where, ": expected a key '", key, "', found none");
    if (!((*found).*fits)()) refuse(key, expected, *found);
    return *found;
  }
};

StrictObject::StrictObject(const std::string& text, std::string where)
    : tree_(std::make_unique<Tree>(Tree{std::move(where), {}, {}})) {
  const std::string& place = tree_->where;
  if (text.size() > most_bytes) {
    fail(ErrorKind::input, place, ": expected at most ", most_bytes, " bytes, found ", text.size());
  }
  // Keys are checked as they come: the tree would keep only one of two equal ones.
  std::set<std::string> keys;
  const auto check_event = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > 2)
      fail(ErrorKind::input, place, ": expected values and lists of values, found deeper levels");
    if (event == Json::parse_event_t::key && !keys.insert(parsed.get<std::string>()).second) {
      fail(ErrorKind::input, place, ": expected every key once, found ", shown(parsed), " twice");
    }
    return true;
  };
  try {
    tree_->object = Json::parse(text, check_event);
  } catch (const Json::exception&) {
    fail(ErrorKind::input, place, ": expected JSON, found '", graphs::quote_for_message(text), "'");
  }
  if (!tree_->object.is_object()) {
    fail(ErrorKind::input, place, ": expected an object, found ", shown(tree_->object));
  }
}

StrictObject::~StrictObject() = default;

bool StrictObject::has(const char* key) const {
  return tree_->object.contains(key);
}

bool StrictObject::boolean(const char* key) {
  return tree_->get(key, &Json::is_boolean, "true or false").get<bool>();
}

double StrictObject::number(const char* key) {
  return tree_->get(key, &Json::is_number, "a number").get<double>();
}

std::uint64_t StrictObject::count(const char* key) {
  return tree_->get(key, &Json::is_number_unsigned, "a whole number").get<std::uint64_t>();
}

std::string StrictObject::string(const char* key) {
  return tree_->get(key, &Json::is_string, "a string").get<std::string>();
}

std::vector<std::size_t> StrictObject::counts(const char* key) {
  std::vector<std::size_t> list;
  for (const Json& item : tree_->get(key, &Json::is_array, "a list")) {
    if (!item.is_number_unsigned()) tree_->refuse(key, "a list of whole numbers", item);
    list.push_back(item.get<std::size_t>());
  }
  return list;
}

std::vector<double> StrictObject::numbers(const char* key) {
  std::vector<double> list;
  for (const Json& item : tree_->get(key, &Json::is_array, "a list")) {
    if (!item.is_number()) tree_->refuse(key, "a list of numbers", item);
    list.push_back(item.get<double>());
  }
  return list;
}

std::vector<std::string> StrictObject::strings(const char* key) {
  std::vector<std::string> list;
  for (const Json& item : tree_->get(key, &Json::is_array, "a list")) {
    if (!item.is_string()) tree_->refuse(key, "a list of strings", item);
    list.push_back(item.get<std::string>());
  }
  return list;
}

void StrictObject::finish() const {
  for (const auto& [key, value] : tree_->object.items()) {
    if (tree_->asked.contains(key)) continue;
    fail(ErrorKind::input, tree_->where, ": expected known keys only, found '",
         graphs::quote_for_message(key), "'");
  }
}

}  // namespace gnn::inline GNN_PRECISION
