// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/npy.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/parallel.hpp>
#include <graphs/utf8.hpp>

namespace gnn::datasets {
namespace {

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
constexpr std::size_t piece = std::size_t(1) << 18;

/// Where the elements of a piece of the result, in C order, lie in the file.
class Positions {
 public:
  Positions(const NpyArray& array, std::size_t first)
      : array_(array), index_(array.shape.size()), place_(first) {
    if (!array.fortran_order || array.shape.size() < 2 || array.bytes.empty()) return;
    ordered_ = false;
    stride_.resize(array.shape.size());
    std::size_t stride = 1;
    for (std::size_t d = 0; d < stride_.size(); ++d) {
      stride_[d] = stride;
      stride *= array.shape[d];
    }
    place_ = 0;
    for (std::size_t d = stride_.size(); d-- > 0;) {
      index_[d] = first % array.shape[d];
      first /= array.shape[d];
      place_ += index_[d] * stride_[d];
    }
  }
  std::size_t place() const { return place_; }
  void next() {
    if (ordered_) {
      ++place_;
      return;
    }
    for (std::size_t d = stride_.size(); d-- > 0;) {
      place_ += stride_[d];
      if (++index_[d] < array_.shape[d]) return;
      place_ -= index_[d] * stride_[d];
      index_[d] = 0;
    }
  }

 private:
  const NpyArray& array_;
  bool ordered_ = true;
  std::vector<std::size_t> index_, stride_;
  std::size_t place_;
};

/// Fills `result` by convert(number, result), which returns false on a number that has no place there.
/// Returns the index of the first such number, or `nowhere`.
template <class From, class To, class Convert>
std::size_t convert_all(const NpyArray& array, std::vector<To>& result, Convert convert) {
  result.resize(array.size());
  const std::size_t pieces = (result.size() + piece - 1) / piece;
  std::vector<std::size_t> first_bad(pieces, nowhere);
  graphs::parallel_for(pieces, [&](std::size_t k) {
    const std::size_t end = std::min(result.size(), (k + 1) * piece);
    Positions positions(array, k * piece);
    for (std::size_t i = k * piece; i < end; ++i, positions.next()) {
      From number;
      std::memcpy(&number, array.bytes.data() + positions.place() * sizeof(From), sizeof(From));
      if (!convert(number, result[i]) && first_bad[k] == nowhere) first_bad[k] = i;
    }
  });
  for (const std::size_t bad : first_bad) {
    if (bad != nowhere) return bad;
  }
  return nowhere;
}

/// "row 3, column 1" of an element in C order.
std::string place_text(const NpyArray& array, std::size_t index) {
  if (array.shape.size() < 2) return "row " + std::to_string(index);
  const std::size_t columns = array.size() / array.shape[0];
  return "row " + std::to_string(index / columns) + ", column " + std::to_string(index % columns);
}

/// Calls action(a number of the array's type). Text has none.
template <class Action>
auto with_type(const NpyArray& array, const char* wanted, Action action) {
  switch (array.type) {
    case NumberType::boolean:
    case NumberType::uint8:
      return action(std::uint8_t());
    case NumberType::int8:
      return action(std::int8_t());
    case NumberType::int16:
      return action(std::int16_t());
    case NumberType::uint16:
      return action(std::uint16_t());
    case NumberType::int32:
      return action(std::int32_t());
    case NumberType::uint32:
      return action(std::uint32_t());
    case NumberType::int64:
      return action(std::int64_t());
    case NumberType::uint64:
      return action(std::uint64_t());
    case NumberType::float32:
      return action(float());
    case NumberType::float64:
      return action(double());
    case NumberType::text:
      break;
  }
  fail(ErrorKind::input, array.name, ": expected ", wanted, " as descr, found ", in_quotes(array.descr));
}

}  // namespace

std::vector<std::int64_t> to_integers(const NpyArray& array) {
  const char* wanted = "an integer type";
  std::vector<std::int64_t> result;
  with_type(array, wanted, [&](auto sample) {
    using From = decltype(sample);
    if constexpr (std::is_floating_point_v<From>) {
      fail(ErrorKind::input, array.name, ": expected ", wanted, " as descr, found ", in_quotes(array.descr));
    } else {
      const std::size_t bad = convert_all<From>(array, result, [](From number, std::int64_t& to) {
        to = static_cast<std::int64_t>(number);
        return !std::is_same_v<From, std::uint64_t> || to >= 0;
      });
      if (bad == nowhere) return;
      fail(ErrorKind::input, array.name, ": ", place_text(array, bad), ": expected a number of at most ",
           std::numeric_limits<std::int64_t>::max(), ", found ", static_cast<std::uint64_t>(result[bad]));
    }
  });
  return result;
}

std::vector<float> to_floats(const NpyArray& array) {
  std::vector<float> result;
  with_type(array, "a type of numbers", [&](auto sample) {
    using From = decltype(sample);
    const std::size_t bad = convert_all<From>(array, result, [](From number, float& to) {
      if constexpr (std::is_same_v<From, double>) {
        // Checked before the conversion, which is undefined beyond float32.
        if (!(std::abs(number) <= double(std::numeric_limits<float>::max()))) return false;
      }
      to = static_cast<float>(number);
      return bool(std::isfinite(to));
    });
    if (bad == nowhere) return;
    Positions positions(array, bad);
    From number;
    std::memcpy(&number, array.bytes.data() + positions.place() * sizeof(From), sizeof(From));
    fail(ErrorKind::input, array.name, ": ", place_text(array, bad),
         ": expected a finite number within float32, found ", +number);
  });
  return result;
}

std::vector<std::string> to_texts(const NpyArray& array) {
  if (array.type != NumberType::text) {
    fail(ErrorKind::input, array.name, ": expected text as descr, found ", in_quotes(array.descr));
  }
  const bool wide = array.descr[1] == 'U';
  std::vector<std::string> result(array.size());
  Positions positions(array, 0);
  for (std::size_t i = 0; i < result.size(); ++i, positions.next()) {
    const auto item = array.bytes.subspan(positions.place() * array.item_bytes, array.item_bytes);
    std::string& text = result[i];
    if (!wide) {
      text.assign(reinterpret_cast<const char*>(item.data()), item.size());
      text.resize(text.find_last_not_of('\0') + 1);
      if (graphs::is_utf8(text)) continue;
      fail(ErrorKind::input, array.name, ": ", place_text(array, i), ": expected UTF-8, found ",
           in_quotes(text));
    }
    for (std::size_t at = 0; at < item.size(); at += 4) {
      std::uint32_t code;
      std::memcpy(&code, item.data() + at, 4);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        fail(ErrorKind::input, array.name, ": ", place_text(array, i),
             ": expected a Unicode character, found number ", code);
      }
      graphs::append_utf8(text, code);
    }
    text.resize(text.find_last_not_of('\0') + 1);
  }
  return result;
}

}  // namespace gnn::datasets
