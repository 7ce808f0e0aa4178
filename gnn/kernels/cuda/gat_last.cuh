// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/kernels/cuda/dropout.cuh>
#include <gnn/kernels/cuda/gat_last.hpp>
#include <gnn/kernels/cuda/head_lanes.cuh>

// What the phases of gat_last.cu share: who has which row, draws, weights, and sums over a block.
namespace gnn::inline GNN_PRECISION::cuda::last {

inline constexpr unsigned most_blocks = 16, threads = 672, warps = threads / 32;
inline constexpr unsigned half = 16, of_lane = 4, widest = half * of_lane, most_classes = 8;
static_assert(most_classes * widest + 4 * most_classes <= threads);

/// What an edge needs of its target on the way back.
struct alignas(4 * sizeof(Real)) Target {
  Real score, most, inverse, along;  ///< inverse: of the sum of exp; along: <dy, out>
};

/// What phases leave for each other, in GatLast::memory.
struct Memory {
  Target* targets;
  double* losses;  ///< two numbers a block
  Real *dtarget_score, *source_score, *z, *value, *multipliers;  ///< multipliers: of the edges into targets
  std::uint32_t* masks;                                          ///< of 16 lanes a source
  std::size_t bytes;

  __host__ __device__ Memory(std::byte* begin, std::size_t sources, std::size_t num_targets, std::size_t edges, std::size_t classes) : bytes(0) {
    const auto take = [&](auto*& array, std::size_t count) {
      array = reinterpret_cast<std::remove_reference_t<decltype(array)>>(begin + bytes);
      bytes += count * sizeof *array;
    };
    take(targets, num_targets);
    take(losses, 2 * most_blocks);
    take(masks, sources * half);
    take(source_score, sources);
    take(dtarget_score, num_targets);
    take(z, sources * classes);
    take(value, sources * classes);
    take(multipliers, edges);
  }
  __device__ explicit Memory(const GatLast& a) : Memory(a.memory, a.sources, a.targets, 0, a.classes) {}
};

/// Where a thread stands: lane q of a half warp, and class c.
struct Place {
  unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32, side = lane / half, q = lane % half, c = lane % most_classes;

  /// The cluster's half warps have a row each in a round, this one first_row() and so on.
  __device__ unsigned rows_of_round() const { return 2 * warps * gridDim.x; }
  __device__ unsigned first_row() const { return (warp * 2 + side) * gridDim.x + blockIdx.x; }
  __device__ unsigned first_target() const { return warp * gridDim.x + blockIdx.x; }
};

/// Sums over the lanes whose numbers differ in the given bits.
template <class T>
__device__ inline T sum_over(T x, unsigned bits) {
#pragma unroll
  for (unsigned step = 1; step < 32; step *= 2) {
    if (bits & step) x += __shfl_xor_sync(~0u, x, int(step));
  }
  return x;
}

/// The lane's columns of a node's row.
__device__ inline void load_four(const Real* from, unsigned width, const Place& p, unsigned j, Real (&x)[of_lane]) {
#pragma unroll
  for (unsigned k = 0; k < of_lane; ++k) x[k] = 0;
  if (p.q * of_lane < width) load_columns<true>(from + std::size_t(j) * width, LaneColumns(p.q * of_lane, of_lane), x);
}

__device__ inline uint4 draw(const GatLast& a, std::uint32_t step, std::uint32_t c0, std::uint32_t c1, std::uint32_t c2) {
  return philox_words(make_uint4(c0, c1, c2, step), std::uint32_t(a.seed), std::uint32_t(a.seed >> 32));
}

/// Which of a node's numbers dropout keeps: bits 0 to 3 for the lane's columns of x, bit 4 for its class of z.
struct Masks {
  unsigned bits;

  __device__ explicit Masks(unsigned bits_ = 0) : bits(bits_) {}
  __device__ void draw_x(const GatLast& a, const Place& p, std::uint32_t step, unsigned id) {
    bits = 15;
    if (a.x_drop.threshold == 0) return;
    const std::uint64_t four = std::uint64_t(id) * (a.width / of_lane) + p.q;
    bits = kept_words(a.x_drop.threshold, draw(a, step, std::uint32_t(four), std::uint32_t(four >> 32), a.x_drop.stream));
  }
  /// Behind draw_x().
  __device__ void draw_value(const GatLast& a, const Place& p, std::uint32_t step, unsigned id) {
    std::uint32_t word = ~0u;
    if (a.value_drop.threshold != 0) {
      const std::uint64_t element = std::uint64_t(id) * a.classes + p.c;
      word = word_of(draw(a, step, std::uint32_t(element / 4), std::uint32_t(element / 4 >> 32), a.value_drop.stream), element % 4);
    }
    bits |= unsigned(word >= a.value_drop.threshold) << of_lane;
  }
  __device__ Real of_x(const GatLast& a, unsigned k) const { return bits >> k & 1 ? a.x_drop.scale : Real(0); }
  __device__ Real of_value(const GatLast& a) const { return bits >> of_lane & 1 ? a.value_drop.scale : Real(0); }
};

/// w turned round, so that a lane reads the numbers of its columns for a class at once; a thread brings one number.
struct Weights {
  alignas(4 * sizeof(Real)) Real of_class[most_classes][widest];

