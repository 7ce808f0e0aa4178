// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/links.hpp>

#include <algorithm>

#include <gnn/kernels/cuda/launch.cuh>
#include <gnn/kernels/cuda/supergat_rows.hpp>

// Plan: pairs are sorted by counting: integers may be added in any order, and what remains open, the order within a row, is sorted
// out by the row's owner. Blocks do it for their rows alone where pairs are few, all threads of a launch a step where they are many.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

using Count = unsigned long long;  // what atomicAdd knows
static_assert(sizeof(Count) >= sizeof(EdgeOffset));

// Where the columns of pairs are: in an array, or, of pairs that stand in the rows of both of their ends, among the rows: pair k of
// the first half has its other end in the second, and the other way round.
struct Columns {
  const NodeId *array, *rows;
  std::size_t count;
  __device__ NodeId operator[](std::size_t k) const { return array ? array[k] : rows[k < count / 2 ? k + count / 2 : k - count / 2]; }
};

__global__ void count_pairs(Follows before, const NodeId* row, std::size_t count, Count* counts) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < count) atomicAdd(&counts[row[k]], Count(1));
}

__global__ void clear_counts(Follows before, std::size_t n, Count* counts) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < n) counts[k] = 0;
}

// The sum over the lanes of a warp up to each.
template <class T>
__device__ T sum_up_to_lane(T own) {
  for (unsigned step = 1; step < 32; step *= 2) {
    const T more = __shfl_up_sync(~0u, own, step);
    if (threadIdx.x % 32 >= step) own += more;
  }
  return own;
}

// The sum over the threads of a block up to each, without it; total: over all of them.
__device__ Count sum_before(Count own, Count& total) {
  __shared__ Count of_warps[block_size / 32];
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  Count before = sum_up_to_lane(own);
  if (lane == 31) of_warps[warp] = before;
  __syncthreads();
  before -= own;
  total = 0;
  for (unsigned w = 0; w < block_size / 32; ++w) {
    if (w < warp) before += of_warps[w];
    total += of_warps[w];
  }
  __syncthreads();
  return before;
}

// A block owns a run of rows, a thread some of them side by side: sums[block] = their counts.
constexpr std::size_t rows_of_thread = 8, rows_of_run = rows_of_thread * block_size;
__global__ void sum_runs(Follows before, std::size_t rows, const Count* counts, Count* sums) {
  before.wait();
  const std::size_t first = thread_index() * rows_of_thread;
  Count own = 0, total;
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) own += first + k < rows ? counts[first + k] : 0;
  sum_before(own, total);
  if (threadIdx.x == 0) sums[blockIdx.x] = total;
}

// offsets[i] = next[i] = the sum of the counts before row i. next holds the counts at first.
__global__ void scan_runs(Follows earlier, std::size_t rows, const Count* sums, Count* next, EdgeOffset* offsets) {
  earlier.wait();
  Count before = 0, total;
  for (std::size_t b = threadIdx.x; b < blockIdx.x; b += block_size) before += sums[b];
  sum_before(before, total);
  const Count before_run = total;
  const std::size_t first = thread_index() * rows_of_thread;
  Count count[rows_of_thread], own = 0;
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) own += count[k] = first + k < rows ? next[first + k] : 0;
  before = before_run + sum_before(own, total);
#pragma unroll
  for (std::size_t k = 0; k < rows_of_thread; ++k) {
    if (first + k < rows) offsets[first + k] = EdgeOffset(next[first + k] = before);
    before += count[k];
  }
  if (blockIdx.x + 1 == gridDim.x && threadIdx.x == 0) offsets[rows] = EdgeOffset(before_run + total);
}

__global__ void place_pairs(Follows before, const NodeId* row, std::size_t count, Count* next, EdgeOffset* number) {
  before.wait();
  const std::size_t k = thread_index();
  if (k < count) number[atomicAdd(&next[row[k]], Count(1))] = EdgeOffset(k);
}

// Sorts a row's numbers, by insertion, and fetches its pairs.
__global__ void finish_rows(Follows before, Columns column, NodeId num_rows, const EdgeOffset* offsets, NodeId* rows,
                            NodeId* columns, EdgeOffset* number) {
  before.wait();
  const std::size_t i = thread_index();
  if (i >= std::size_t(num_rows)) return;
  for (EdgeOffset p = offsets[i]; p < offsets[i + 1]; ++p) {
    const EdgeOffset k = number[p];
    EdgeOffset q = p;
    for (; q > offsets[i] && number[q - 1] > k; --q) number[q] = number[q - 1];
    number[q] = k;
  }
  for (EdgeOffset p = offsets[i]; p < offsets[i + 1]; ++p) {
    if (rows) rows[p] = NodeId(i);
    columns[p] = column[number[p]];
  }
}

// The whole of it for a few pairs of a small graph. A block has some rows: it looks at all pairs for its own, and counts those of the
// rows before, so that no block waits for another. A pair counts which of its row's have smaller numbers: that is its place among them.
constexpr unsigned sort_threads = 1024, rows_of_sorter = 128, pairs_of_sorter = 12, most_sorted_rows = 128 * rows_of_sorter,
                   most_sorted_pairs = sort_threads * pairs_of_sorter;
