// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/pool.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>

#include <graphs/error.hpp>

using namespace gnn;

TEST_CASE("pool: a second request of the same size gets the same block and asks nothing of the system") {
  const auto pool = std::make_shared<Pool>(host_memory);
  void* first = nullptr;
  {
    const Buffer buffer(pool, 1000);
    first = buffer.data();
  }
  CHECK(pool->num_system_allocations() == 1);
  const Buffer again(pool, 1000);
  CHECK(again.data() == first);
  CHECK(pool->num_system_allocations() == 1);
}

TEST_CASE("pool: a block up to a quarter too large is reused, a larger one is not") {
  const auto pool = std::make_shared<Pool>(host_memory);
  { const Buffer buffer(pool, 1280); }
  { const Buffer buffer(pool, 1024); }
  CHECK(pool->num_system_allocations() == 1);
  { const Buffer buffer(pool, 960); }
  CHECK(pool->num_system_allocations() == 2);
}

TEST_CASE("pool: blocks that live at once do not share memory") {
  const auto pool = std::make_shared<Pool>(host_memory);
  const Buffer a(pool, 64), b(pool, 64);
  CHECK(a.data() != b.data());
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0);
}

TEST_CASE("pool: an empty request gets a block too") {
  const auto pool = std::make_shared<Pool>(host_memory);
  const Buffer buffer(pool, 0);
  CHECK(buffer.data() != nullptr);
}

TEST_CASE("pool: counts the bytes in use and the most there ever were, in blocks of 64") {
  const auto pool = std::make_shared<Pool>(host_memory);
  CHECK(pool->bytes_in_use() == 0);
  {
    const Buffer a(pool, 100);
    CHECK(pool->bytes_in_use() == 128);
    {
      const Buffer b(pool, 64);
      CHECK(pool->bytes_in_use() == 192);
    }
    CHECK(pool->bytes_in_use() == 128);
  }
  CHECK(pool->bytes_in_use() == 0);
  CHECK(pool->peak_bytes() == 192);
}

TEST_CASE("pool: a request beyond all memory is Error(memory), and the pool stays usable") {
  const auto pool = std::make_shared<Pool>(host_memory);
  std::optional<ErrorKind> kind;
  try {
    const Buffer buffer(pool, SIZE_MAX - 10);
  } catch (const Error& error) {
    kind = error.kind();
  }
  CHECK(kind == ErrorKind::memory);
  CHECK(pool->bytes_in_use() == 0);
  const Buffer small(pool, 10);
  CHECK(small.data() != nullptr);
}

TEST_CASE("pool: of blocks in changing sizes it keeps no more than was ever in use at once") {
  const auto pool = std::make_shared<Pool>(host_memory);
  for (std::size_t bytes = 1000; bytes < 1000000; bytes += bytes / 2) {
    const Buffer a(pool, bytes), b(pool, bytes);
    CHECK(pool->bytes_kept() <= pool->peak_bytes());
  }
  for (std::size_t bytes = 1000000; bytes > 1000; bytes -= bytes / 3) const Buffer buffer(pool, bytes);
  CHECK(pool->bytes_in_use() == 0);
  const Buffer last(pool, 10);
  CHECK(pool->bytes_kept() <= pool->peak_bytes());
}

TEST_CASE("pool: adopt takes over what another pool keeps, so that nothing is asked of the system") {
  const auto first = std::make_shared<Pool>(host_memory), second = std::make_shared<Pool>(host_memory);
  void* address = nullptr;
  {
    const Buffer buffer(first, 1000);
    address = buffer.data();
  }
  second->adopt(*first);
  CHECK(first->bytes_kept() == 0);
  const Buffer again(second, 1000);
  CHECK(again.data() == address);
  CHECK(second->num_system_allocations() == 0);
}
