// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_block.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <datasets/formats/text_source.hpp>
#include <datasets/in_quotes.hpp>

namespace gnn::datasets {
namespace {

class BlockReader {
 public:
  BlockReader(std::string_view text, std::size_t first_line, const TextLayout& layout, EdgeNames& names,
              const EdgeArrays& to)
      : at_(text.data()), end_(at_ + text.size()), line_(first_line), layout_(layout), names_(names), to_(to) {
    const bool in_order = layout.source == 0 && layout.target == 1 && !layout.type;
    const bool unweighted = !layout.weight && layout.width == 2;
    const bool weighted = layout.weight == 2 && layout.width == 3;
    // A relabelled number that is below the base is found by the careful way only.
    const bool needs_base = layout.names && layout.numbers && layout.base != 0;
    plain_ = in_order && (unweighted || weighted) && !needs_base;
    weighted_ = weighted;
    plain_limit_ = std::uint32_t(std::min<std::int64_t>(layout.largest.value_or(999999999) + layout.base, 999999999));
  }

  BlockCounts read() {
    const std::size_t before = line_;
    while (at_ < end_) {
      // The header is no line of names; the last line may lack its end.
      if (plain_ && line_ > layout_.first_line - !layout_.has_header && end_[-1] == '\n') plain_lines();
      if (at_ < end_) careful_line();
    }
    counts_.lines = line_ - before;
    return counts_;
  }

 private:
  void plain_lines() {
    if (!layout_.names) return weighted_ ? plain_numbers<true>() : plain_numbers<false>();
    while (plain_names()) {
    }
  }

  /// Up to nine digits, so that the value cannot wrap. False: something else.
  static bool digits(const char*& at, std::uint32_t& value) {
    const char* const begin = at;
    std::uint32_t digit = std::uint32_t(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) return false;
    value = digit;
    while ((digit = std::uint32_t(static_cast<unsigned char>(*++at)) - '0') <= 9) value = value * 10 + digit;
    return at - begin <= 9;
  }

  bool is_delimiter(char c) const { return c == layout_.delimiter || (layout_.delimiter == ' ' && c == '\t'); }

  /// Skips the end of a line; false when there is something else.
  static bool line_end(const char*& at) {
    if (*at == '\r') ++at;
    return *at++ == '\n';
  }

  bool plain_weight(const char*& at, const char* line, float& value) const {
    const auto [stop, error] = std::from_chars(at, end_, value);
    at = stop;
    return error == std::errc() && std::isfinite(value) && std::size_t(stop - line) < longest_line;
  }

  /// Stops before the first line that is not plain. Every line ends in LF, so nothing is read behind the block.
  template <bool weighted>
  void plain_numbers() {
    const auto base = std::uint32_t(layout_.base);
    const char delimiter = layout_.delimiter, other = delimiter == ' ' ? '\t' : delimiter;
    NodeId* const sources = to_.source;
    NodeId* const targets = to_.target;
    const char* at = at_;
    std::size_t edges = counts_.edges;
    const std::size_t before = edges;
    std::uint32_t largest = 0;
    for (const char* line = at; line < end_; line = at) {
      std::uint32_t source, target;
      bool plain = digits(at, source) && (*at == delimiter || *at == other) && digits(++at, target);
      float weight = 1;
      if constexpr (weighted) plain = plain && (*at == delimiter || *at == other) && plain_weight(++at, line, weight);
      const std::uint32_t larger = std::max(source, target);
      if (!plain || !line_end(at) || larger > plain_limit_ || std::min(source, target) < base) {
        at = line;
        break;
      }
      largest = std::max(largest, larger);
      sources[edges] = NodeId(source - base);
      targets[edges] = NodeId(target - base);
      if constexpr (weighted) to_.weight[edges] = weight;
      ++edges;
    }
    at_ = at;
    line_ += edges - before;
    counts_.edges = edges;
    if (edges > before) counts_.largest = std::max(counts_.largest, std::int64_t(largest) - layout_.base);
  }

