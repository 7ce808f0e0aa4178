// SPDX-License-Identifier: Apache-2.0
#include <graphs/check_csr.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <type_traits>

#include <graphs/parallel.hpp>
#include <graphs/sizes.hpp>

namespace gnn::graphs {
namespace {

using Unsigned = std::make_unsigned_t<NodeId>;  // as which a negative number is a large one

constexpr size_t chunk = size_t(1) << 18;

template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) fail(ErrorKind::input, "csr: ", parts...);
}

/// Whether holds(begin, end) is true for every chunk of [0, size).
template <class Holds>
bool all_chunks(size_t size, Holds holds) {
  std::atomic<bool> all = true;
  parallel_for((size + chunk - 1) / chunk, [&](size_t k) {
    if (!holds(k * chunk, std::min(size, (k + 1) * chunk))) all = false;
  });
  return all;
}

}  // namespace

// Whole chunks are judged without a branch an element; only a bad matrix is searched for the element to name.
void check_csr(NodeId num_columns, std::span<const EdgeOffset> offsets, std::span<const NodeId> columns,
               std::span<const float> weights) {
  require(num_columns >= 0, "the number of columns is ", +num_columns);
  require(!offsets.empty() && offsets.front() == 0, "offsets must start with 0");
  to_node_count(offsets.size() - 1);
  const size_t num_rows = offsets.size() - 1;
  const bool ascending = all_chunks(num_rows, [&](size_t begin, size_t end) {
    bool falls = false;
    for (size_t i = begin; i < end; ++i) falls |= offsets[i] > offsets[i + 1];
    return !falls;
  });
  for (size_t i = 0; !ascending && i < num_rows; ++i) {
    require(offsets[i] <= offsets[i + 1], "offsets fall from ", +offsets[i], " to ", +offsets[i + 1],
            " at row ", i);
  }
  require(size_t(offsets.back()) == columns.size(), "offsets end at ", +offsets.back(), ", there are ",
          columns.size(), " columns");
  require(weights.empty() || weights.size() == columns.size(), columns.size(), " edges, but ", weights.size(),
          " weights");
  const bool inside = all_chunks(columns.size(), [&](size_t begin, size_t end) {
    bool outside = false;
    for (size_t e = begin; e < end; ++e) outside |= Unsigned(columns[e]) >= Unsigned(num_columns);
    return !outside;
  });
  for (size_t e = 0; !inside && e < columns.size(); ++e) {
    require(columns[e] >= 0 && columns[e] < num_columns, "edge ", e, " has column ", +columns[e], " of ",
            +num_columns);
  }
  const bool finite = all_chunks(weights.size(), [&](size_t begin, size_t end) {
    bool other = false;
    for (size_t e = begin; e < end; ++e) other |= !std::isfinite(weights[e]);
    return !other;
  });
  for (size_t e = 0; !finite && e < weights.size(); ++e) {
    require(std::isfinite(weights[e]), "edge ", e, " has weight ", weights[e]);
  }
}

}  // namespace gnn::graphs
