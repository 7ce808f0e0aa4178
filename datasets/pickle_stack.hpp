// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <datasets/pickle.hpp>
#include <datasets/pickle_objects.hpp>

namespace gnn::datasets::pickle {

/// The stack of the pickle machine, and the containers that are made from its values. A mark is set where the
/// contents of a container begin; the values below the last mark are out of reach. What these files never do
/// is refused, with the opcode's place: so memory stays within a few times the file, and values cannot nest
/// without end.
class Stack {
 public:
  /// `place` is where messages point to: the opcode that is being executed.
  explicit Stack(const Place& place) : place_(place) {}

  void push(Value value);
  Value pop();
  const Value& top() const;
  void mark();

  /// The `size` topmost values become a tuple.
  void make_tuple(std::size_t size);
  /// The values above the last mark become a tuple.
  void make_marked_tuple();
  /// Appends the topmost value to the list below it.
  void append();
  /// Appends the values above the last mark to the list below it.
  void append_marked();
  /// Puts the pairs of key and value above the last mark into the dictionary below it.
  void set_marked_items();

  /// The only value, at the end.
  Value take_result();

 private:
  std::size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }
  std::size_t pop_mark();
  void hold(std::size_t count);
  void make_tuple_from(std::size_t first);
  void append_from(std::size_t first);

  const Place& place_;
  std::vector<Value> values_;
  std::vector<std::size_t> marks_;  ///< number of values at each open mark
  std::size_t held_ = 0;            ///< values in all tuples and dictionaries so far
};

}  // namespace gnn::datasets::pickle
