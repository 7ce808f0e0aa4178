// SPDX-License-Identifier: Apache-2.0
#include <graphs/group_sort.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <compare>
#include <span>
#include <utility>

#include <graphs/huge_pages.hpp>
#include <graphs/parallel.hpp>

namespace gnn::graphs {
namespace {

/// Groups one part: group g is to stand from next[g] to end[g]. The cycles of the permutation are followed, so that
/// nothing but the edge in hand is held twice.
template <bool weighted>
void permute(EdgeList& edges, int shift, std::vector<std::size_t> next, std::span<const std::size_t> end) {
  NodeId* const targets = edges.target.data();
  NodeId* const sources = edges.source.data();
  float* const weights = edges.weight.data();
  for (std::size_t home = 0; home < end.size(); ++home) {
    while (next[home] < end[home]) {
      const std::size_t place = next[home]++;
      NodeId target = targets[place];
      std::size_t group = std::size_t(target) >> shift;
      if (group == home) continue;
      NodeId source = sources[place];
      float weight = 0;
      if constexpr (weighted) weight = weights[place];
      do {
        const std::size_t there = next[group]++;
        // Every group is a stream of its own, more streams than the processor follows by itself.
        __builtin_prefetch(targets + there + 32, 1);
        __builtin_prefetch(sources + there + 32, 1);
        std::swap(target, targets[there]);
        std::swap(source, sources[there]);
        if constexpr (weighted) std::swap(weight, weights[there]);
        group = std::size_t(target) >> shift;
      } while (group != home);
      targets[place] = target;
      sources[place] = source;
      if constexpr (weighted) weights[place] = weight;
    }
  }
}

template <bool weighted>
struct Item {
  std::uint32_t source, row;
};
template <>
struct Item<true> {
  std::uint32_t source, row;
  float weight;
};

/// A counting sort: counts[k] items have key k. Equal keys stay in order; counts becomes where each key ends.
template <class T, class KeyOf>
void scatter(std::span<const T> from, std::span<T> to, std::span<std::size_t> counts, KeyOf key_of) {
  std::size_t place = 0;
  for (std::size_t& count : counts) place += std::exchange(count, place);
  // Without the checks of span: these are the inner loops of the whole build.
  std::size_t* const next = counts.data();
  T* const out = to.data();
  for (const T& item : from) out[next[key_of(item)]++] = item;
}

/// Writes one edge after the other over the runs of a group.
template <bool weighted>
class Writer {
 public:
  Writer(EdgeList& edges, const Grouped& grouped, std::size_t group) : edges_(edges), grouped_(grouped), group_(group) {
    enter();
  }
  void put(std::uint32_t source, float weight) {
    while (place_ == end_) {
      ++part_;
      enter();
    }
    edges_.source.data()[place_] = NodeId(source);
    if constexpr (weighted) edges_.weight.data()[place_] = weight;
    ++place_;
    ++size_;
  }
  std::size_t size() const { return size_; }

 private:
  void enter() {
    place_ = grouped_.runs[part_][group_];
    end_ = grouped_.runs[part_][group_ + 1];
  }
  EdgeList& edges_;
  const Grouped& grouped_;
  std::size_t group_, part_ = 0, place_ = 0, end_ = 0, size_ = 0;
};

template <class T>
float weight_of(const T& item) {
  if constexpr (requires { item.weight; }) {
    return item.weight;
  } else {
    return 1;
  }
}

/// Equal edges: sorts them by weight, then writes them or their sum.
template <bool weighted>
std::optional<Offence> put_equal(std::span<Item<weighted>> run, EqualEdges equal, Writer<weighted>& writer) {
  if (equal == EqualEdges::refuse && run.size() > 1) return Offence{0, NodeId(run[0].source), run.size(), 0};
  if (equal == EqualEdges::keep) {
    if constexpr (weighted) {
      // strong_order also tells -0 from 0, which would otherwise stay as the list has them.
      std::sort(run.begin(), run.end(),
                [](const auto& a, const auto& b) { return std::strong_order(a.weight, b.weight) < 0; });
    }
    for (const auto& item : run) writer.put(item.source, weight_of(item));
    return std::nullopt;
  }
  double sum = 0;
  if constexpr (weighted) {
    std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.weight < b.weight; });
    for (const auto& item : run) sum += double(item.weight);
    if (!std::isfinite(float(sum))) return Offence{0, NodeId(run[0].source), run.size(), sum};
  }
  writer.put(run[0].source, float(sum));
  return std::nullopt;
}