  /// A few lines at a time, so that the memory accesses of the table overlap. False: the next line is not plain.
  bool plain_names() {
    constexpr std::size_t most = 32;
    std::array<std::string_view, 2 * most> name;
    std::array<NameTable::Key, 2 * most> key;
    std::array<const char*, most + 1> begin;
    std::array<float, most> weight;
    std::size_t count = 0;
    const char* at = at_;
    begin[0] = at;
    for (; count < most && at < end_ && split_plain(at, &name[2 * count], weight[count]); begin[++count] = at) {
      for (std::size_t k = 2 * count; k < 2 * count + 2; ++k) {
        key[k] = names_.nodes.key(name[k]);
        names_.nodes.prefetch(key[k]);
      }
    }
    for (std::size_t k = 0; k < 2 * count; ++k) names_.nodes.prefetch_name(key[k]);
    for (std::size_t i = 0; i < count; ++i) {
      const auto source = names_.nodes.add(name[2 * i], key[2 * i], names_.stable);
      const auto target = names_.nodes.add(name[2 * i + 1], key[2 * i + 1], names_.stable);
      if (source == NameTable::none || target == NameTable::none) {
        at_ = begin[i];
        return false;
      }
      put(source, target);
      if (weighted_) to_.weight[counts_.edges - 1] = weight[i];
      ++line_;
    }
    at_ = begin[count];
    return count == most;
  }

  /// Two fields without quotes or blanks around them, and a weight if there is one.
  bool split_plain(const char*& at, std::string_view* name, float& weight) const {
    const char* const line = at;
    const auto* const end = static_cast<const char*>(std::memchr(line, '\n', std::size_t(end_ - line)));
    const char* const stop = end > line && end[-1] == '\r' ? end - 1 : end;
    if (std::size_t(stop - line) > longest_line || line == stop || *line == '#' || *line == '%') return false;
    const char* const first_end = find_delimiter(line, stop);
    if (first_end == stop) return false;
    const char* const second = first_end + 1;
    const char* const second_end = find_delimiter(second, stop);
    name[0] = {line, first_end};
    name[1] = {second, second_end};
    for (const auto& field : {name[0], name[1]}) {
      if (field.empty() || field.front() == '"' || is_space(field.front()) || is_space(field.back())) return false;
    }
    at = end + 1;
    if (!weighted_) return second_end == stop;
    if (second_end == stop) return false;
    const char* number = second_end + 1;
    return plain_weight(number, line, weight) && number == stop;
  }

  static bool is_space(char c) { return c == ' ' || c == '\t'; }

  const char* find_delimiter(const char* begin, const char* end) const {
    if (layout_.delimiter == ' ') return std::find_if(begin, end, is_space);
    const void* const found = std::memchr(begin, layout_.delimiter, std::size_t(end - begin));
    return found ? static_cast<const char*>(found) : end;
  }

  void put(std::uint64_t source, std::uint64_t target) {
    to_.source[counts_.edges] = NodeId(source);
    to_.target[counts_.edges] = NodeId(target);
    ++counts_.edges;
  }

  TextPlace place(std::size_t column = 0) const { return {layout_.file, line_, column}; }

  void careful_line() {
    const auto* const found = static_cast<const char*>(std::memchr(at_, '\n', std::size_t(end_ - at_)));
    const char* const end = found ? found : end_;
    const auto line = checked_line({at_, end}, place());
    if (is_blank(line)) {
      ++counts_.blanks;
    } else if (is_comment(line)) {
      ++counts_.comments;
    } else if (!layout_.has_header || line_ != layout_.first_line) {
      parse_line(line);
    }
    at_ = found ? end + 1 : end_;
    ++line_;
  }

