// SPDX-License-Identifier: Apache-2.0
#include <datasets/pickle_stack.hpp>

#include <algorithm>
#include <string>

#include <datasets/in_quotes.hpp>

namespace gnn::datasets::pickle {
namespace {

// Python writes containers in batches of 1000 entries, these files hold fewer than 100 values in tuples and
// state dictionaries, and numpy's dtype in an array in a matrix opens 3 marks.
constexpr std::size_t max_values = 8192;
constexpr std::size_t max_held = 4096;
constexpr std::size_t max_marks = 3;

bool is_plain(const Value& value) {
  return value.as<None>() || value.as<bool>() || value.as<std::int32_t>() || value.as<std::string_view>() ||
         value.as<Name>() || value.as<Dtype>();
}

void check_tuple_part(const Value& part, const Place& place) {
  if (const Tuple* inner = part.as<Tuple>()) {
    for (const Value& value : *inner) {
      if (value.as<Tuple>()) place.refuse("tuples at most 2 deep", "a third");
    }
  } else if (!is_plain(part)) {
    place.refuse("a number, text, name, dtype or tuple inside a tuple", describe(part));
  }
}

void add_list(Lists& lists, const Value& key, const Value& value, const Place& place) {
  const auto* number = key.as<std::int32_t>();
  const List* list = value.as<List>();
  if (!number) place.refuse("a node number as key", describe(key));
  if (!list) place.refuse("a list of neighbours of node " + std::to_string(*number), describe(value));
  lists.keys.push_back(*number);
  lists.items.insert(lists.items.end(), list->begin(), list->end());
  lists.offsets.push_back(lists.items.size());
}

void add_entry(Dict& dict, const Value& key, Value& value, const Place& place) {
  const auto* name = key.as<std::string_view>();
  if (!name) place.refuse("text as key", describe(key));
  if (std::find(dict.keys.begin(), dict.keys.end(), *name) != dict.keys.end()) {
    place.refuse("each key once", in_quotes(*name) + " twice");
  }
  if (!is_plain(value) && !value.as<Tuple>() && !value.as<Array>()) {
    place.refuse("a number, text, tuple or array as the value of a key", describe(value));
  }
  dict.keys.push_back(*name);
  dict.values.push_back(std::move(value));
}

}  // namespace

void Stack::push(Value value) {
  if (values_.size() == max_values) place_.refuse("at most 8192 values on the stack", "more");
  values_.push_back(std::move(value));
}

const Value& Stack::top() const {
  if (values_.size() == bottom()) place_.refuse("a value on the stack", "none");
  return values_.back();
}

Value Stack::pop() {
  top();
  Value value = std::move(values_.back());
  values_.pop_back();
  return value;
}

void Stack::mark() {
  if (marks_.size() == max_marks) place_.refuse("at most 3 open marks", "a fourth");
  marks_.push_back(values_.size());
}

std::size_t Stack::pop_mark() {
  if (marks_.empty()) place_.refuse("a mark on the stack", "none");
  const std::size_t first = marks_.back();
  marks_.pop_back();
  return first;
}

void Stack::hold(std::size_t count) {
  held_ += count;
  if (held_ > max_held) place_.refuse("at most 4096 values in tuples and dictionaries", "more");
}

void Stack::make_tuple(std::size_t size) {
  if (values_.size() - bottom() < size) place_.refuse(std::to_string(size) + " values on the stack", "fewer");
  make_tuple_from(values_.size() - size);
}

void Stack::make_marked_tuple() {
  make_tuple_from(pop_mark());
}

void Stack::make_tuple_from(std::size_t first) {
  hold(values_.size() - first);
  Tuple tuple;
  tuple.reserve(values_.size() - first);
  for (std::size_t i = first; i < values_.size(); ++i) {
    check_tuple_part(values_[i], place_);
    tuple.push_back(std::move(values_[i]));
  }
  values_.resize(first);
  push({std::move(tuple)});
}

void Stack::append() {
  top();
  append_from(values_.size() - 1);
}

void Stack::append_marked() {
  append_from(pop_mark());
}

void Stack::append_from(std::size_t first) {
  List* list = first > bottom() ? values_[first - 1].as<List>() : nullptr;
  if (!list) place_.refuse("a list to append to", "none");
  for (std::size_t i = first; i < values_.size(); ++i) {
    const auto* number = values_[i].as<std::int32_t>();
    if (!number) place_.refuse("integers in a list", describe(values_[i]));
    list->push_back(*number);
  }
  values_.resize(first);
}

void Stack::set_marked_items() {
  const std::size_t first = pop_mark();
  if (first == bottom()) place_.refuse("a dictionary to fill", "none");
  if ((values_.size() - first) % 2 != 0) place_.refuse("pairs of key and value", "an odd number of values");
  Value& target = values_[first - 1];
  for (std::size_t i = first; i < values_.size(); i += 2) {
    if (auto* lists = target.as<std::unique_ptr<Lists>>()) {
      add_list(**lists, values_[i], values_[i + 1], place_);
    } else if (auto* dict = target.as<Dict>()) {
      hold(1);
      add_entry(*dict, values_[i], values_[i + 1], place_);
    } else {
      place_.refuse("a dictionary to fill", describe(target));
    }
  }
  values_.resize(first);
}

Value Stack::take_result() {
  if (values_.size() != 1 || !marks_.empty()) {
    place_.refuse("one value at STOP",
                  std::to_string(values_.size()) + " values and " + std::to_string(marks_.size()) + " marks");
  }
  return std::move(values_.front());
}

}  // namespace gnn::datasets::pickle
