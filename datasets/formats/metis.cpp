// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/line_scanner.hpp>
#include <datasets/formats/numbered_edges.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

struct Header {
  std::uint64_t nodes = 0, edges = 0;
  std::uint64_t skipped = 0;  ///< numbers before the neighbours in each line: vertex size and weights
  bool weighted = false;      ///< a weight behind every neighbour
  std::size_t line = 0;
};

/// The next line that is no comment.
bool next_line(LineScanner& line) {
  while (line.next_line()) {
    if (!line.line().starts_with('%')) return true;
  }
  return false;
}

Header read_header(LineScanner& line) {
  constexpr auto most = std::uint64_t(std::numeric_limits<NodeId>::max());
  Header header;
  do {
    if (!next_line(line))
      throw LineError{line.number() + 1, 1, "expected a line of sizes, found the end of the file"};
  } while (line.is_blank());
  header.line = line.number();
  header.nodes = line.next_integer("a number of nodes from 0 to " + std::to_string(most), 0, most);
  header.edges = line.next_integer("a number of edges", 0, std::numeric_limits<std::int64_t>::max() / 2);
  if (!line.next_field()) return header;
  const std::string_view format = line.field();
  if (format.size() > 3 || format.find_first_not_of("01") != format.npos) {
    line.refuse("a format of up to three digits 0 and 1");
  }
  const auto digit = [&](std::size_t from_right) {
    return format.size() > from_right && format[format.size() - 1 - from_right] == '1';
  };
  header.weighted = digit(0);
  header.skipped = digit(2) ? 1 : 0;
  if (digit(1)) {
    const std::size_t before = line.column() + format.size();
    std::uint64_t weights = 1;
    if (line.next_field() && (!parse_digits(line.field(), weights) || weights < 1 || weights > 1024)) {
      line.refuse("a number of vertex weights from 1 to 1024");
    }
    if (line.column() < before)
      throw LineError{header.line, before, "expected a number of vertex weights, found none"};
    header.skipped += weights;
  }
  line.expect_line_end("the end of the sizes");
  return header;
}

/// Edges as they are listed: those to later nodes, and those to earlier ones turned round.
struct BothWays {
  graphs::EdgeList up, down;
};

void read_neighbours(LineScanner& line, const Header& header, std::uint64_t base, std::uint64_t node,
                     BothWays& edges) {
  const std::string last = std::to_string(header.nodes + base - 1);
  const std::string wanted = "a node from " + std::to_string(base) + " to " + last + " (declared in line " +
                             std::to_string(header.line) + ")";
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t i = 0; i < header.skipped; ++i) line.next_integer("a vertex weight", 0, most);
  while (line.next_field()) {
    std::uint64_t other = 0;
    if (!parse_digits(line.field(), other) || other < base || other - base >= header.nodes)
      line.refuse(wanted);
    other -= base;
    if (other == node) line.refuse("another node than the line's own");
    graphs::EdgeList& list = other > node ? edges.up : edges.down;
    list.source.push_back(static_cast<NodeId>(std::min(node, other)));
    list.target.push_back(static_cast<NodeId>(std::max(node, other)));
    if (!header.weighted) continue;
    const auto weight = line.next_float("an edge weight");
    if (!(weight > 0)) line.refuse("an edge weight above 0");
    list.weight.push_back(weight);
  }
}

/// Throws unless both ends list every edge, with one weight.
void check_both_ways(const BothWays& edges, std::uint64_t base, const std::string& file) {
  const auto up = graphs::Csr::from_edges(edges.up), down = graphs::Csr::from_edges(edges.down);
  for (NodeId node = 0; node < up.num_rows(); ++node) {
    const auto ours = up.row(node), theirs = down.row(node);
    const auto first = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
    const bool in_ours = first.first != ours.end();
    if (!in_ours && first.second == theirs.end()) {
      if (edges.up.weight.empty()) continue;
      const auto begin = std::size_t(up.offsets()[std::size_t(node)]),
                 other = std::size_t(down.offsets()[std::size_t(node)]);
      for (std::size_t e = 0; e < ours.size(); ++e) {
        if (up.weights()[begin + e] == down.weights()[other + e]) continue;
        fail(ErrorKind::input, file, ": expected one weight for edge ", ours[e] + std::int64_t(base), " ",
             node + std::int64_t(base), " in the lines of both nodes, found ", up.weights()[begin + e],
             " and ", down.weights()[other + e]);
      }
      continue;
    }
    // The smaller of both is the one that the other side lacks.
    const bool ours_lacks = !in_ours || (first.second != theirs.end() && *first.second < *first.first);
    const NodeId end = ours_lacks ? *first.second : *first.first;
    const std::int64_t low = end + std::int64_t(base), high = node + std::int64_t(base);
    fail(ErrorKind::input, file, ": expected edge ", low, " ", high,
         " as often in the line of either node, found it more often in that of node ",
         ours_lacks ? high : low);
  }
}

}  // namespace

RawEdges read_metis_edges(const InputFile& file, const EdgeOptions& options) {
  const auto base = static_cast<std::uint64_t>(options.index_base.value_or(1));
  Header header;
  BothWays edges;
  with_places(file.name(), [&] {
    LineScanner line(file.text());
    header = read_header(line);
    for (std::uint64_t node = 0; node < header.nodes; ++node) {
      if (!next_line(line)) {
        throw LineError{line.number(), 1,
                        "expected " + std::to_string(header.nodes) +
                            " lines of neighbours (declared in line " + std::to_string(header.line) +
                            "), found " + std::to_string(node)};
      }
      read_neighbours(line, header, base, node, edges);
    }
    while (next_line(line)) {
      if (line.next_field())
        line.refuse("the end of the file after " + std::to_string(header.nodes) + " nodes");
    }
    const std::uint64_t listed = edges.up.source.size() + edges.down.source.size();
    if (listed != 2 * header.edges) {
      throw LineError{header.line, 1,
                      "expected " + std::to_string(2 * header.edges) + " neighbours for " +
                          std::to_string(header.edges) + " edges, found " + std::to_string(listed)};
    }
  });
  edges.up.num_nodes = edges.down.num_nodes = static_cast<NodeId>(header.nodes);
  check_both_ways(edges, base, file.name());
  edges.down = {};

  RawEdges raw;
  if (options.relabel) {
    std::vector<std::int64_t> source(edges.up.source.begin(), edges.up.source.end());
    std::vector<std::int64_t> target(edges.up.target.begin(), edges.up.target.end());
    for (auto* ids : {&source, &target}) {
      for (std::int64_t& id : *ids) id += std::int64_t(base);
    }
    raw = number_edges(source, target, std::move(edges.up.weight), 0, options, file.name(),
                       [&](std::size_t, bool) { return file.name(); });
  } else {
    if (options.num_nodes > 0 && std::uint64_t(options.num_nodes) < header.nodes) {
      fail(ErrorKind::input, file.name(), ":", header.line, ":1: expected at most ", options.num_nodes,
           " nodes, as asked for, found ", header.nodes);
    }
    raw.edges = std::move(edges.up);
    raw.edges.num_nodes = static_cast<NodeId>(std::max(options.num_nodes, std::int64_t(header.nodes)));
  }
  raw.is_symmetric = true;
  if (header.skipped > 0) {
    raw.notes.push_back(std::to_string(header.skipped * header.nodes) + " vertex weights and sizes skipped");
  }
  return raw;
}

}  // namespace gnn::datasets
