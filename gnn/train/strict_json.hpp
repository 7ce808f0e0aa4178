// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include <gnn/core/real.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

// For sources only: no public header includes this.
namespace gnn::inline GNN_PRECISION {

using Json = nlohmann::ordered_json;

/// A JSON object of a stranger, read key by key. Every value is asked for with its type, and what nobody asked for is
/// refused at the end. Throws Error(input) "WHERE: expected a number at 'dropout', found "much"".
class StrictObject {
 public:
  StrictObject(const std::string& text, std::string where) : where_(std::move(where)) {
    constexpr std::size_t most_bytes = 16 << 20;
    if (text.size() > most_bytes) fail(ErrorKind::input, where_, ": expected at most ", most_bytes, " bytes, found ", text.size());
    // Keys are checked as they come: the tree keeps only one of two equal ones.
    std::set<std::string> keys;
    const auto check_event = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > 2) fail(ErrorKind::input, where_, ": expected values and lists of values, found deeper levels");
      if (event == Json::parse_event_t::key && !keys.insert(parsed.get<std::string>()).second) {
        fail(ErrorKind::input, where_, ": expected every key once, found ", shown(parsed), " twice");
      }
      return true;
    };
    try {
      object_ = Json::parse(text, check_event);
    } catch (const Json::parse_error& error) {
      fail(ErrorKind::input, where_, ": expected JSON, found an error at its byte ", error.byte);
    }
    if (!object_.is_object()) fail(ErrorKind::input, where_, ": expected an object, found ", shown(object_));
  }

  bool has(const char* key) const { return object_.contains(key); }
  bool boolean(const char* key) { return get(key, &Json::is_boolean, "true or false").template get<bool>(); }
  double number(const char* key) { return get(key, &Json::is_number, "a number").template get<double>(); }
  std::string string(const char* key) { return get(key, &Json::is_string, "a string").template get<std::string>(); }
  std::uint64_t count(const char* key) { return get(key, &Json::is_number_unsigned, "a whole number").template get<std::uint64_t>(); }

  std::vector<std::size_t> counts(const char* key) {
    std::vector<std::size_t> list;
    for (const Json& item : get(key, &Json::is_array, "a list")) {
      if (!item.is_number_unsigned()) fail_at(key, "a list of whole numbers", item);
      list.push_back(item.get<std::size_t>());
    }
    return list;
  }

  std::vector<std::string> strings(const char* key) {
    std::vector<std::string> list;
    for (const Json& item : get(key, &Json::is_array, "a list")) {
      if (!item.is_string()) fail_at(key, "a list of strings", item);
      list.push_back(item.get<std::string>());
    }
    return list;
  }

  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (!asked_.contains(key)) fail(ErrorKind::input, where_, ": expected known keys only, found '", graphs::quote_for_message(key), "'");
    }
  }

 private:
  static std::string shown(const Json& value) {
    return graphs::quote_for_message(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  [[noreturn]] void fail_at(const char* key, const char* expected, const Json& found) const {
    fail(ErrorKind::input, where_, ": expected ", expected, " at '", key, "', found ", shown(found));
  }

  const Json& get(const char* key, bool (Json::*fits)() const noexcept, const char* expected) {
    asked_.insert(key);
    const auto found = object_.find(key);
    if (found == object_.end()) fail(ErrorKind::input, where_, ": expected a key '", key, "', found none");
    if (!((*found).*fits)()) fail_at(key, expected, *found);
    return *found;
  }

  std::string where_;
  Json object_;
  std::set<std::string> asked_;
};

}  // namespace gnn::inline GNN_PRECISION
