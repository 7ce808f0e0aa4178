// SPDX-License-Identifier: Apache-2.0
// The threads of a block are fibers: one runs until it waits for others, at a barrier of the block or in an
// exchange of its warp, then the next one has its turn. With CUDA_ON_CPU_REVERSED blocks and threads go
// backwards; with CUDA_ON_CPU_STRICT a lane that reads what another has not given ends the program, else it
// reads NaN.
#include <cuda_runtime.h>
#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace context = boost::context::detail;

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cuda_on_cpu {
namespace {

constexpr std::size_t stack_bytes = 256 << 10, max_threads = 1024;
struct Barrier {
  unsigned arrived = 0, generation = 0;
};
struct Exchange : Barrier {
  unsigned mask = 0, wrote[2] = {};
  std::uint64_t value[2][32];
};
struct Fiber {
  context::fcontext_t at;
  bool done;
  const unsigned* wait_on;
  unsigned old;
};
Fiber fibers[max_threads];
char* stacks = nullptr;
unsigned current, num_threads, alive;
unsigned alive_lanes[max_threads / 32];
Barrier block;
std::vector<std::unique_ptr<Exchange>> exchanges[max_threads / 32];
context::fcontext_t scheduler;
const std::function<void()>* body;
dim3 block_dims;

[[noreturn]] void broken(const char* what) {
  std::fprintf(stderr, "cuda on cpu: %s (block %u,%u thread %u)\n", what, blockIdx.x, blockIdx.y, current);
  std::abort();
}
void set_thread(unsigned t) {
  current = t;
  threadIdx = dim3(t % block_dims.x, t / block_dims.x % block_dims.y, t / (block_dims.x * block_dims.y));
}
void wait(const Barrier& b, unsigned old) {
  Fiber& f = fibers[current];
  f.wait_on = &b.generation, f.old = old;
  scheduler = context::jump_fcontext(scheduler, nullptr).fctx;
}
void release(Barrier& b) {
  b.arrived = 0;
  ++b.generation;
}
void entry(context::transfer_t t) {
  scheduler = t.fctx;
  (*body)();
  Fiber& f = fibers[current];
  f.done = true;
  --alive;
  alive_lanes[current / 32] &= ~(1u << current % 32);
  if (alive > 0 && block.arrived == alive) release(block);
  for (auto& e : exchanges[current / 32]) {
    const unsigned live = e->mask & alive_lanes[current / 32];
    if (e->arrived > 0 && e->arrived == unsigned(__builtin_popcount(live))) {
      e->wrote[(e->generation + 1) & 1] = 0;
      release(*e);
    }
  }
  context::jump_fcontext(scheduler, nullptr);
}
Exchange& exchange_of(unsigned mask) {
  auto& list = exchanges[current / 32];
  if (!(mask >> current % 32 & 1)) broken("a lane calls with a mask that it is not in");
  for (auto& e : list)
    if (e->mask == mask) return *e;
  list.push_back(std::make_unique<Exchange>());
  list.back()->mask = mask;
  return *list.back();
}
// Returns the slot of this exchange.
unsigned meet(Exchange& e, std::uint64_t value) {
  const unsigned lane = current % 32, old = e.generation, slot = old & 1;
  e.value[slot][lane] = value;
  e.wrote[slot] |= 1u << lane;
  ++e.arrived;
  if (e.arrived == unsigned(__builtin_popcount(e.mask & alive_lanes[current / 32]))) {
    e.wrote[slot ^ 1] = 0;
    release(e);
  } else {
    wait(e, old);
  }
  return slot;
}
bool reversed() {
  static const bool r = std::getenv("CUDA_ON_CPU_REVERSED") != nullptr;
  return r;
}
}  // namespace

void block_barrier() {
  const unsigned old = block.generation;
  if (++block.arrived == alive)
    release(block);
  else
    wait(block, old);
}
void warp_barrier(unsigned mask) {
  meet(exchange_of(mask), 0);
}
std::uint64_t exchange(unsigned mask, std::uint64_t value, int from, bool own_if_outside) {
  Exchange& e = exchange_of(mask);
  const unsigned slot = meet(e, value);
  if (from < 0) {
    if (own_if_outside) return value;
    broken("no such lane");
  }
  if (!(e.wrote[slot] >> from & 1)) {
    if (std::getenv("CUDA_ON_CPU_STRICT")) broken("reads a lane that is not there");
    return 0x7FC000007FC00000ull;
  }
  return e.value[slot][from];
}
unsigned ballot(unsigned mask, bool value) {
  Exchange& e = exchange_of(mask);
  const unsigned slot = meet(e, value);
  unsigned result = 0;
  for (unsigned l = 0; l < 32; ++l)
    if (e.wrote[slot] >> l & 1 && e.value[slot][l]) result |= 1u << l;
  return result;
}
void run_grid(dim3 grid, dim3 block_, const std::function<void()>& body_) {
  if (!stacks)
    stacks = static_cast<char*>(mmap(nullptr, stack_bytes * max_threads, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  body = &body_;
  block_dims = block_;
  blockDim = block_, gridDim = grid;
  num_threads = block_.x * block_.y * block_.z;
  const std::size_t blocks = std::size_t(grid.x) * grid.y * grid.z;
  for (std::size_t n = 0; n < blocks; ++n) {
    const std::size_t b = reversed() ? blocks - 1 - n : n;
    blockIdx = dim3(unsigned(b % grid.x), unsigned(b / grid.x % grid.y), unsigned(b / grid.x / grid.y));
    alive = num_threads;
    block = Barrier{};
    for (unsigned w = 0; w * 32 < num_threads; ++w) {
      alive_lanes[w] = num_threads - w * 32 >= 32 ? ~0u : (1u << (num_threads - w * 32)) - 1;
      for (auto& e : exchanges[w]) {
        e->arrived = 0;
        e->wrote[0] = e->wrote[1] = 0;
      }
    }
    for (unsigned t = 0; t < num_threads; ++t) {
      fibers[t] = {context::make_fcontext(stacks + (t + 1) * stack_bytes, stack_bytes, entry), false, nullptr,
                   0};
    }
    while (alive > 0) {
      bool moved = false;
      for (unsigned k = 0; k < num_threads; ++k) {
        const unsigned t = reversed() ? num_threads - 1 - k : k;
        Fiber& f = fibers[t];
        if (f.done || (f.wait_on && *f.wait_on == f.old)) continue;
        f.wait_on = nullptr;
        set_thread(t);
        moved = true;
        f.at = context::jump_fcontext(f.at, nullptr).fctx;
      }
      if (!moved) broken("threads wait for each other for ever");
    }
  }
}
}  // namespace cuda_on_cpu
