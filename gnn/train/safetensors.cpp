// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/safetensors.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

using Json = nlohmann::ordered_json;
using graphs::quote_for_message;

constexpr std::uint64_t most_header_bytes = 100'000'000;
constexpr std::size_t most_dimensions = 8;
constexpr Dtype dtypes[] = {Dtype::f32, Dtype::f64, Dtype::i64};

/// What the header says of a tensor, not yet compared with the file.
struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape, offsets;
  std::set<std::string> fields;
};

/// Reads the header as the parser meets it, so that a header of the wrong form is refused where it goes wrong
/// and never becomes a tree in memory.
class HeaderReader final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() override { refuse("null"); }
  bool boolean(bool value) override { refuse(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { refuse(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { refuse(text); }
  bool binary(Json::binary_t&) override { refuse("binary data"); }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ != numbers) refuse(std::to_string(value));
    Entry& entry = entries.back();
    std::vector<std::uint64_t>& list = key_ == "shape" ? entry.shape : entry.offsets;
    if (list.size() == (key_ == "shape" ? most_dimensions : 2)) refuse("one more");
    list.push_back(value);
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == metadata_entries) {
      metadata[key_] = std::move(value);
    } else if (place_ == tensor && key_ == "dtype") {
      entries.back().dtype = std::move(value);
    } else {
      refuse("'" + quote_for_message(value) + "'");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == start) {
      place_ = top;
    } else if (place_ == top && key_ == "__metadata__") {
      place_ = metadata_entries;
    } else if (place_ == top) {
      entries.push_back({key_, {}, {}, {}, {}});
      place_ = tensor;
    } else {
      refuse("an object");
    }
    return true;
  }

  bool key(std::string& name) override {
    key_ = name;
    const bool is_new = place_ == top                ? names_.insert(name).second
                        : place_ == metadata_entries ? !metadata.contains(name)
                                                     : entries.back().fields.insert(name).second;
    if (!is_new)
      fail(ErrorKind::input, where(), "expected every key once, found '", quote_for_message(name), "' twice");
    if (place_ == tensor && name != "dtype" && name != "shape" && name != "data_offsets") {
      fail(ErrorKind::input, where(), "expected dtype, shape or data_offsets, found '",
           quote_for_message(name), "'");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        if (!entries.back().fields.contains(field))
          fail(ErrorKind::input, where(), "expected a field ", field, ", found none");
      }
      if (entries.back().offsets.size() != 2) {
        fail(ErrorKind::input, where(), "expected 2 data_offsets, found ", entries.back().offsets.size());
      }
    }
    place_ = top;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != tensor || key_ == "dtype") refuse("an array");
    place_ = numbers;
    return true;
  }

  bool end_array() override {
    place_ = tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    // position counts from 1, and the header starts at byte 8.
    fail(ErrorKind::input, file_, ": byte ", 8 + std::max<std::size_t>(position, 1) - 1,
         ": expected a JSON header, found ",
         token.empty() ? "its end" : "'" + quote_for_message(token) + "'");
  }

 private:
  enum Place { start, top, metadata_entries, tensor, numbers };

  std::string where() const {
    const bool in_tensor = place_ == tensor || place_ == numbers;
    return file_ + ": " +
           (in_tensor ? "tensor '" + quote_for_message(entries.back().name) + "'" : std::string("header")) +
           ": ";
  }

  [[noreturn]] void refuse(const std::string& found) const {
    const std::string key = "'" + quote_for_message(key_) + "'";
    std::string expected;
    if (place_ == start) expected = "an object";
    if (place_ == top) expected = "an object at " + key;
    if (place_ == metadata_entries) expected = "a string at " + key;
    if (place_ == tensor) expected = key_ == "dtype" ? "a string at 'dtype'" : "a list of numbers at " + key;
    if (place_ == numbers) {
      expected = key_ == "shape" ? "at most 8 whole numbers from 0 up in 'shape'"
                                 : "2 whole numbers from 0 up in 'data_offsets'";
    }
    fail(ErrorKind::input, where(), "expected ", expected, ", found ", quote_for_message(found));
  }

  const std::string& file_;
  Place place_ = start;
  std::string key_;
  std::set<std::string> names_;
};

