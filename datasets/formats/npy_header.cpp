// SPDX-License-Identifier: Apache-2.0
// The header of an npy file: a Python dictionary of three keys, read by hand.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include <datasets/formats/npy.hpp>
#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t most_header_bytes = std::size_t(1) << 16;
constexpr std::size_t most_dimensions = 8;
// A text item: longer ones are no names.
constexpr std::size_t most_item_bytes = std::size_t(1) << 30;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Walks over the dictionary. Positions in messages are bytes of the file.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t start, const std::string& name)
      : text_(text), start_(start), name_(name) {}

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    skip_blanks();
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  [[noreturn]] void unexpected(const std::string& wanted) const {
    const std::string found = at_end() ? "the end of the header" : in_quotes(text_.substr(at_, 24));
    fail(ErrorKind::input, name_, ": byte ", start_ + at_, ": expected ", wanted, ", found ", found);
  }

  std::string quoted(const std::string& wanted) {
    skip_blanks();
    const char mark = peek();
    if (mark != '\'' && mark != '"') unexpected(wanted);
    const std::size_t end = text_.find(mark, at_ + 1);
    if (end == std::string_view::npos) unexpected(wanted);
    const std::string result(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return result;
  }

  std::size_t dimension() {
    const std::string wanted = "a shape of whole numbers from 0";
    if (!is_digit(peek())) unexpected(wanted);
    const std::size_t begin = at_;
    std::size_t value = 0;
    for (; is_digit(peek()); ++at_) {
      const auto digit = static_cast<std::size_t>(peek() - '0');
      if (value > (std::numeric_limits<std::size_t>::max() - digit) / 10) {
        at_ = begin;
        unexpected("a shape that fits into 64 bits");
      }
      value = 10 * value + digit;
    }
    if (peek() == 'L') ++at_;  // Python 2 wrote long numbers so
    skip_blanks();
    if (peek() != ',' && peek() != ')') {
      at_ = begin;
      unexpected(wanted);
    }
    return value;
  }

  std::vector<std::size_t> shape() {
    std::vector<std::size_t> result;
    if (!take('(')) unexpected("a tuple as the shape");
    for (;;) {
      if (take(')')) return result;
      skip_blanks();
      if (result.size() == most_dimensions) unexpected("a shape of at most 8 dimensions");
      result.push_back(dimension());
      if (!take(',')) {
        if (!take(')')) unexpected("')' behind the shape");
        // (6) is a number to Python, no tuple.
        if (result.size() == 1) unexpected("a tuple as the shape, with a comma behind its only number");
        return result;
      }
    }
  }

 private:
  std::string_view text_;
  std::size_t start_;
  std::size_t at_ = 0;
  const std::string& name_;
};

/// Fills in type and item_bytes from descr: "<f4", "|b1", "<U12".
bool parse_type(NpyArray& array) {
  const std::string& descr = array.descr;
  if (descr.size() < 3 || !std::all_of(descr.begin() + 2, descr.end(), is_digit)) return false;
  if (descr.size() > 12) return false;
  const char order = descr[0], kind = descr[1];
  const auto size = static_cast<std::size_t>(std::stoull(descr.substr(2)));
  if (order != '<' && order != '|') return false;
  if (kind == 'U' || kind == 'S') {
    const std::size_t unit = kind == 'U' ? 4 : 1;
    if (size == 0 || size > most_item_bytes / unit || (kind == 'U' && order != '<')) return false;
    array.type = NumberType::text;
    array.item_bytes = size * unit;
    return true;
  }
  if (size > 1 && order != '<') return false;
  struct Known {
    char kind;
    std::size_t size;
    NumberType type;
  };
  constexpr Known known[] = {
      {'b', 1, NumberType::boolean}, {'i', 1, NumberType::int8},    {'u', 1, NumberType::uint8},
      {'i', 2, NumberType::int16},   {'u', 2, NumberType::uint16},  {'i', 4, NumberType::int32},
      {'u', 4, NumberType::uint32},  {'i', 8, NumberType::int64},   {'u', 8, NumberType::uint64},
      {'f', 4, NumberType::float32}, {'f', 8, NumberType::float64},
  };
  for (const Known& one : known) {
    if (one.kind != kind || one.size != size) continue;
    array.type = one.type;
    array.item_bytes = size;
    return true;
  }
  return false;
}

void read_descr(Scanner& scanner, NpyArray& array, const std::string& name) {
  array.descr = scanner.quoted("the type of numbers or text as descr");
  if (array.descr.find('O') != std::string::npos) {
    fail(ErrorKind::input, name, ": expected numbers or text as descr, found Python objects, ",
         in_quotes(array.descr), ", which are never read");
  }
  if (!parse_type(array)) {
    fail(ErrorKind::input, name,
         ": expected little-endian integers, floats of 4 or 8 bytes, booleans or text as descr, found ",
         in_quotes(array.descr));
  }
}

