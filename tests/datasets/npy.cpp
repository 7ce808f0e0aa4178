// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include <datasets/formats/npy.hpp>

#include "error_text.hpp"
#include "npy_writer.hpp"

using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::npy_bytes;
using gnn::test::npy_file;
using gnn::test::raw;

namespace {

std::string error_of(const std::string& file) {
  return error_text([&] { parse_npy(npy_bytes(file), "x.npy"); });
}

std::string header(const std::string& dictionary) {
  return npy_file(dictionary, raw<float>({1, 2}));
}

}  // namespace

TEST_CASE("npy: numbers of every type become integers or floats in C order") {
  const auto integers = [](const std::string& descr, const std::string& data) {
    const std::string file =
        npy_file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,), }", data);
    return to_integers(parse_npy(npy_bytes(file), "x.npy"));
  };
  using Integers = std::vector<std::int64_t>;
  CHECK(integers("|b1", raw<std::uint8_t>({0, 1})) == Integers{0, 1});
  CHECK(integers("|i1", raw<std::int8_t>({-1, 2})) == Integers{-1, 2});
  CHECK(integers("|u1", raw<std::uint8_t>({255, 2})) == Integers{255, 2});
  CHECK(integers("<i2", raw<std::int16_t>({-300, 2})) == Integers{-300, 2});
  CHECK(integers("<u2", raw<std::uint16_t>({65535, 2})) == Integers{65535, 2});
  CHECK(integers("<i4", raw<std::int32_t>({-70000, 2})) == Integers{-70000, 2});
  CHECK(integers("<u4", raw<std::uint32_t>({4294967295u, 2})) == Integers{4294967295, 2});
  CHECK(integers("<i8", raw<std::int64_t>({-5000000000, 2})) == Integers{-5000000000, 2});
  CHECK(integers("<u8", raw<std::uint64_t>({7, 2})) == Integers{7, 2});
  const std::string doubles =
      npy_file("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", raw<double>({0.5, -3}));
  CHECK(to_floats(parse_npy(npy_bytes(doubles), "x.npy")) == std::vector<float>{0.5f, -3});
}

TEST_CASE("npy: Fortran order is turned into C order") {
  const std::string file = npy_file("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }",
                                    raw<std::int32_t>({1, 4, 2, 5, 3, 6}));
  CHECK(to_integers(parse_npy(npy_bytes(file), "x.npy")) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});

  // 2 x 3 x 4, longer than one step of any loop over a single dimension.
  std::vector<std::int32_t> fortran(24);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 4; ++k) fortran[i + 2 * j + 6 * k] = int(12 * i + 4 * j + k);
    }
  }
  const std::string cube =
      npy_file("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3, 4), }", raw(fortran));
  const auto values = to_integers(parse_npy(npy_bytes(cube), "x.npy"));
  for (std::size_t i = 0; i < 24; ++i) CHECK(values[i] == std::int64_t(i));

  const std::string empty = npy_file("{'descr': '<U1', 'fortran_order': True, 'shape': (0, 3), }", "");
  CHECK(to_texts(parse_npy(npy_bytes(empty), "x.npy")).empty());
}

TEST_CASE("npy: a large array in Fortran order is the transpose of the same in C order") {
  const std::size_t rows = 1031, columns = 517;  // more than one piece of the parallel loop
  std::vector<float> stored(rows * columns);
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = float(i % 8191);
  const std::string shape = std::string("(") + std::to_string(rows) + ", " + std::to_string(columns) + ")";
  const std::string file =
      npy_file("{'descr': '<f4', 'fortran_order': True, 'shape': " + shape + ", }", raw(stored));
  const auto values = to_floats(parse_npy(npy_bytes(file), "x.npy"));
  REQUIRE(values.size() == stored.size());
  bool same = true;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) same = same && values[i * columns + j] == stored[i + rows * j];
  }
  CHECK(same);
}