__global__ void __launch_bounds__(sort_threads) sort_pairs_blocks(Follows earlier, const NodeId* row, Columns column, unsigned count,
                                                                  unsigned num_rows, EdgeOffset* offsets, NodeId* rows, NodeId* columns,
                                                                  EdgeOffset* number) {
  earlier.wait();
  __shared__ unsigned counts[rows_of_sorter], starts[rows_of_sorter + 1], of_warps[sort_threads / 32], of_row_warps[rows_of_sorter / 32];
  __shared__ std::uint16_t own[most_sorted_pairs];
  static_assert(most_sorted_pairs <= 65536);
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32, first_row = blockIdx.x * rows_of_sorter;
  if (threadIdx.x < rows_of_sorter) counts[threadIdx.x] = 0;
  // A thread's pairs are under way together. Rows are counted from the block's first one: those before it wrap around.
  unsigned row_of_pair[pairs_of_sorter], turn[pairs_of_sorter], earlier_pairs = 0;
#pragma unroll
  for (unsigned m = 0; m < pairs_of_sorter; ++m) {
    const unsigned k = threadIdx.x + m * sort_threads;
    const unsigned i = k < count ? unsigned(row[k]) : ~0u;
    earlier_pairs += i < first_row;
    row_of_pair[m] = k < count ? i - first_row : rows_of_sorter;
  }
  __syncthreads();
#pragma unroll
  for (unsigned m = 0; m < pairs_of_sorter; ++m) {
    if (row_of_pair[m] < rows_of_sorter) turn[m] = atomicAdd(&counts[row_of_pair[m]], 1u);
  }
  earlier_pairs = LaneGroup(32).sum(earlier_pairs);
  if (lane == 0) of_warps[warp] = earlier_pairs;
  __syncthreads();
  unsigned base = 0;
  for (unsigned w = 0; w < sort_threads / 32; ++w) base += of_warps[w];
  // Counts become sums over the rows before.
  const bool has_row = threadIdx.x < rows_of_sorter;
  const unsigned of_row = has_row ? counts[threadIdx.x] : 0;
  unsigned up_to = sum_up_to_lane(of_row);
  if (has_row && lane == 31) of_row_warps[warp] = up_to;
  __syncthreads();
  if (has_row) {
    for (unsigned w = 0; w < warp; ++w) up_to += of_row_warps[w];
    starts[threadIdx.x + 1] = up_to;
    if (threadIdx.x == 0) starts[0] = 0;
    if (first_row + threadIdx.x < num_rows) offsets[first_row + threadIdx.x] = EdgeOffset(base + up_to - of_row);
  }
  if (blockIdx.x + 1 == gridDim.x && threadIdx.x == 0) offsets[num_rows] = EdgeOffset(count);
  __syncthreads();
#pragma unroll
  for (unsigned m = 0; m < pairs_of_sorter; ++m) {
    if (row_of_pair[m] < rows_of_sorter) own[starts[row_of_pair[m]] + turn[m]] = std::uint16_t(threadIdx.x + m * sort_threads);
  }
  __syncthreads();
  for (unsigned p = threadIdx.x; p < starts[rows_of_sorter]; p += sort_threads) {
    const unsigned k = own[p], i = unsigned(row[k]) - first_row;
    unsigned place = base + starts[i];
    for (unsigned q = starts[i]; q < starts[i + 1]; ++q) place += own[q] < k;
    if (rows) rows[place] = NodeId(first_row + i);
    columns[place] = column[k];
    if (number) number[place] = EdgeOffset(k);
  }
}

void sort(Context& ctx, const NodeId* row, Columns column, NodeId num_rows, EdgeOffset* offsets, NodeId* rows, NodeId* columns,
          EdgeOffset* number) {
  const std::size_t n = std::size_t(num_rows), count = column.count;
  if (n <= most_sorted_rows && count <= most_sorted_pairs) {
    const unsigned blocks = unsigned(std::max<std::size_t>(1, ceil_divide(n, rows_of_sorter)));
    return launch_grid(ctx, sort_pairs_blocks, Grid{dim3(blocks), sort_threads}, row, column, unsigned(count), unsigned(n), offsets, rows, columns, number);
  }
  const Buffer buffer(ctx.pool(), n * sizeof(Count)), numbers(ctx.pool(), number ? 0 : count * sizeof(EdgeOffset));
  Count* next = static_cast<Count*>(buffer.data());
  EdgeOffset* const order = number ? number : static_cast<EdgeOffset*>(numbers.data());
  launch(ctx, clear_counts, n, n, next);
  launch(ctx, count_pairs, count, row, count, next);
  const unsigned runs = unsigned(std::max<std::size_t>(1, ceil_divide(n, rows_of_run)));
  const Buffer sums(ctx.pool(), runs * sizeof(Count));
  launch_blocks(ctx, sum_runs, dim3(runs), n, next, static_cast<Count*>(sums.data()));
  launch_blocks(ctx, scan_runs, dim3(runs), n, static_cast<const Count*>(sums.data()), next, offsets);
  launch(ctx, place_pairs, count, row, count, next, order);
  launch(ctx, finish_rows, n, column, num_rows, offsets, rows, columns, order);
}

}  // namespace

void sort_pairs(Context& ctx, const NodeId* row, const NodeId* column, std::size_t count, NodeId num_rows,
                EdgeOffset* offsets, NodeId* rows, NodeId* columns, EdgeOffset* number) {
  sort(ctx, row, Columns{column, row, count}, num_rows, offsets, rows, columns, number);
}

void sort_ends(Context& ctx, const NodeId* ends, std::size_t count, NodeId num_rows, EdgeOffset* offsets, NodeId* columns) {
  sort(ctx, ends, Columns{nullptr, ends, 2 * count}, num_rows, offsets, nullptr, columns, nullptr);
}

}  // namespace gnn::inline GNN_PRECISION::cuda
