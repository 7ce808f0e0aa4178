// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <exception>
#include <limits>
#include <utility>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/text_block.hpp>
#include <graphs/huge_pages.hpp>
#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

namespace gnn::datasets {
namespace {

/// The arrays of the edges read so far; which of them are used depends on the layout.
struct EdgeColumns {
  std::vector<NodeId> source, target;
  std::vector<float> weight;
  std::vector<std::int32_t> type;

  /// Calls action(array, other's array) for every array that the layout uses.
  template <class Action>
  void for_each(const TextLayout& layout, EdgeColumns& other, Action action) {
    action(source, other.source);
    action(target, other.target);
    if (layout.weight) action(weight, other.weight);
    if (layout.type) action(type, other.type);
  }
  EdgeArrays at(std::size_t place) {
    return {source.data() + place, target.data() + place, weight.empty() ? nullptr : weight.data() + place,
            type.empty() ? nullptr : type.data() + place};
  }
};

struct Pass {
  EdgeColumns columns;
  BlockCounts counts;
};

std::size_t count_line_ends(std::string_view text) { return std::size_t(std::count(text.begin(), text.end(), '\n')); }

/// The most edges that a block can hold: one a line, and a line with an edge has four bytes, of which the last may lack
/// its end.
std::size_t most_edges(std::string_view text, std::size_t line_ends) {
  return std::min(line_ends + 1, text.size() / 4 + 1);
}

[[noreturn]] void fail_empty(const std::string& file, std::size_t lines) {
  fail(ErrorKind::input, file, ": expected at least one edge, found ",
       lines == 0 ? "an empty file" : "no line with an edge");
}

/// A mapped file, cut at line ends. How it is cut depends on its size only.
struct Block {
  std::string_view text;
  std::size_t line_ends = 0, first_line = 1, place = 0;
  BlockCounts counts;
  std::exception_ptr error;
};

std::vector<Block> cut_blocks(std::string_view text, std::size_t size) {
  std::vector<Block> blocks;
  while (!text.empty()) {
    const auto end = text.size() <= size ? text.npos : text.find('\n', size - 1);
    blocks.emplace_back().text = text.substr(0, end == text.npos ? end : end + 1);
    text.remove_prefix(blocks.back().text.size());
  }
  graphs::parallel_for(blocks.size(), [&](std::size_t b) { blocks[b].line_ends = count_line_ends(blocks[b].text); });
  for (std::size_t b = 1; b < blocks.size(); ++b) {
    const Block& before = blocks[b - 1];
    blocks[b].first_line = before.first_line + before.line_ends;
    blocks[b].place = before.place + most_edges(before.text, before.line_ends);
  }
  return blocks;
}

Pass read_mapped(std::string_view text, const TextLayout& layout, EdgeNames& names) {
  // Names need smaller blocks: a round of them must not reserve room for many more names than there are.
  auto blocks = cut_blocks(text, layout.names || layout.type ? std::size_t(1) << 16 : TextSource::block_size);
  Pass pass;
  const std::size_t room = blocks.back().place + most_edges(blocks.back().text, blocks.back().line_ends);
  EdgeColumns unused;
  pass.columns.for_each(layout, unused, [&](auto& array, auto&) {
    // Room for the other direction too; memory that is not touched costs nothing.
    graphs::reserve_huge(array, 2 * room);
  });
  graphs::parallel_for(4, [&](std::size_t k) {
    if (k == 0) pass.columns.source.resize(room);
    if (k == 1) pass.columns.target.resize(room);
    if (k == 2 && layout.weight) pass.columns.weight.resize(room);
    if (k == 3 && layout.type) pass.columns.type.resize(room);
  });

  const std::size_t round = layout.names || layout.type ? 32 : blocks.size();
  for (std::size_t begin = 0; begin < blocks.size(); begin += round) {
    const std::size_t end = std::min(blocks.size(), begin + round);
    std::size_t lines = 0;
    for (std::size_t b = begin; b < end; ++b) lines += most_edges(blocks[b].text, blocks[b].line_ends);
    if (layout.names) names.nodes.reserve(2 * lines);
    if (layout.type) names.types.reserve(lines);
    graphs::parallel_for(end - begin, [&](std::size_t k) {
      Block& block = blocks[begin + k];
      try {
        block.counts =
            parse_block(block.text, block.first_line, layout, names, pass.columns.at(block.place));
      } catch (...) {
        block.error = std::current_exception();
      }
    });
    for (std::size_t b = begin; b < end; ++b) {
      if (blocks[b].error) std::rethrow_exception(blocks[b].error);
    }
  }

  for (const Block& block : blocks) {
    // Comments and blank lines have left gaps.
    const std::size_t to = pass.counts.edges;
    if (to != block.place) {
      pass.columns.for_each(layout, unused, [&](auto& array, auto&) {
        const auto from = array.begin() + std::ptrdiff_t(block.place);
        std::copy(from, from + std::ptrdiff_t(block.counts.edges), array.begin() + std::ptrdiff_t(to));
      });
    }
    pass.counts.add(block.counts);
  }
  pass.columns.for_each(layout, unused, [&](auto& array, auto&) { array.resize(pass.counts.edges); });
  return pass;
}

/// A packed file: `block` is its next block, from line `first_line` on.
Pass read_packed(TextSource& source, std::optional<std::string_view> block, std::size_t first_line,
                 const TextLayout& layout, EdgeNames& names) {
  EdgeColumns unused;
  Pass pass;
  for (; block; block = source.next_block()) {
    const std::size_t line_ends = count_line_ends(*block), room = most_edges(*block, line_ends);
    const std::size_t place = pass.counts.edges, needed = place + room;
    if (needed > pass.columns.source.capacity()) {
      // As many edges as there will be if the rest of the file is like its beginning, and some more, so that they need not
      // be moved; and room for the other direction. Memory that is not touched costs nothing.
      const double rest = double(source.file_size()) / double(std::max<std::size_t>(1, source.packed_read()));
      const auto capacity = std::min(std::size_t(double(needed) * 2.5 * rest), std::max(16 * needed, source.file_size()));
      pass.columns.for_each(layout, unused, [&](auto& array, auto&) { graphs::reserve_huge(array, capacity); });
    }
    pass.columns.for_each(layout, unused, [&](auto& array, auto&) { array.resize(needed); });
    if (layout.names) names.nodes.reserve(2 * room);
    if (layout.type) names.types.reserve(room);
    pass.counts.add(parse_block(*block, first_line, layout, names, pass.columns.at(place)));
    first_line += line_ends;
  }
  pass.columns.for_each(layout, unused, [&](auto& array, auto&) { array.resize(pass.counts.edges); });
  return pass;
}

/// One way through the file. `first_layout` tells the layout from the first line with data.
template <class FirstLayout>
Pass read_all(TextSource& source, EdgeNames& names, FirstLayout first_layout) {
  if (!source.packed()) {
    auto text = source.text();
    text.remove_prefix(skip_byte_order_mark(text, source.name()));
    const auto first = find_first_line(text, 1, source.name());
    if (!first) fail_empty(source.name(), text.size());
    return read_mapped(text, first_layout(*first), names);
  }
  source.rewind();
  std::size_t line = 1;
  for (bool at_start = true; auto block = source.next_block(); at_start = false) {
    if (at_start) block->remove_prefix(skip_byte_order_mark(*block, source.name()));
    if (const auto first = find_first_line(*block, line, source.name())) {
      return read_packed(source, block, line, first_layout(*first), names);
    }
    line += count_line_ends(*block);
  }
  fail_empty(source.name(), line - 1);
}

/// Replaces numbers by places; parallel over fixed blocks.
void replace(std::vector<std::int32_t>& numbers, const std::vector<NodeId>& places) {
  constexpr std::size_t block = std::size_t(1) << 18;
  graphs::parallel_for((numbers.size() + block - 1) / block, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(numbers.size(), (b + 1) * block); ++i) {
      numbers[i] = places[std::size_t(numbers[i])];
    }
  });
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// The largest id that this many edges allow, from 0: a typing error must not make a graph of 10^11 nodes.
std::int64_t largest_id(std::size_t edges) {
  return std::int64_t(std::min<std::uint64_t>(std::max<std::uint64_t>(1 << 20, 64 * std::uint64_t(edges)),
                                              std::uint64_t(std::numeric_limits<NodeId>::max()) - 1));
}

}  // namespace