TEST_CASE("npy: text is read as UTF-8, without the zeros that fill it up") {
  const std::string wide = npy_file("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }",
                                    raw<std::uint32_t>({'a', 0xe9, 0, 0x1f600, 'b', 'c'}));
  CHECK(to_texts(parse_npy(npy_bytes(wide), "x.npy")) == std::vector<std::string>{"a\xc3\xa9",
                                                                                  "\xf0\x9f\x98\x80"
                                                                                  "bc"});
  const std::string narrow =
      npy_file("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", std::string("ab\0xyz", 6));
  CHECK(to_texts(parse_npy(npy_bytes(narrow), "x.npy")) == std::vector<std::string>{"ab", "xyz"});
  const std::string surrogate =
      npy_file("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", raw<std::uint32_t>({0xd800}));
  CHECK(error_text([&] { to_texts(parse_npy(npy_bytes(surrogate), "x.npy")); }) ==
        "3 x.npy: row 0: expected a Unicode character, found number 55296");
  const std::string broken = npy_file("{'descr': '|S1', 'fortran_order': False, 'shape': (1,), }", "\xff");
  CHECK(error_text([&] { to_texts(parse_npy(npy_bytes(broken), "x.npy")); }) ==
        "3 x.npy: row 0: expected UTF-8, found '\\xff'");
}

TEST_CASE("npy: headers of version 2 and 3, of Python 2 and with other spacing are read") {
  for (const char version : {'\2', '\3'}) {
    const std::string file =
        npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", raw<float>({1, 2}), version);
    CHECK(to_floats(parse_npy(npy_bytes(file), "x.npy")) == std::vector<float>{1, 2});
  }
  const std::string long_numbers = header("{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 2L), }");
  CHECK(parse_npy(npy_bytes(long_numbers), "x.npy").shape == std::vector<std::size_t>{1, 2});
  const std::string tight = header("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}");
  CHECK(parse_npy(npy_bytes(tight), "x.npy").shape == std::vector<std::size_t>{2});
  const std::string number =
      npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", raw<float>({7}));
  CHECK(to_floats(parse_npy(npy_bytes(number), "x.npy")) == std::vector<float>{7});
}

TEST_CASE("npy: what is written is read back, and its data begins at a multiple of 64") {
  const std::size_t shape[] = {2, 1};
  const float values[] = {1.5f, -2};
  const auto file = make_npy("<f4", shape, std::as_bytes(std::span(values)));
  CHECK(file.size() % 64 == 8);
  const NpyArray array = parse_npy(file, "x.npy");
  CHECK(array.shape == std::vector<std::size_t>{2, 1});
  CHECK(to_floats(array) == std::vector<float>{1.5f, -2});
  CHECK(parse_npy(make_npy("|u1", std::span(shape, 1), std::as_bytes(std::span("x"))), "x.npy").size() == 2);
}

TEST_CASE("npy: texts that are written are read back, and what is no UTF-8 is marked") {
  const std::vector<std::string> texts = {"", "a", "\u00e9\u20ac\U0001f600!", "longest of all"};
  CHECK(to_texts(parse_npy(make_text_npy(texts), "x.npy")) == texts);
  CHECK(parse_npy(make_text_npy(texts), "x.npy").descr == "<U14");
  const std::vector<std::string> broken = {"a\xff\xe2\x82z"};
  CHECK(to_texts(parse_npy(make_text_npy(broken), "x.npy")) == std::vector<std::string>{"a\ufffd\ufffd\ufffdz"});
  CHECK(parse_npy(make_text_npy({}), "x.npy").shape == std::vector<std::size_t>{0});
}

TEST_CASE("npy: what is no npy file is refused with the byte") {
  CHECK(error_of("") == "3 x.npy: expected an npy array, found no bytes");
  CHECK(error_of("PK\3\4abcdef") ==
        "3 x.npy: byte 0: expected an npy array, '\\x93NUMPY', found 'PK\\x03\\x04ab'");
  CHECK(error_of("\x93NUMPY") == "3 x.npy: byte 6: expected a version, found the end of the file");
  CHECK(error_of(std::string("\x93NUMPY\x09\0v\0{}", 12)) ==
        "3 x.npy: byte 6: expected version 1.0, 2.0 or 3.0, found 9.0");
  CHECK(error_of(std::string("\x93NUMPY\x01\0v", 9)) ==
        "3 x.npy: byte 8: expected the length of the header, found the end of the file");
  CHECK(error_of(std::string("\x93NUMPY\x01\0\xff\xff{}", 12)) ==
        "3 x.npy: byte 8: expected a header of at most 2 bytes, found the length 65535");
  CHECK(error_of(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14)) ==
        "3 x.npy: byte 8: expected a header of at most 2 bytes, found the length 4294967295");
}

