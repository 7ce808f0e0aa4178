// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace gnn::graphs {

/// Asks the system for large pages where memory that is not touched yet will be read and written in random order: most of
/// the cost of such an access is the look for its page. May do nothing.
void prefer_huge_pages(void* memory, std::size_t bytes);

/// Hands memory that the allocator has kept for itself back to the system. May do nothing.
void release_free_memory();

/// Reserves room for `count` elements in large pages.
template <class T>
void reserve_huge(std::vector<T>& values, std::size_t count) {
  if (count <= values.capacity()) return;
  values.reserve(count);
  prefer_huge_pages(values.data(), values.capacity() * sizeof(T));
}

}  // namespace gnn::graphs
