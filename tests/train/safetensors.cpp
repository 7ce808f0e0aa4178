// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <gnn/train/safetensors.hpp>
#include <graphs/error.hpp>
#include <span>
#include <string>

using namespace gnn;

namespace {

/// A file of this header and so many bytes of data.
std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  std::string text(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(text.data(), &length, 8);
  text += header + std::string(data_bytes, '\1');
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string refusal(const std::vector<std::byte>& file) {
  try {
    read_safetensors(file, "x.safetensors");
  } catch (const Error& error) {
    return error.kind() == ErrorKind::input ? error.what() : std::string("other kind: ") + error.what();
  }
  return "";
}

std::string refusal_of(const std::string& header, std::size_t data_bytes = 16) {
  return refusal(file_of(header, data_bytes));
}

constexpr const char* good = R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";

}  // namespace

TEST_CASE("safetensors: what is written reads back, and equal content gives equal bytes") {
  const std::vector<float> w = {1, 2, 3, 4, 5, 6};
  const std::vector<double> d = {0.1, 0.2};
  const std::vector<std::int64_t> i = {-7};
  TensorFile content;
  content.tensors["a\"b"] = {Dtype::f32, {2, 3}, std::as_bytes(std::span(w))};
  content.tensors["d"] = {Dtype::f64, {2}, std::as_bytes(std::span(d))};
  content.tensors["empty"] = {Dtype::f32, {0, 4}, {}};
  content.tensors["one"] = {Dtype::i64, {}, std::as_bytes(std::span(i))};
  content.metadata = {{"format", "gnn"}, {"note", "tab\t, quote \", \xc3\xa4"}};
  const std::vector<std::byte> file = write_safetensors(content);
  CHECK(file == write_safetensors(content));

  const TensorFile back = read_safetensors(file, "x");
  CHECK(back.metadata == content.metadata);
  REQUIRE(back.tensors.size() == 4);
  for (const auto& [name, tensor] : content.tensors) {
    const StoredTensor& other = back.tensors.at(name);
    CHECK(other.dtype == tensor.dtype);
    CHECK(other.shape == tensor.shape);
    CHECK(std::ranges::equal(other.bytes, tensor.bytes));
    CHECK(std::size_t(other.bytes.data() - file.data()) % size_of(other.dtype) == 0);
  }
}

TEST_CASE("safetensors: a file of another program is read, spaces behind the header too") {
  CHECK(refusal_of(good) == "");
  CHECK(refusal_of(std::string(good) + "   ") == "");
  CHECK(refusal_of("{}", 0) == "");
}

TEST_CASE("safetensors: the length of the header is checked before it is believed") {
  CHECK(refusal({}) ==
        "x.safetensors: byte 0: expected 8 bytes with the length of the header, found the end of the file "
        "after 0");
  std::vector<std::byte> file = file_of(good, 16);
  for (std::size_t i = 0; i < 8; ++i) file[i] = std::byte(0xff);
  CHECK(refusal(file) ==
        "x.safetensors: byte 0: expected the length of the header, 2 to 73, found 18446744073709551615");
  CHECK(refusal_of("", 0) == "x.safetensors: byte 0: expected the length of the header, 2 to 0, found 0");
  CHECK(refusal_of(" {}", 0) == "x.safetensors: byte 8: expected '{', found ' '");
  // 100 MB and one byte of header, in a file that is long enough.
  std::vector<std::byte> large(100'000'010);
  const std::uint64_t length = 100'000'001;
  std::memcpy(large.data(), &length, 8);
  CHECK(refusal(large) ==
        "x.safetensors: byte 0: expected the length of the header, 2 to 100000000, found 100000001");
}

TEST_CASE("safetensors: a header that is no JSON is refused with its place") {
  CHECK(refusal_of(R"({"w":{"dtype":"F32")") ==
        "x.safetensors: byte 27: expected a JSON header, found '\"F32\"'");
  CHECK(refusal_of("{}x") == "x.safetensors: byte 10: expected a JSON header, found '{}x'");
  CHECK(refusal_of("{\"\xff\":1}").starts_with("x.safetensors: byte 10: expected a JSON header, found '"));
}

TEST_CASE("safetensors: a header of another form is refused and the tensor is named") {
  const auto tensor = [](const std::string& fields) { return refusal_of("{\"w\":{" + fields + "}}"); };
  const std::string w = "x.safetensors: tensor 'w': ";
  CHECK(refusal_of("{\"w\":7}") == "x.safetensors: header: expected an object at 'w', found 7");
  CHECK(refusal_of("{\"w\":[[[[1]]]]}") ==
        "x.safetensors: header: expected an object at 'w', found an array");
  CHECK(refusal_of(R"({"__metadata__":{"a":1}})") ==
        "x.safetensors: header: expected a string at 'a', found 1");
  CHECK(refusal_of(R"({"__metadata__":{"a":"1","a":"2"}})") ==
        "x.safetensors: header: expected every key once, found 'a' twice");
  CHECK(refusal_of(R"({"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{}})") ==
        "x.safetensors: header: expected every key once, found 'w' twice");
  CHECK(tensor(R"("dtype":"F32","dtype":"F32")") == w + "expected every key once, found 'dtype' twice");
  CHECK(tensor(R"("shape":[2,2],"data_offsets":[0,16])") == w + "expected a field dtype, found none");
  CHECK(tensor(R"("dtype":"F32","shape":[2,2],"data_offsets":[0])") ==
        w + "expected 2 data_offsets, found 1");
  CHECK(tensor(R"("dtype":"F32","more":1)") == w + "expected dtype, shape or data_offsets, found 'more'");
  CHECK(tensor(R"("dtype":3)") == w + "expected a string at 'dtype', found 3");
  CHECK(tensor(R"("shape":"x")") == w + "expected a list of numbers at 'shape', found 'x'");
  CHECK(tensor(R"("shape":[-1])") == w + "expected at most 8 whole numbers from 0 up in 'shape', found -1");
  CHECK(tensor(R"("shape":[2.0])") == w + "expected at most 8 whole numbers from 0 up in 'shape', found 2.0");
  CHECK(tensor(R"("shape":[1,1,1,1,1,1,1,1,1])") ==
        w + "expected at most 8 whole numbers from 0 up in 'shape', found one more");
  CHECK(tensor(R"("shape":[null])") ==
        w + "expected at most 8 whole numbers from 0 up in 'shape', found null");
  CHECK(tensor(R"("shape":[true])") ==
        w + "expected at most 8 whole numbers from 0 up in 'shape', found true");
  CHECK(tensor(R"("shape":{})") == w + "expected a list of numbers at 'shape', found an object");
}