  void parse_line(std::string_view line) {
    split_fields(line, layout_.delimiter, place(), fields_);
    const auto count = std::to_string(fields_.size());
    if (fields_.size() < 2) {
      fail_at(place(), "at least 2 fields separated by " + delimiter_name(layout_.delimiter),
              count + ": \"" + graphs::quote_for_message(line) + "\"");
    }
    if (fields_.size() != layout_.width) {
      fail_at(place(), std::to_string(layout_.width) + " fields as in line " + std::to_string(layout_.first_line), count);
    }
    const std::uint64_t source = node(fields_[layout_.source]), target = node(fields_[layout_.target]);
    if (layout_.weight) {
      to_.weight[counts_.edges] = parse_weight(fields_[*layout_.weight], place());
    }
    if (layout_.type) {
      const auto& field = fields_[*layout_.type];
      to_.type[counts_.edges] = std::int32_t(name_number(names_.types, field, unquoted(field), "a type"));
    }
    put(source, target);
  }

  std::uint64_t node(const TextField& field) {
    if (!layout_.numbers) return name_number(names_.nodes, field, unquoted(field), "a name");
    const auto value = std::uint64_t(parse_id(field));
    if (layout_.names) return name_number(names_.nodes, field, std::to_string(value), "a node number");
    // The caller refuses it when it looks at `largest`.
    return value > std::uint64_t(std::numeric_limits<NodeId>::max()) ? 0 : value;
  }

  /// A node number; when numbers are not to be names, counted from 0.
  std::int64_t parse_id(const TextField& field) {
    const TextPlace here = place(field.column);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (field.text.empty() || !std::all_of(field.text.begin(), field.text.end(), is_digit)) {
      std::string expected = "a node number";
      const std::size_t first = layout_.first_line + layout_.has_header;
      if (line_ == first + 1) expected += " as in line " + std::to_string(first);
      if (line_ > first + 1) expected += " as in lines " + std::to_string(first) + "-" + std::to_string(line_ - 1);
      // A damaged number is no name.
      const bool is_name = !field.text.empty() && std::strchr("0123456789+-.", field.text[0]) == nullptr;
      fail_at(here, expected, in_quotes(field.text), is_name ? "--ids string" : "");
    }
    std::int64_t value = 0;
    const auto result = std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
    if (result.ec != std::errc()) {
      fail_at(here, "a node number up to " + std::to_string(std::numeric_limits<std::int64_t>::max()),
              in_quotes(field.text));
    }
    if (value < layout_.base) fail_at(here, "a node number from " + std::to_string(layout_.base), in_quotes(field.text));
    if (layout_.names) return value;
    value -= layout_.base;
    if (layout_.largest && value > *layout_.largest) {
      fail_at(here, "a node number up to " + std::to_string(*layout_.largest + layout_.base) + " (" +
              layout_.largest_reason + ")", in_quotes(field.text),
              "--relabel numbers only the nodes that occur, --num-nodes says how many there are");
    }
    counts_.largest = std::max(counts_.largest, value);
    return value;
  }

  std::uint32_t name_number(NameTable& table, const TextField& field, const std::string& name, const char* what) {
    if (name.empty()) fail_at(place(field.column), what, "''");
    const auto number = table.add(name, table.key(name), false);
    if (number == NameTable::none) fail_at(place(field.column), std::string(what) + " in UTF-8", in_quotes(name));
    return number;
  }

  const char* at_;
  const char* const end_;
  std::size_t line_;
  const TextLayout& layout_;
  EdgeNames& names_;
  const EdgeArrays& to_;
  bool plain_ = false, weighted_ = false;
  std::uint32_t plain_limit_ = 0;
  BlockCounts counts_;
  std::vector<TextField> fields_;
};

}  // namespace

void BlockCounts::add(const BlockCounts& other) {
  lines += other.lines;
  edges += other.edges;
  comments += other.comments;
  blanks += other.blanks;
  largest = std::max(largest, other.largest);
}

BlockCounts parse_block(std::string_view text, std::size_t first_line, const TextLayout& layout, EdgeNames& names,
                        const EdgeArrays& to) {
  return BlockReader(text, first_line, layout, names, to).read();
}

}  // namespace gnn::datasets