/// The only place that makes a view of a tensor's bytes.
StoredTensor view(const Entry& entry, std::span<const std::byte> data, const std::string& where) {
  const auto dtype = std::ranges::find(dtypes, entry.dtype, [](Dtype d) { return to_string(d); });
  if (dtype == std::end(dtypes)) {
    fail(ErrorKind::input, where, "expected dtype F32, F64 or I64, found ", quote_for_message(entry.dtype));
  }
  const std::uint64_t begin = entry.offsets[0], end = entry.offsets[1];
  if (begin > end || end > data.size()) {
    fail(ErrorKind::input, where, "expected data_offsets that ascend up to ", data.size(), ", found ", begin,
         " and ", end);
  }
  std::uint64_t bytes = size_of(*dtype);
  for (const std::uint64_t n : entry.shape) {
    if (__builtin_mul_overflow(bytes, n, &bytes)) {
      fail(ErrorKind::input, where, "expected a shape of less than 2^64 bytes, found ",
           shape_text(entry.shape));
    }
  }
  if (bytes != end - begin) {
    fail(ErrorKind::input, where, "expected ", bytes, " bytes for ", shape_text(entry.shape), " ",
         entry.dtype, ", found ", end - begin);
  }
  return {*dtype, entry.shape, data.subspan(begin, end - begin)};
}

/// Where the header ends: its length is checked before anything is believed.
std::size_t header_end(std::span<const std::byte> file, const std::string& name) {
  if (file.size() < 8) {
    fail(ErrorKind::input, name,
         ": byte 0: expected 8 bytes with the length of the header, found the end of the file after ",
         file.size());
  }
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  const std::uint64_t most = std::min<std::uint64_t>(file.size() - 8, most_header_bytes);
  if (length < 2 || length > most) {
    fail(ErrorKind::input, name, ": byte 0: expected the length of the header, 2 to ", most, ", found ",
         length);
  }
  if (file[8] != std::byte('{')) {
    const auto found = static_cast<char>(file[8]);
    fail(ErrorKind::input, name, ": byte 8: expected '{', found '", quote_for_message({&found, 1}), "'");
  }
  return 8 + std::size_t(length);
}

/// Tensors must follow one another and end with the file.
void check_no_gap(std::vector<Entry>& entries, std::size_t data_size, const std::string& file) {
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::pair(e.offsets[0], e.offsets[1]); });
  std::uint64_t next = 0;
  for (const Entry& entry : entries) {
    if (entry.offsets[0] != next) {
      fail(ErrorKind::input, file, ": tensor '", quote_for_message(entry.name), "': expected to start at ",
           next, ", where the one before it ends, found ", entry.offsets[0]);
    }
    next = entry.offsets[1];
  }
  if (next != data_size) {
    fail(ErrorKind::input, file, ": expected ", next, " bytes of tensors, found ", data_size);
  }
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : 8;
}

const char* to_string(Dtype dtype) {
  return dtype == Dtype::f32 ? "F32" : dtype == Dtype::f64 ? "F64" : "I64";
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  if (shape.empty()) return "one";
  std::string text;
  for (const std::uint64_t n : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(n);
  }
  return text;
}

TensorFile read_safetensors(std::span<const std::byte> file, const std::string& name) {
  const std::size_t end = header_end(file, name);
  const char* text = reinterpret_cast<const char*>(file.data());
  HeaderReader header(name);
  Json::sax_parse(text + 8, text + end, &header);

  const std::span<const std::byte> data = file.subspan(end);
  TensorFile content;
  for (const Entry& entry : header.entries) {
    const std::string where = name + ": tensor '" + quote_for_message(entry.name) + "': ";
    content.tensors.emplace(entry.name, view(entry, data, where));
  }
  check_no_gap(header.entries, data.size(), name);
  content.metadata = std::move(header.metadata);
  return content;
}

std::vector<std::byte> write_safetensors(const TensorFile& content) {
  std::vector<const std::pair<const std::string, StoredTensor>*> order;
  for (const auto& entry : content.tensors) order.push_back(&entry);
  std::ranges::stable_sort(order, std::greater(),
                           [](const auto* entry) { return size_of(entry->second.dtype); });

  Json header = Json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::size_t end = 0;
  for (const auto* entry : order) {
    const StoredTensor& tensor = entry->second;
    const std::size_t begin = std::exchange(end, end + tensor.bytes.size());
    header[entry->first] = {
        {"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::vector<std::byte> file;
  file.reserve(8 + text.size() + end);
  const std::uint64_t length = text.size();
  const auto append = [&](const void* from, std::size_t bytes) {
    const auto* first = static_cast<const std::byte*>(from);
    file.insert(file.end(), first, first + bytes);
  };
  append(&length, 8);
  append(text.data(), text.size());
  for (const auto* entry : order) append(entry->second.bytes.data(), entry->second.bytes.size());
  return file;
}

}  // namespace gnn::inline GNN_PRECISION