TEST_CASE("safetensors: shape, type and place must agree") {
  const auto tensor = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return refusal_of("{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
                      ",\"data_offsets\":" + offsets + "}}");
  };
  const std::string w = "x.safetensors: tensor 'w': ";
  CHECK(tensor("F16", "[2,4]", "[0,16]") == w + "expected dtype F32, F64 or I64, found F16");
  CHECK(tensor("F32", "[2,3]", "[0,16]") == w + "expected 24 bytes for 2x3 F32, found 16");
  CHECK(tensor("F32", "[2,2]", "[16,0]") == w + "expected data_offsets that ascend up to 16, found 16 and 0");
  CHECK(tensor("F32", "[2,2]", "[0,17]") == w + "expected data_offsets that ascend up to 16, found 0 and 17");
  CHECK(tensor("F32", "[2,18446744073709551614]", "[0,16]") ==
        w + "expected a shape of less than 2^64 bytes, found 2x18446744073709551614");
  CHECK(tensor("F32", "[1]", "[0,4]") == "x.safetensors: expected 4 bytes of tensors, found 16");
  CHECK(tensor("F32", "[1]", "[4,8]") == w + "expected to start at 0, where the one before it ends, found 4");
  CHECK(
      refusal_of(
          R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})") ==
      "x.safetensors: tensor 'b': expected to start at 16, where the one before it ends, found 12");
}