template <bool weighted>
SortedGroup sort_group_of(EdgeList& edges, const Grouped& grouped, std::size_t group, EqualEdges equal,
                          std::vector<EdgeOffset>& ends) {
  using T = Item<weighted>;
  const std::size_t size = grouped.size(group), first = grouped.first_row(group);
  // The least significant key first: digits of the source, then the row. Every pass is stable.
  const int width = std::max(1, int(std::bit_width(grouped.num_rows - 1)));
  const int passes = (width + 10) / 11, digit = (width + passes - 1) / passes;
  const std::uint32_t mask = (1u << digit) - 1;
  std::vector<std::vector<std::size_t>> counts(std::size_t(passes), std::vector<std::size_t>(mask + 1));
  std::vector<std::size_t> rows(grouped.num_rows_of(group));
  std::vector<T> items, others;
  reserve_huge(items, size);
  reserve_huge(others, size);
  others.resize(size);
  const NodeId *const sources = edges.source.data(), *const targets = edges.target.data();
  for_each_run(grouped, group, size, [&](std::size_t begin, std::size_t end) {
    for (std::size_t e = begin; e < end; ++e) {
      T item{};
      item.source = std::uint32_t(sources[e]);
      item.row = std::uint32_t(std::size_t(targets[e]) - first);
      if constexpr (weighted) item.weight = edges.weight[e];
      items.push_back(item);
    }
  });
  for (const T& item : items) ++rows.data()[item.row];
  for (int pass = 0; pass < passes; ++pass) {
    std::size_t* const count = counts[std::size_t(pass)].data();
    for (const T& item : items) ++count[item.source >> pass * digit & mask];
  }
  for (int pass = 0; pass < passes; ++pass) {
    scatter<T>(items, others, counts[std::size_t(pass)],
               [shift = pass * digit, mask](const T& item) { return item.source >> shift & mask; });
    items.swap(others);
  }
  scatter<T>(items, others, rows, [](const T& item) { return item.row; });

  SortedGroup result;
  if (size == 0) {
    for (std::size_t row = 0; row < rows.size(); ++row) ends[first + row + 1] = 0;
    return result;
  }
  Writer<weighted> writer(edges, grouped, group);
  const T* const sorted = others.data();
  std::size_t begin = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::size_t row_end = rows[row];
    while (begin < row_end) {
      std::size_t end = begin + 1;
      while (end < row_end && sorted[end].source == sorted[begin].source) ++end;
      // A sum of one weight may differ from it: zero gets the plus sign.
      if (end - begin == 1 && (!weighted || equal != EqualEdges::merge)) {
        writer.put(sorted[begin].source, weight_of(sorted[begin]));
      } else {
        result.offence = put_equal<weighted>(std::span(others).subspan(begin, end - begin), equal, writer);
        if (result.offence) {
          result.offence->target = first + row;
          return result;
        }
      }
      begin = end;
    }
    ends[first + row + 1] = EdgeOffset(writer.size());
  }
  result.size = writer.size();
  return result;
}

}  // namespace

std::size_t Grouped::num_rows_of(std::size_t group) const {
  return std::min(num_rows, (group + 1) << shift) - first_row(group);
}

std::size_t Grouped::size(std::size_t group) const {
  std::size_t result = 0;
  for (const auto& part : runs) result += part[group + 1] - part[group];
  return result;
}

Grouped group_by_target(EdgeList& edges) {
  Grouped grouped;
  const std::size_t size = edges.target.size();
  grouped.num_rows = std::size_t(edges.num_nodes);
  // Enough edges in a group to be worth its tables, and few enough groups for one pass over the list.
  const std::size_t most = std::clamp<std::size_t>(size / 8192, 1, 256);
  while ((grouped.num_rows >> grouped.shift) >= most && (grouped.num_rows >> grouped.shift) > 0) ++grouped.shift;
  grouped.num_groups = grouped.num_rows == 0 ? 0 : ((grouped.num_rows - 1) >> grouped.shift) + 1;
  grouped.runs.resize(std::clamp<std::size_t>(size >> 20, 1, 16));
  parallel_for(grouped.runs.size(), [&](std::size_t p) {
    const std::size_t begin = size * p / grouped.runs.size(), end = size * (p + 1) / grouped.runs.size();
    auto& run = grouped.runs[p];
    run.assign(grouped.num_groups + 1, 0);
    for (std::size_t e = begin; e < end; ++e) ++run[(std::size_t(edges.target[e]) >> grouped.shift) + 1];
    run[0] = begin;
    for (std::size_t g = 0; g < grouped.num_groups; ++g) run[g + 1] += run[g];
    if (grouped.num_groups < 2) return;
    auto next = run;
    edges.weighted() ? permute<true>(edges, grouped.shift, std::move(next), std::span(run).subspan(1))
                     : permute<false>(edges, grouped.shift, std::move(next), std::span(run).subspan(1));
  });
  return grouped;
}

SortedGroup sort_group(EdgeList& edges, const Grouped& grouped, std::size_t group, EqualEdges equal,
                       std::vector<EdgeOffset>& ends) {
  return edges.weighted() ? sort_group_of<true>(edges, grouped, group, equal, ends)
                          : sort_group_of<false>(edges, grouped, group, equal, ends);
}

}  // namespace gnn::graphs