  __device__ static Real load(const GatLast& a) {
    const unsigned k = threadIdx.x / most_classes, c = threadIdx.x % most_classes;
    return k < a.width && c < a.classes ? a.w[k * a.classes + c] : Real(0);
  }
  __device__ void store(Real x) {
    if (threadIdx.x < most_classes * widest) of_class[threadIdx.x % most_classes][threadIdx.x / most_classes] = x;
  }
  __device__ void read(const Place& p, unsigned c, Real (&x)[of_lane]) const {
    load_columns<true>(of_class[c], LaneColumns(p.q * of_lane, of_lane), x);
  }
};

/// What a lane has of its first node in one phase and needs in another: in shared memory, for registers would spill.
struct Kept {
  alignas(4 * sizeof(Real)) Real masked[threads][of_lane];
  Real z[threads], score[threads];
  unsigned masks[threads], first[threads], count[threads], edge[threads];
  NodeId target[threads];
};

/// The losses of some targets, added up.
struct Losses {
  double loss, hits;
};

/// What a block sums up over its nodes. A thread has one number: of dw, or of the gradients of vectors and biases.
struct BlockSums {
  static constexpr unsigned rows = 2 * warps;
  alignas(4 * sizeof(Real)) Real x[rows][widest];
  Real dz[rows][most_classes], z[rows][most_classes], dscore[rows], dt[rows], dbias[warps][most_classes];
  Losses losses[warps];

  /// What warps have of the losses, to the block's place. All threads call it.
  __device__ void leave(const Memory& memory, const Place& p, Real of_bias, const Losses& of_warp) {
    if (p.lane < most_classes) dbias[p.warp][p.c] = of_bias;
    if (p.lane == 0) losses[p.warp] = of_warp;
    __syncthreads();
    if (threadIdx.x >= 2) return;
    double all = 0;
    for (const Losses& of : losses) all += threadIdx.x == 0 ? of.loss : of.hits;
    memory.losses[2 * blockIdx.x + threadIdx.x] = all;
  }
  /// Behind a barrier of the cluster: the first block makes the result.
  __device__ void finish_losses(const GatLast& a, const Memory& memory) const {
    if (blockIdx.x != 0 || threadIdx.x / 32 != warps - 1 || threadIdx.x % 32 >= 2) return;
    const unsigned which = threadIdx.x % 32;
    double all = 0;
#pragma unroll 4
    for (unsigned b = 0; b < gridDim.x; ++b) all += memory.losses[2 * b + which];
    if (which == 0) all /= double(a.targets);
    a.result[which] = all;
    if (which == 0 && a.loss) *a.loss = Real(all);
  }

  /// A row of each half warp, added to the thread's sum. All threads call it.
  __device__ void add_round(const GatLast& a, const Place& p, const Real (&masked)[of_lane], Real of_z, Real of_dz, Real of_dscore, Real of_dt,
                            Real& sum) {
    const unsigned r = p.warp * 2 + p.side, t = threadIdx.x, of_w = a.classes * widest;
    store_columns<true>(x[r], LaneColumns(p.q * of_lane, of_lane), masked);
    if (p.q < most_classes) {
      dz[r][p.c] = of_dz;
      z[r][p.c] = of_z;
    }
    if (p.q == 0) dscore[r] = of_dscore, dt[r] = of_dt;
    __syncthreads();
    if (t < of_w) {
#pragma unroll 8
      for (unsigned n = 0; n < rows; ++n) sum += x[n][t % widest] * dz[n][t / widest];
    } else if (t < of_w + 4 * most_classes) {
      const unsigned which = (t - of_w) / most_classes, c = t % most_classes;
      const Real* factor = which == 0 || (which == 3 && c == 0) ? dscore : dt;
#pragma unroll 8
      for (unsigned n = 0; n < rows; ++n) sum += factor[n] * (which == 3 ? Real(1) : z[n][c]);
    }
  }

  __device__ void write(const GatLast& a, Real sum) const {
    const unsigned t = threadIdx.x, m = a.classes, of_w = m * widest, which = (t - of_w) / most_classes, c = t % most_classes;
    if (t < of_w) {
      const unsigned k = t % widest;
      if (k < a.width) a.w_pieces[(blockIdx.x * a.width + k) * m + t / widest] = sum;
    } else if (which < 3 && c < m) {
      if (which == 2) {
        sum = 0;
        for (const auto& of_warp : dbias) sum += of_warp[c];
      }
      a.vector_pieces[(which * gridDim.x + blockIdx.x) * m + c] = sum;
    } else if (which == 3 && c < 2 && a.bias_pieces) {
      a.bias_pieces[c * gridDim.x + blockIdx.x] = sum;
    }
  }
};

}  // namespace gnn::inline GNN_PRECISION::cuda::last
