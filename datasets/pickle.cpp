// SPDX-License-Identifier: Apache-2.0
#include <datasets/pickle.hpp>

#include <algorithm>
#include <array>

#include <datasets/in_quotes.hpp>
#include <datasets/pickle_input.hpp>
#include <datasets/pickle_objects.hpp>
#include <datasets/pickle_stack.hpp>

namespace gnn::datasets::pickle {
namespace {

enum Opcode : unsigned char {
  op_mark = '(',
  op_empty_tuple = ')',
  op_stop = '.',
  op_binint = 'J',
  op_binint1 = 'K',
  op_binint2 = 'M',
  op_none = 'N',
  op_reduce = 'R',
  op_binstring = 'T',
  op_short_binstring = 'U',
  op_empty_list = ']',
  op_append = 'a',
  op_build = 'b',
  op_global = 'c',
  op_appends = 'e',
  op_binget = 'h',
  op_binput = 'q',
  op_long_binput = 'r',
  op_tuple = 't',
  op_setitems = 'u',
  op_empty_dict = '}',
  op_proto = 0x80,
  op_newobj = 0x81,
  op_tuple1 = 0x85,
  op_tuple2 = 0x86,
  op_tuple3 = 0x87,
  op_newtrue = 0x88,
  op_newfalse = 0x89,
};

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& file)
      : place_{file}, input_(bytes, file), stack_(place_) {}

  Value run() {
    read_protocol();
    while (step()) {
    }
    Value result = stack_.take_result();
    if (input_.left() > 0) {
      place_.byte = input_.position();
      place_.refuse("the end of the file after STOP", "more bytes");
    }
    return result;
  }

 private:
  void read_protocol() {
    const std::string_view start = input_.take(std::min<std::size_t>(input_.left(), 2), "the start");
    if (start == "\x80\x02") return;
    const std::string_view more = input_.take(std::min<std::size_t>(input_.left(), 14), "the start");
    place_.refuse("a pickle of protocol 2 (bytes 80 02)",
                  "not a pickle: " + in_quotes(std::string(start) + std::string(more)));
  }

  // The memo, a numbered store. Only names and dtypes are recalled by these files. To recall a container
  // would make cycles and doubling possible, so that its number is just cleared. BINGET reaches the numbers
  // below 256 only.

  void store(std::size_t number) {
    const Value& value = stack_.top();
    if (number >= memo_.size()) return;
    memo_[number] = {};
    if (const Name* name = value.as<Name>()) memo_[number] = *name;
    if (const Dtype* dtype = value.as<Dtype>()) memo_[number] = *dtype;
  }

  void recall(std::size_t number) {
    const auto& stored = memo_[number];
    if (const Name* name = std::get_if<Name>(&stored)) return stack_.push({*name});
    if (const Dtype* dtype = std::get_if<Dtype>(&stored)) return stack_.push({*dtype});
    place_.refuse("a name or dtype under the memo number " + std::to_string(number), "neither");
  }

  /// Executes one opcode; false after STOP.
  bool step() {
    place_.byte = input_.position();
    const auto opcode = static_cast<unsigned char>(input_.take(1, "an opcode").front());
    switch (opcode) {
      case op_stop:
        return false;
      case op_none:
        stack_.push({None{}});
        break;
      case op_newtrue:
        stack_.push({true});
        break;
      case op_newfalse:
        stack_.push({false});
        break;
      case op_binint:
        stack_.push({static_cast<std::int32_t>(input_.take_number(4, "a number"))});
        break;
      case op_binint1:
        stack_.push({static_cast<std::int32_t>(input_.take_number(1, "a number"))});
        break;
      case op_binint2:
        stack_.push({static_cast<std::int32_t>(input_.take_number(2, "a number"))});
        break;
      case op_short_binstring:
        stack_.push({input_.take(input_.take_number(1, "a length"), "text")});
        break;
      case op_binstring:
        stack_.push({input_.take(input_.take_number(4, "a length"), "text")});
        break;
      case op_global: {
        const std::string_view module = input_.take_line();
        stack_.push({find_name(module, input_.take_line(), place_)});
        break;
      }
      case op_mark:
        stack_.mark();
        break;
      case op_empty_list:
        stack_.push({List{}});
        break;
      case op_empty_dict:
        stack_.push({Dict{}});
        break;
      case op_empty_tuple:
        stack_.push({Tuple{}});
        break;
      case op_tuple:
        stack_.make_marked_tuple();
        break;
      case op_tuple1:
        stack_.make_tuple(1);
        break;
      case op_tuple2:
        stack_.make_tuple(2);
        break;
      case op_tuple3:
        stack_.make_tuple(3);
        break;
      case op_append:
        stack_.append();
        break;
      case op_appends:
        stack_.append_marked();
        break;
      case op_setitems:
        stack_.set_marked_items();
        break;
      case op_binput:
        store(input_.take_number(1, "a memo number"));
        break;
      case op_long_binput:
        store(input_.take_number(4, "a memo number"));
        break;
      case op_binget:
        recall(input_.take_number(1, "a memo number"));
        break;
      case op_reduce:
        combine(reduce);
        break;
      case op_newobj:
        combine(make_object);
        break;
      case op_build:
        combine(build);
        break;
      default: {
        constexpr std::string_view digits = "0123456789abcdef";
        place_.refuse(
            "one of the 28 opcodes that a Planetoid file may use",
            std::string("0x") + digits[opcode / 16] + digits[opcode % 16] + "; nothing was executed");
      }
    }
    return true;
  }

  /// Replaces the two topmost values by what `make` makes of them.
  void combine(Value (*make)(const Value&, const Value&, const Place&)) {
    const Value second = stack_.pop();
    const Value first = stack_.pop();
    stack_.push(make(first, second, place_));
  }

  Place place_;  ///< of the opcode that is being executed
  Input input_;
  Stack stack_;
  std::array<std::variant<std::monostate, Name, Dtype>, 256> memo_;
};

}  // namespace

Value read(std::span<const std::byte> bytes, const std::string& file) {
  return Machine(bytes, file).run();
}

}  // namespace gnn::datasets::pickle
