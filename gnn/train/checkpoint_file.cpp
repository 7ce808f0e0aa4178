// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/checkpoint_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr Dtype real_dtype = sizeof(Real) == 4 ? Dtype::f32 : Dtype::f64;

// In a JSON string a quotation mark has a backslash before it: these characters occur in the header as this
// key only.
constexpr std::string_view checksum_key = "\"checksum\":\"";
constexpr std::string_view no_checksum = "00000000";

/// Where the eight digits stand; npos when there are none.
std::size_t checksum_place(std::string_view file) {
  std::uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof header);
  const std::size_t key = file.substr(0, 8 + std::size_t(header)).find(checksum_key);
  const std::size_t place = key + checksum_key.size();
  const bool has_digits = key != file.npos && place + no_checksum.size() <= 8 + header;
  return has_digits ? place : file.npos;
}

std::string checksum(std::string_view file, std::size_t place) {
  uLong crc = crc32_z(0, nullptr, 0);
  for (const std::string_view part :
       {file.substr(0, place), no_checksum, file.substr(place + no_checksum.size())}) {
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
  }
  std::string digits(no_checksum);
  for (std::size_t i = digits.size(); i-- > 0; crc >>= 4) digits[i] = "0123456789abcdef"[crc & 15];
  return digits;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void CheckpointWriter::add(const std::string& name, const Tensor& matrix) {
  const std::vector<Real> numbers = matrix.to_host();
  add(name, real_dtype, {matrix.rows(), matrix.cols()}, std::as_bytes(std::span(numbers)));
}

void CheckpointWriter::add(const std::string& name, std::span<const double> numbers,
                           std::vector<std::uint64_t> shape) {
  add(name, Dtype::f64, std::move(shape), std::as_bytes(numbers));
}

void CheckpointWriter::add(const std::string& name, std::span<const std::int64_t> numbers) {
  add(name, Dtype::i64, {numbers.size()}, std::as_bytes(numbers));
}

void CheckpointWriter::add(const std::string& name, Dtype dtype, std::vector<std::uint64_t> shape,
                           std::span<const std::byte> bytes) {
  const std::vector<std::byte>& kept = bytes_.emplace_back(bytes.begin(), bytes.end());
  content_.tensors[name] = {dtype, std::move(shape), kept};
}

std::vector<std::byte> CheckpointWriter::finish() {
  add_text("checksum", std::string(no_checksum));
  std::vector<std::byte> file = write_safetensors(content_);
  const std::size_t place = checksum_place(as_text(file));
  const std::string digits = checksum(as_text(file), place);
  std::memcpy(file.data() + place, digits.data(), digits.size());
  return file;
}

CheckpointReader::CheckpointReader(const std::filesystem::path& path)
    : name_(graphs::quote_for_message(path.native(), 2000)),
      file_(path),
      content_(read_safetensors(file_.bytes(), name_)) {
  const std::size_t place = checksum_place(file_.text());
  if (place == std::string_view::npos)
    fail(ErrorKind::input, name_, ": expected a checkpoint of gnn, found a file without checksum");
  const std::string_view found = file_.text().substr(place, no_checksum.size());
  if (const std::string expected = checksum(file_.text(), place); found != expected) {
    fail(ErrorKind::input, name_, ": expected checksum ", expected, ", found ",
         graphs::quote_for_message(found), ": the file is damaged");
  }
  if (text("format") != "gnn") {
    fail(ErrorKind::input, name_, ": expected a checkpoint of format gnn, found '",
         graphs::quote_for_message(text("format")), "'");
  }
}

const std::string& CheckpointReader::text(const std::string& key) const {
  const auto found = content_.metadata.find(key);
  if (found == content_.metadata.end())
    fail(ErrorKind::input, name_, ": expected '", key, "' in the metadata, found none");
  return found->second;
}

const StoredTensor& CheckpointReader::find(const std::string& name, Dtype dtype,
                                           const std::vector<std::uint64_t>& shape) const {
  const auto found = content_.tensors.find(name);
  if (found == content_.tensors.end())
    fail(ErrorKind::input, name_, ": expected a tensor '", name, "', found none");
  const StoredTensor& tensor = found->second;
  if (tensor.dtype != dtype || tensor.shape != shape) {
    fail(ErrorKind::input, name_, ": tensor '", name, "': expected ", shape_text(shape), " ",
         to_string(dtype), ", found ", shape_text(tensor.shape), " ", to_string(tensor.dtype));
  }
  return tensor;
}

template <class Number>
std::vector<Number> CheckpointReader::finite(const std::string& name, const StoredTensor& tensor) const {
  std::vector<Number> numbers(tensor.bytes.size() / sizeof(Number));
  if (!numbers.empty()) std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  const auto bad = std::ranges::find_if(numbers, [](Number x) { return !std::isfinite(x); });
  if (bad != numbers.end()) {
    fail(ErrorKind::input, name_, ": tensor '", name, "': expected finite numbers, found ", *bad,
         " as number ", bad - numbers.begin());
  }
  return numbers;
}

std::vector<Real> CheckpointReader::matrix(const std::string& name, std::size_t rows,
                                           std::size_t cols) const {
  return finite<Real>(name, find(name, real_dtype, {rows, cols}));
}

std::vector<double> CheckpointReader::doubles(const std::string& name, std::size_t columns) const {
  // The number of rows is the file's own; everything else must be as expected.
  const auto found = content_.tensors.find(name);
  const bool has_rows = found != content_.tensors.end() && !found->second.shape.empty();
  std::vector<std::uint64_t> shape = {has_rows ? found->second.shape[0] : 0};
  if (columns > 0) shape.push_back(columns);
  return finite<double>(name, find(name, Dtype::f64, shape));
}

std::vector<std::int64_t> CheckpointReader::integers(const std::string& name, std::size_t count) const {
  const StoredTensor& tensor = find(name, Dtype::i64, {count});
  std::vector<std::int64_t> numbers(count);
  if (count > 0) std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

}  // namespace gnn::inline GNN_PRECISION