RawEdges read_text_edges(TextSource& source, const EdgeOptions& options) {
  RawEdges raw;
  TextLayout layout;
  if (options.num_nodes < 0) fail(ErrorKind::usage, "expected a number of nodes from 1, found ", options.num_nodes);
  graphs::to_node_count(std::uint64_t(options.num_nodes));
  const bool named = options.string_ids || options.relabel;
  if (named && options.num_nodes > 0) {
    fail(ErrorKind::usage, "expected no number of nodes when nodes have names, found ", options.num_nodes);
  }
  EdgeNames names{NameTable(!options.string_ids), NameTable(false), !source.packed()};
  Pass pass = read_all(source, names, [&](const FirstLine& first) -> const TextLayout& {
    layout = detect_layout(source.name(), first, options, raw.notes);
    if (options.num_nodes > 0) {
      layout.largest = options.num_nodes - 1;
      layout.largest_reason = "there are " + counted(std::size_t(options.num_nodes), "node");
    }
    return layout;
  });
  const std::size_t edges = pass.counts.edges;
  if (edges == 0) fail_empty(source.name(), pass.counts.lines);
  if (!named && !layout.largest && pass.counts.largest > largest_id(edges)) {
    // Only now is the limit known: the second way through the file finds the place.
    pass = {};
    layout.largest = largest_id(edges);
    layout.largest_reason = "the larger of 2^20 and 64 times the number of edges";
    read_all(source, names, [&](const FirstLine&) -> const TextLayout& { return layout; });
    fail(ErrorKind::file, source.name(), ": expected a file that does not change, found other content the second time");
  }

  if (named) {
    const auto places = names.nodes.finish(raw.node_names);
    replace(pass.columns.source, places);
    replace(pass.columns.target, places);
    raw.edges.num_nodes = graphs::to_node_count(raw.node_names.size());
  } else {
    raw.edges.num_nodes = NodeId(options.num_nodes > 0 ? options.num_nodes : pass.counts.largest + 1);
  }
  if (layout.type) {
    replace(pass.columns.type, names.types.finish(raw.type_names));
    raw.types = std::move(pass.columns.type);
  }
  // The tables of names were large, and so is what comes next.
  if (named || layout.type) graphs::release_free_memory();
  raw.edges.source = std::move(pass.columns.source);
  raw.edges.target = std::move(pass.columns.target);
  raw.edges.weight = std::move(pass.columns.weight);

  if (source.misnamed()) raw.notes.push_back("named .gz, but is no gzip file: read as plain text");
  if (pass.counts.comments > 0) raw.notes.push_back(counted(pass.counts.comments, "comment line") + " skipped");
  if (pass.counts.blanks > 0) raw.notes.push_back(counted(pass.counts.blanks, "blank line") + " skipped");
  return raw;
}

}  // namespace gnn::datasets
