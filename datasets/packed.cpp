// SPDX-License-Identifier: Apache-2.0
#include <datasets/packed.hpp>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include <graphs/error.hpp>
#include <graphs/sizes.hpp>
#include <graphs/transforms.hpp>

namespace gnn::datasets {
namespace {

constexpr std::string_view magic = "gnnpack1";

class Writer {
 public:
  /// Seven bits a byte, lowest first; the top bit says that more follow.
  void number(std::uint64_t value) {
    for (; value >= 128; value >>= 7) byte(value % 128 + 128);
    byte(value);
  }

  /// Count, then each number less the one before it.
  template <class T>
  void ascending(std::span<const T> numbers) {
    number(numbers.size());
    std::uint64_t previous = 0;
    for (const T value : numbers) {
      number(static_cast<std::uint64_t>(value) - previous);
      previous = static_cast<std::uint64_t>(value);
    }
  }

  void text(std::string_view value) {
    number(value.size());
    raw(value);
  }

  void raw(std::string_view value) {
    for (const char c : value) byte(static_cast<unsigned char>(c));
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void byte(std::uint64_t value) { bytes_.push_back(static_cast<std::byte>(value)); }

  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  /// A number of at most `most`.
  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const std::uint64_t byte = static_cast<std::uint64_t>(raw(1).front() & 0xff);
      value |= byte % 128 << shift;
      if (byte < 128) {
        if (value > most) refuse("a number of at most " + std::to_string(most), std::to_string(value));
        return value;
      }
    }
    refuse("a number below 2^63", "a longer one");
  }

  /// A count of things that take at least one byte each.
  std::size_t count() { return static_cast<std::size_t>(number(bytes_.size() - position_)); }

  /// Strictly ascending numbers below `bound`, appended to `numbers`.
  template <class T>
  void ascending(std::uint64_t bound, std::vector<T>& numbers) {
    std::uint64_t previous = 0;
    const std::size_t size = count();
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t step = number(std::numeric_limits<std::int32_t>::max());
      if ((i > 0 && step == 0) || previous + step >= bound) {
        refuse("ascending numbers below " + std::to_string(bound), std::to_string(previous + step));
      }
      previous += step;
      numbers.push_back(static_cast<T>(previous));
    }
  }

  std::string text() { return std::string(raw(count())); }

  std::string_view raw(std::size_t size) {
    if (size > bytes_.size() - position_) refuse(std::to_string(size) + " bytes", "the end");
    const auto* start = reinterpret_cast<const char*>(bytes_.data()) + position_;
    position_ += size;
    return {start, size};
  }

  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    fail(ErrorKind::input, file_, ": byte ", position_, ": expected ", expected, ", found ", found);
  }

  bool at_end() const { return position_ == bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  const std::string& file_;
};

/// The neighbours of a node that have a higher number: the upper half of a symmetric graph.
std::span<const NodeId> higher_neighbours(const graphs::Csr& graph, NodeId node) {
  const auto row = graph.row(node);
  return row.subspan(static_cast<std::size_t>(std::upper_bound(row.begin(), row.end(), node) - row.begin()));
}

void check_packable(const Dataset& data) {
  validate(data);
  const auto edges = data.graph.to_edges();
  const bool simple = !edges.weighted() && graphs::merge_duplicates(edges).count == 0 &&
                      graphs::remove_self_loops(edges).count == 0;
  const auto both = graphs::merge_duplicates(graphs::symmetrise(edges).edges).edges.num_edges();
  if (!simple || both != edges.num_edges()) {
    fail(ErrorKind::input, data.name,
         ": expected a symmetric graph without duplicates, self-loops and weights");
  }
  if (std::any_of(data.features.values.begin(), data.features.values.end(), [](float v) { return v != 1; })) {
    fail(ErrorKind::input, data.name, ": expected features of 1 only");
  }
}

}  // namespace

std::vector<std::byte> pack(const Dataset& data) {
  check_packable(data);
  Writer writer;
  writer.raw(magic);
  writer.text(data.name);
  writer.number(data.labels.size());
  writer.number(data.features.columns);
  writer.number(static_cast<std::uint64_t>(data.num_classes));
  for (const std::int32_t label : data.labels) writer.number(static_cast<std::uint64_t>(label + 1));
  for (NodeId node = 0; node < data.num_nodes(); ++node)
    writer.ascending(higher_neighbours(data.graph, node));
  for (std::size_t row = 0; row < data.features.rows; ++row) {
    const auto begin = static_cast<std::size_t>(data.features.offsets[row]);
    const auto end = static_cast<std::size_t>(data.features.offsets[row + 1]);
    writer.ascending(std::span(data.features.indices).subspan(begin, end - begin));
  }
  writer.text(data.split.name);
  for (const auto* part : {&data.split.train, &data.split.val, &data.split.test}) {
    writer.ascending(std::span(*part));
  }
  for (const auto* texts : {&data.class_names, &data.notes}) {
    writer.number(texts->size());
    for (const std::string& text : *texts) writer.text(text);
  }
  return writer.take();
}

Dataset unpack(std::span<const std::byte> bytes, const std::string& file) {
  Reader reader(bytes, file);
  if (bytes.size() < magic.size() || reader.raw(magic.size()) != magic) {
    reader.refuse("a packed data set", "other bytes");
  }
  Dataset data;
  data.name = reader.text();
  const std::size_t num_nodes = reader.count();
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  data.features.rows = num_nodes;
  data.features.columns = static_cast<std::size_t>(reader.number(most));
  data.num_classes = static_cast<std::int32_t>(reader.number(most));
  for (std::size_t node = 0; node < num_nodes; ++node) {
    const std::uint64_t label = reader.number(static_cast<std::uint64_t>(data.num_classes));
    data.labels.push_back(static_cast<std::int32_t>(label) - 1);
  }
  graphs::EdgeList edges;
  edges.num_nodes = graphs::to_node_count(num_nodes);
  for (std::size_t node = 0; node < num_nodes; ++node) {
    reader.ascending(num_nodes, edges.target);
    edges.source.resize(edges.target.size(), static_cast<NodeId>(node));
  }
  data.graph = graphs::Csr::from_edges(graphs::symmetrise(edges).edges);
  for (std::size_t row = 0; row < num_nodes; ++row) {
    reader.ascending(data.features.columns, data.features.indices);
    data.features.offsets.push_back(static_cast<std::int64_t>(data.features.indices.size()));
  }
  data.features.values.assign(data.features.indices.size(), 1.0f);
  data.split.name = reader.text();
  for (auto* part : {&data.split.train, &data.split.val, &data.split.test})
    reader.ascending(num_nodes, *part);
  for (auto* texts : {&data.class_names, &data.notes}) {
    const std::size_t size = reader.count();
    for (std::size_t i = 0; i < size; ++i) texts->push_back(reader.text());
  }
  if (!reader.at_end()) reader.refuse("the end", "more bytes");
  validate(data);
  return data;
}

}  // namespace gnn::datasets
