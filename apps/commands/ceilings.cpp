// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/ceilings.hpp>

#include <fmt/format.h>

#include <random>
#include <span>
#include <vector>

#include <apps/commands/machine.hpp>
#include <apps/commands/recipe.hpp>
#include <apps/commands/stopwatch.hpp>
#include <gnn/kernels/direct.hpp>

namespace gnn::apps {
namespace {

/// The median of `repeats` times of work, in seconds, each until the device is done.
template <class Work>
double median_seconds(Context& ctx, int repeats, const Work& work) {
  const auto wait = [&] { return ctx.one().to_host()[0]; };  // a copy waits for the kernels before it
  std::vector<double> times;
  ctx.run([&] {
    for (int r = 0; r < repeats + 2; ++r) {
      wait();
      const double time = seconds([&] {
        work();
        wait();
      });
      if (r >= 2) times.push_back(time);
    }
  });
  return median(times);
}

/// Random rows of `bytes` each from a table of so many bytes, 16 to a sum: bytes read a second.
double gathered_bytes_a_second(Context& ctx, std::size_t table_bytes, std::size_t bytes, int repeats) {
  constexpr std::size_t each = 16;
  const std::size_t columns = bytes / sizeof(Real), rows = table_bytes / bytes;
  const std::size_t sums = (ctx.device().kind == Device::cuda ? std::size_t(1) << 31 : std::size_t(1) << 26) / bytes / each;
  std::mt19937_64 random(1);
  std::vector<NodeId> wanted(sums * each);
  for (NodeId& i : wanted) i = NodeId(random() % rows);
  const Array<NodeId> index(ctx.pool(), std::span<const NodeId>(wanted));
  const Tensor table = ctx.tensor(rows, columns), y = ctx.tensor(sums, columns);
  direct::fill(ctx, table, Real(1));
  return double(sums * each * bytes) / median_seconds(ctx, repeats, [&] { direct::gather(ctx, index, each, table, y); });
}

}  // namespace

int print_ceilings(const Settings& settings, Output& output) {
  Context ctx = make_context(settings);
  const bool gpu = ctx.device().kind == Device::cuda;
  const std::string machine = gpu ? describe_gpus() : processor_name();
  output.line(fmt::format("device  {}, {}", to_string(ctx.device()), machine));
  Event event("ceilings");
  event.add("device", to_string(ctx.device())).add("machine", machine).add("precision", settings.text("precision"));
  const int repeats = 15;

  // Larger than any cache.
  const std::size_t numbers = (gpu ? std::size_t(1) << 30 : std::size_t(1) << 28) / sizeof(Real);
  const Tensor from = ctx.tensor(1, numbers), to = ctx.tensor(1, numbers);
  direct::fill(ctx, from, Real(1));
  const double copy = median_seconds(ctx, repeats, [&] { direct::copy(ctx, from, to); });
  const double bytes_a_second = 2 * double(numbers * sizeof(Real)) / copy;
  output.line(fmt::format("copy    {:.1f} GB/s, read and written, of {} MiB", bytes_a_second / 1e9, numbers * sizeof(Real) >> 20));
  event.add("copy_gb_per_s", bytes_a_second / 1e9);

  // Tables that a cache holds, and that none does.
  const std::size_t tables[] = {gpu ? std::size_t(32) << 20 : std::size_t(512) << 10, gpu ? std::size_t(2) << 30 : std::size_t(256) << 20};
  for (const std::size_t table : tables) {
    for (const std::size_t bytes : std::initializer_list<std::size_t>{32, 128, 256, 1024}) {
      const double gathered = gathered_bytes_a_second(ctx, table, bytes, repeats);
      output.line(fmt::format("gather  {:.1f} GB/s, random rows of {} B from {} KiB", gathered / 1e9, bytes, table >> 10));
      event.add(fmt::format("gather_{}_of_{}_kib_gb_per_s", bytes, table >> 10), gathered / 1e9);
    }
  }

  const std::size_t side = gpu ? 8192 : 1024;
  const Tensor a = ctx.tensor(side, side), b = ctx.tensor(side, side), c = ctx.tensor(side, side);
  direct::fill(ctx, a, Real(0.5));
  direct::fill(ctx, b, Real(0.25));
  const double product = median_seconds(ctx, repeats, [&] { direct::matmul(ctx, a, b, c); });
  const double flops = 2 * double(side) * double(side) * double(side) / product;
  output.line(fmt::format("product {:.2f} TFLOP/s, {}, {} x {} x {}", flops / 1e12, settings.text("precision"), side, side, side));
  event.add("product_tflop_per_s", flops / 1e12);

  const Tensor little = ctx.tensor(1, 64);
  constexpr int in_a_row = 256;
  const auto many = [&] {
    for (int k = 0; k < in_a_row; ++k) direct::fill(ctx, little, Real(1));
  };
  const double alone = median_seconds(ctx, repeats, many) / in_a_row;
  output.line(fmt::format("kernel  {:.2f} us, of 64 numbers, one after the other", alone * 1e6));
  event.add("kernel_us", alone * 1e6);
  if (gpu) {
    const double replayed = median_seconds(ctx, repeats, direct::record(ctx, many)) / in_a_row;
    output.line(fmt::format("kernel  {:.2f} us, in a recorded graph", replayed * 1e6));
    event.add("kernel_in_graph_us", replayed * 1e6);
  }
  output.event(event);
  return 0;
}

}  // namespace gnn::apps