void read_dictionary(Scanner& scanner, NpyArray& array, const std::string& name) {
  bool has_descr = false, has_order = false, has_shape = false;
  if (!scanner.take('{')) scanner.unexpected("a dictionary");
  while (!scanner.take('}')) {
    const std::string key = scanner.quoted("one of the keys descr, fortran_order and shape");
    bool* has = key == "descr"           ? &has_descr
                : key == "fortran_order" ? &has_order
                : key == "shape"         ? &has_shape
                                         : nullptr;
    if (!has || *has) {
      fail(ErrorKind::input, name, ": expected the keys descr, fortran_order and shape once each, found ",
           in_quotes(key), has ? " twice" : "");
    }
    *has = true;
    if (!scanner.take(':')) scanner.unexpected("':'");
    if (key == "descr") {
      read_descr(scanner, array, name);
    } else if (key == "shape") {
      array.shape = scanner.shape();
    } else if (scanner.take_word("True")) {
      array.fortran_order = true;
    } else if (!scanner.take_word("False")) {
      scanner.unexpected("True or False as fortran_order");
    }
    if (scanner.take(',')) continue;
    if (!scanner.take('}')) scanner.unexpected("',' or '}'");
    break;
  }
  for (const auto& [has, key] :
       {std::pair(has_descr, "descr"), {has_order, "fortran_order"}, {has_shape, "shape"}}) {
    if (!has) fail(ErrorKind::input, name, ": expected the key '", key, "' in the header, found none");
  }
  scanner.skip_blanks();
  if (!scanner.at_end()) scanner.unexpected("the end of the header");
}

/// Product of shape and item size; the largest value when 64 bits do not hold it.
std::size_t data_bytes(const NpyArray& array) {
  std::size_t bytes = array.item_bytes;
  if (std::find(array.shape.begin(), array.shape.end(), 0u) != array.shape.end()) return 0;
  for (const std::size_t length : array.shape) {
    if (__builtin_mul_overflow(bytes, length, &bytes)) return std::numeric_limits<std::size_t>::max();
  }
  return bytes;
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> start, std::size_t file_bytes,
                           const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  constexpr std::string_view magic = "\x93NUMPY";
  if (text.empty()) fail(ErrorKind::input, name, ": expected an npy array, found no bytes");
  if (!text.starts_with(magic)) {
    fail(ErrorKind::input, name, ": byte 0: expected an npy array, '\\x93NUMPY', found ",
         in_quotes(text.substr(0, 6)));
  }
  if (text.size() < 8)
    fail(ErrorKind::input, name, ": byte 6: expected a version, found the end of the file");
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(start[i]); };
  if (byte(6) < 1 || byte(6) > 3 || byte(7) != 0) {
    fail(ErrorKind::input, name, ": byte 6: expected version 1.0, 2.0 or 3.0, found ", byte(6), ".", byte(7));
  }
  const std::size_t length_bytes = byte(6) == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_bytes;
  if (text.size() < begin) {
    fail(ErrorKind::input, name, ": byte 8: expected the length of the header, found the end of the file");
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= byte(8 + i) << (8 * i);
  if (length > most_header_bytes || length > text.size() - begin) {
    fail(ErrorKind::input, name, ": byte 8: expected a header of at most ",
         std::min(most_header_bytes, text.size() - begin), " bytes, found the length ", length);
  }

  NpyHeader header;
  header.array.name = name;
  Scanner scanner(text.substr(begin, length), begin, name);
  read_dictionary(scanner, header.array, name);
  header.header_bytes = begin + length;
  header.data_bytes = data_bytes(header.array);
  if (header.data_bytes != file_bytes - header.header_bytes) {
    fail(ErrorKind::input, name, ": byte ", header.header_bytes, ": expected ", header.data_bytes,
         " bytes of data for shape ", shape_text(header.array), " of ", in_quotes(header.array.descr),
         ", found ", file_bytes - header.header_bytes);
  }
  return header;
}

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  const auto start = bytes.first(std::min(bytes.size(), most_header_bytes + 12));
  NpyHeader header = parse_npy_header(start, bytes.size(), name);
  header.array.bytes = bytes.subspan(header.header_bytes);
  return std::move(header.array);
}

std::string shape_text(const NpyArray& array) {
  if (array.shape.empty()) return "a single number";
  std::string text;
  for (const std::size_t length : array.shape) text += (text.empty() ? "" : " x ") + std::to_string(length);
  return text;
}

}  // namespace gnn::datasets