TEST_CASE("npy: headers that say anything else than NumPy does are refused") {
  const auto has = [](const std::string& dictionary, const std::string& part) {
    const std::string error = error_of(header(dictionary));
    CHECK_MESSAGE(error.find(part) != std::string::npos, error, " lacks ", part);
    CHECK_MESSAGE(error.find("3 x.npy: ") == 0, error);
  };
  has("{'fortran_order': False, 'shape': (2,), }", "expected the key 'descr' in the header, found none");
  has("{'descr': '<f4', 'shape': (2,), }", "expected the key 'fortran_order' in the header, found none");
  has("{'descr': '<f4', 'fortran_order': False}", "expected the key 'shape' in the header, found none");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'order': 'C'}", "found 'order'");
  has("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "found 'descr' twice");
  has("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", "as descr, found '[('a', '<f4')]");
  for (const char* descr :
       {"<q9", ">f4", "<f2", "<c8", "<M8[s]", "<U", "<U0", "<U99999999999", "f4", "<f16", "|V4", "=f4", ""}) {
    has(std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (2,)}",
        "as descr, found '");
  }
  has("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
      "found Python objects, '|O', which are never read");
  has("{'descr': '|O8', 'fortran_order': False, 'shape': (2,)}", "found Python objects");
  has("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}",
      "expected True or False as fortran_order, found '1");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
      "expected a shape of whole numbers from 0, found '-2");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
      "expected a shape of whole numbers from 0, found '2.0");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "expected a tuple as the shape");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': 2}", "expected a tuple as the shape");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': [2]}", "expected a tuple as the shape");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "a shape that fits into 64 bits");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}",
      "a shape of at most 8 dimensions");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x",
      "expected the end of the header, found 'x");
  has("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
      "expected ',' or '}', found the end of the header");
  has("['descr']", "expected a dictionary");
  has("{'descr': '<f4", "expected the type of numbers or text as descr");
}

TEST_CASE("npy: the data has exactly the size that the shape says") {
  const auto with_shape = [](const std::string& shape) {
    return error_of(header("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}"));
  };
  CHECK(with_shape("(2,)") == "no error");
  CHECK(with_shape("(3,)").find("expected 12 bytes of data for shape 3 of '<f4', found 8") !=
        std::string::npos);
  CHECK(with_shape("(1,)").find("expected 4 bytes of data for shape 1 of '<f4', found 8") !=
        std::string::npos);
  // The product wraps to 2 in 64 bits.
  CHECK(with_shape("(2, 9223372036854775809)").find("expected 18446744073709551615 bytes") !=
        std::string::npos);
  CHECK(with_shape("(4294967296, 4294967296)").find("found 8") != std::string::npos);
}

TEST_CASE("npy: numbers that have no place in the result are refused with row and column") {
  const auto floats_of = [](const std::string& descr, const std::string& data, const std::string& shape) {
    const std::string file =
        npy_file("{'descr': '" + descr + "', 'fortran_order': True, 'shape': " + shape + "}", data);
    return error_text([&] { to_floats(parse_npy(npy_bytes(file), "x.npy")); });
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(floats_of("<f4", raw<float>({1, 2, nan, 4}), "(2, 2)") ==
        "3 x.npy: row 0, column 1: expected a finite number within float32, found nan");
  CHECK(floats_of("<f8", raw<double>({1, 2, 3, 1e39}), "(2, 2)") ==
        "3 x.npy: row 1, column 1: expected a finite number within float32, found 1e+39");
  CHECK(floats_of("<f8", raw<double>({1, -std::numeric_limits<double>::infinity()}), "(2,)") ==
        "3 x.npy: row 1: expected a finite number within float32, found -inf");
  CHECK(floats_of("<U1", raw<std::uint32_t>({'a'}), "(1,)") ==
        "3 x.npy: expected a type of numbers as descr, found '<U1'");
  const std::string reals = header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}");
  CHECK(error_text([&] { to_integers(parse_npy(npy_bytes(reals), "x.npy")); }) ==
        "3 x.npy: expected an integer type as descr, found '<f4'");
  CHECK(error_text([&] { to_texts(parse_npy(npy_bytes(reals), "x.npy")); }) ==
        "3 x.npy: expected text as descr, found '<f4'");
  const std::string huge = npy_file("{'descr': '<u8', 'fortran_order': False, 'shape': (2,)}",
                                    raw<std::uint64_t>({0, std::numeric_limits<std::uint64_t>::max()}));
  CHECK(error_text([&] { to_integers(parse_npy(npy_bytes(huge), "x.npy")); }) ==
        "3 x.npy: row 1: expected a number of at most 9223372036854775807, found 18446744073709551615");
}
