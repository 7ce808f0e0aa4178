// SPDX-License-Identifier: Apache-2.0
#include <datasets/pickle.hpp>

#include <doctest/doctest.h>

#include <set>

#include "error_text.hpp"
#include "tiny_planetoid.hpp"

namespace datasets = gnn::datasets;
namespace pickle = gnn::test::pickle;
using gnn::test::error_text;

namespace {

datasets::pickle::Value read(const std::string& bytes) {
  return datasets::pickle::read(std::as_bytes(std::span(bytes)), "a.pickle");
}

std::string refusal(const std::string& bytes) {
  return error_text([&] { read(bytes); });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("pickle: numbers, text, None and truth values are read") {
  const auto number = [](const std::string& value) { return *read(pickle::file(value)).as<std::int32_t>(); };
  CHECK(number(pickle::integer(7)) == 7);
  CHECK(number(pickle::integer(65535)) == 65535);
  CHECK(number(pickle::integer(-2)) == -2);
  CHECK(number(pickle::integer(2147483647)) == 2147483647);
  CHECK(read(pickle::file("N")).as<datasets::pickle::None>());
  CHECK(*read(pickle::file("\x88")).as<bool>() == true);
  CHECK(*read(pickle::file("\x89")).as<bool>() == false);
  const std::string bytes = pickle::file(pickle::text("abc"));
  CHECK(*read(bytes).as<std::string_view>() == "abc");
  const std::string long_bytes = pickle::file(pickle::text(std::string(300, 'z')));
  CHECK(read(long_bytes).as<std::string_view>()->size() == 300);
}

TEST_CASE("pickle: tuples, lists and lists by node are read") {
  const auto pair = read(pickle::file(pickle::integer(1) + pickle::integer(2) + "\x86"));
  REQUIRE(pair.as<datasets::pickle::Tuple>());
  CHECK(*pair.as<datasets::pickle::Tuple>()->at(1).as<std::int32_t>() == 2);
  const auto list =
      read(pickle::file(']' + pickle::integer(5) + "a(" + pickle::integer(6) + pickle::integer(7) + "e"));
  CHECK(*list.as<datasets::pickle::List>() == datasets::pickle::List{5, 6, 7});

  const auto value = read(pickle::file(pickle::lists({{0, {4, 5}}, {9, {}}, {2, {-1}}})));
  const auto& lists = **value.as<std::unique_ptr<datasets::pickle::Lists>>();
  CHECK(lists.keys == std::vector<std::int32_t>{0, 9, 2});
  CHECK(lists.offsets == std::vector<std::size_t>{0, 2, 2, 3});
  CHECK(lists.items == std::vector<std::int32_t>{4, 5, -1});
}

TEST_CASE("pickle: arrays and matrices point into the file") {
  const std::string bytes = pickle::file(pickle::one_hot({1, 0, 1}, 2));
  const auto value = read(bytes);
  const auto* array = value.as<datasets::pickle::Array>();
  REQUIRE(array);
  CHECK(array->rows == 3);
  CHECK(array->columns == 2);
  CHECK(array->dimensions == 2);
  CHECK(array->bytes.size() == 24);
  CHECK(array->bytes.data() > std::as_bytes(std::span(bytes)).data());

  const std::string matrix_bytes = pickle::file(pickle::matrix({{0, 3}, {1}}, 4));
  const auto matrix = read(matrix_bytes);
  const auto& csr = **matrix.as<std::unique_ptr<datasets::pickle::CsrMatrix>>();
  CHECK(csr.rows == 2);
  CHECK(csr.columns == 4);
  CHECK(csr.indptr.size() == 3);
  CHECK(csr.data.dtype == datasets::pickle::Dtype::float32);
}

TEST_CASE("pickle: the memo recalls names and dtypes, no containers") {
  const auto recalled = read(pickle::file(pickle::global("numpy", "ndarray") + "q\x05h\x05\x86"));
  CHECK(recalled.as<datasets::pickle::Tuple>()->size() == 2);
  CHECK(contains(refusal(pickle::file("]q\x01h\x01\x86")),
                 "byte 5: expected a name or dtype under the memo number 1"));
  // A number that named a name before is cleared by the container.
  CHECK(contains(refusal(pickle::file(pickle::global("numpy", "ndarray") + "q\x01]q\x01h\x01\x87")),
                 "memo number 1"));
  CHECK(contains(refusal(pickle::file("h\x07")), "memo number 7, found neither"));
  CHECK(refusal(pickle::file(std::string("]r\xff\xff\xff\xff", 6))) == "no error");
}

TEST_CASE("pickle: each of the 228 other opcodes is refused where it stands") {
  const std::string allowed =
      "\x80"
      "c(.N\x88\x89JKMUT]})t\x85\x86\x87"
      "aeuqrhR\x81"
      "b";
  const std::set<char> known(allowed.begin(), allowed.end());
  REQUIRE(known.size() == 28);
  int refused = 0;
  for (int opcode = 0; opcode < 256; ++opcode) {
    const bool is_known = known.count(static_cast<char>(opcode)) > 0;
    const std::string bytes =
        pickle::file(pickle::integer(1) + static_cast<char>(opcode) + std::string(8, '\0'));
    const std::string text = refusal(bytes);
    CAPTURE(opcode);
    CHECK(contains(text, "3 a.pickle: byte"));
    const bool is_refused = contains(text, "byte 4: expected one of the 28 opcodes");
    // PROTO is allowed as the first opcode only.
    CHECK(is_refused == (!is_known || opcode == 0x80));
    refused += is_refused && !is_known;
  }
  CHECK(refused == 228);
}

TEST_CASE("pickle: names other than the six are refused, however they look") {
  CHECK(refusal(pickle::file(pickle::global("os", "system") + pickle::text("true") + "\x85R")) ==
        "3 a.pickle: byte 2: expected one of the 6 names that a Planetoid file may use, found 'os system'; "
        "nothing was "
        "called");
  CHECK(contains(refusal(pickle::file(pickle::global("numpy", "dtype "))), "byte 2"));
  CHECK(contains(refusal(pickle::file(pickle::global("builtins", "list"))), "'builtins list'"));
  CHECK(contains(refusal(pickle::file("c\x1b[31m\nx\n")), "\\x1b[31m x"));
  CHECK(contains(refusal(pickle::file("c" + std::string(1000, 'a'))), "a name of at most 64 bytes"));
}

TEST_CASE("pickle: what REDUCE, NEWOBJ and BUILD get is checked") {
  const std::string reconstruct = pickle::global("numpy.core.multiarray", "_reconstruct");
  const std::string ndarray = pickle::global("numpy", "ndarray");
  const std::string dtype = pickle::global("numpy", "dtype");
  const auto refused = [](const std::string& value, const std::string& part) {
    const std::string text = refusal(pickle::file(value));
    CAPTURE(text);
    CHECK(contains(text, part));
  };
  refused(reconstruct + ndarray + pickle::integer(5) + "\x85" + pickle::text("b") + "\x87R", "_reconstruct");
  refused(reconstruct + dtype + pickle::integer(0) + "\x85" + pickle::text("b") + "\x87R", "_reconstruct");
  refused(ndarray + ")R", "before REDUCE, found the name ndarray");
  refused(dtype + pickle::text("O8") + pickle::integer(0) + pickle::integer(1) + "\x87R", "found 'O8'");
  refused(dtype + pickle::text("i4") + pickle::integer(1) + pickle::integer(1) + "\x87R",
          "expected dtype of");
  refused(pickle::dtype("i4", ">"), "byte order '<', found '>'");
  refused(pickle::global("collections", "defaultdict") + ")R", "argument list of defaultdict");
  refused(ndarray + ")\x81", "csr_matrix before NEWOBJ");
  refused(pickle::global("scipy.sparse.csr", "csr_matrix") + pickle::integer(1) + "\x85\x81", "no arguments");
  refused(pickle::integer(1) + ")b", "before BUILD, found the integer 1");
  refused(pickle::array(std::vector<float>{1}) + ")b", "before BUILD, found an array");
  refused(pickle::raw_array("i4", {2}, std::string(7, '\0')), "bytes for an array of 2 x 1, found 7 bytes");
  refused(pickle::raw_array("f8", {2147483647, 2147483647}, ""), "2147483647 x 2147483647");
  refused(pickle::raw_array("i4", {-1}, ""), "a size of 0 or more");
  refused(pickle::raw_array("i4", {1, 1, 1}, "1234"), "1 or 2 dimensions");
  refused(pickle::raw_array("i4", {1}, "1234", "\x88"), "C order, marked False");
  refused(pickle::raw_matrix(1, 1, "N", pickle::array(std::vector<float>{}), "N"),
          "as the matrix's 'indptr'");
  refused(pickle::global("scipy.sparse.csr", "csr_matrix") + ")\x81}b", "the entry '_shape'");
}

TEST_CASE("pickle: containers take only what these files put into them") {
  const auto refused = [](const std::string& value, const std::string& part) {
    const std::string text = refusal(pickle::file(value));
    CAPTURE(text);
    CHECK(contains(text, part));
  };
  refused("]]a", "integers in a list, found a list");
  refused("Na", "a list to append to");
  refused("](NeN", "integers in a list, found None");
  refused(")\x85\x85\x85", "tuples at most 2 deep");
  refused("]\x85", "inside a tuple, found a list");
  refused("}(" + pickle::text("a") + "Nu(" + pickle::text("a") + "Nu", "each key once, found 'a' twice");
  refused("}(NNu", "text as key");
  refused("}(" + pickle::text("a") + "}u", "value of a key, found a dictionary");
  refused("}(Nu", "an odd number");
  refused("(NNu", "a dictionary to fill");
  refused(pickle::lists({}) + "(" + pickle::text("a") + "]u", "a node number as key");
  refused("((((", "at most 3 open marks");
  refused("t", "a mark on the stack");
  refused("N\x86", "2 values on the stack");
  refused("(N\x86", "2 values on the stack");
  refused("R", "a value on the stack");
  refused("(NR", "a value on the stack");
  refused("NN", "one value at STOP, found 2 values");
  refused("(N", "1 values and 1 marks");
  refused(std::string(9000, 'N'), "at most 8192 values on the stack");
  std::string many_tuples;
  for (int i = 0; i < 5000; ++i) many_tuples += "N\x85";
  refused(many_tuples, "at most 4096 values in tuples");
  CHECK(contains(refusal(pickle::file("N") + "N"), "the end of the file after STOP"));
}

TEST_CASE("pickle: something else is called not a pickle, at byte 0") {
  for (const std::string start : {"", "\x80", "<!DOCTYPE html><html>", "\x80\x04N.", "(lp0\n."}) {
    CAPTURE(start);
    const std::string text = refusal(start);
    CHECK(contains(text, "byte 0: expected a pickle of protocol 2"));
    CHECK(contains(text, "not a pickle"));
  }
}

TEST_CASE("pickle: sizes are compared with the bytes that are left") {
  CHECK(refusal(std::string("\x80\x02T\xff\xff\xff\x7f...", 10)) ==
        "3 a.pickle: byte 7: expected 2147483647 bytes of text, found the end of the file after 3");
  CHECK(contains(refusal(std::string("\x80\x02T\xff\xff\xff\xff.", 8)), "expected 4294967295 bytes of text"));
  CHECK(contains(refusal(std::string("\x80\x02J\x01", 4)), "expected 4 bytes of a number"));
}

TEST_CASE("pickle: a file cut at any byte is an error") {
  for (const auto& entry : gnn::test::tiny_planetoid()) {
    const std::string &part = entry.first, &bytes = entry.second;
    if (part == "test.index") continue;
    CAPTURE(part);
    CHECK(refusal(bytes) == "no error");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that the address sanitizer sees a step behind the end.
      const std::string cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      CAPTURE(size);
      CHECK(contains(refusal(cut), "3 a.pickle: byte"));
    }
  }
}
