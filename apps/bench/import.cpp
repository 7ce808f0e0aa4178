// SPDX-License-Identifier: Apache-2.0
// Time and memory from a text file of edges to CSR, beside a plain read of the same file:
//   bench_import [EDGES [NAMED_EDGES [REPEATS [FOLDER [GNN_EDGES]]]]]
// Prints medians. A core's figures are taken from the processor time of all threads, so that other programs on the machine
// count as little as possible. Peak memory is sampled every millisecond, without mapped files.
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <datasets/formats/edges.hpp>
#include <datasets/formats/gnn_file.hpp>
#include <datasets/gzip_stream.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>
#include <graphs/parallel.hpp>

using namespace gnn;
using namespace gnn::datasets;

namespace {

constexpr double mebi = 1 << 20;

double anonymous_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::strtod(line.c_str() + 8, nullptr) / 1024;
  }
  return 0;
}

/// The highest memory from construction to peak().
class Sampler {
 public:
  Sampler() : before_(anonymous_mib()), thread_([this] { run(); }) {}
  ~Sampler() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  double peak() {
    stopped_ = true;
    thread_.join();
    return most_ - before_;
  }

 private:
  void run() {
    while (!stopped_) {
      most_ = std::max(most_, anonymous_mib());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  double before_, most_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

struct Time {
  double wall = 0, cpu = 0;
};

Time median(std::vector<Time> times) {
  const auto middle = times.begin() + std::ptrdiff_t(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end(), [](auto a, auto b) { return a.wall < b.wall; });
  Time result = *middle;
  std::nth_element(times.begin(), middle, times.end(), [](auto a, auto b) { return a.cpu < b.cpu; });
  result.cpu = middle->cpu;
  return result;
}

template <class Action>
Time time_of(Action action) {
  const auto cpu = [] {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
  };
  const auto wall_begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu();
  action();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_begin).count(), cpu() - cpu_begin};
}

void fread_all(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) fail(ErrorKind::file, path, ": cannot open");
  std::vector<char> buffer(1 << 20);
  while (std::fread(buffer.data(), 1, buffer.size(), file) == buffer.size()) {
  }
  std::fclose(file);
}

void inflate_all(const std::string& path) {
  const graphs::MappedFile file(path);
  GzipStream stream(file.bytes(), path);
  std::vector<std::byte> buffer(1 << 20);
  while (stream.read(buffer) == buffer.size()) {
  }
}

void write_edges(const std::string& path, std::size_t edges, const char* format, std::uint32_t nodes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) fail(ErrorKind::file, path, ": cannot create");
  std::mt19937 random(1);
  for (std::size_t e = 0; e < edges; ++e) {
    const auto source = std::uint32_t(random() % nodes), target = std::uint32_t(random() % nodes);
    std::fprintf(file, format, source, target);
  }
  std::fclose(file);
}

void pack(const std::string& from, const std::string& to) {
  const graphs::MappedFile file(from);
  gzFile packed = gzopen(to.c_str(), "wb6");
  for (std::size_t at = 0; at < file.text().size(); at += 1 << 20) {
    const auto piece = file.text().substr(at, 1 << 20);
    gzwrite(packed, piece.data(), unsigned(piece.size()));
  }
  gzclose(packed);
}

double csr_mib(const graphs::Csr& graph) {
  return double(graph.offsets().size_bytes() + graph.columns().size_bytes() + graph.weights().size_bytes()) / mebi;
}

/// One way of import, repeated.
void measure(const char* what, const std::string& path, const EdgeOptions& options, bool directed, std::size_t edges,
             int repeats, const std::function<void(const std::string&)>& yardstick, const char* yardstick_name) {
  std::vector<Time> plain, parse, build;
  double peak = 0, size = 0;
  for (int i = 0; i < repeats; ++i) {
    plain.push_back(time_of([&] { yardstick(path); }));
    Sampler sampler;
    RawEdges raw;
    graphs::Csr graph;
    std::vector<std::string> notes;
    GraphOptions graph_options;
    graph_options.directed = directed;
    parse.push_back(time_of([&] { raw = read_edges(path, options); }));
    build.push_back(time_of([&] { graph = build_graph(raw, graph_options, notes); }));
    peak = std::max(peak, sampler.peak());
    size = csr_mib(graph);
  }
  const Time a = median(plain), b = median(parse), c = median(build);
  const double million = double(edges) / 1e6;
  std::printf("%-20s %s %.3f s | parse %.3f s = %.2f x, %.1f M edges/s a core, %.1f all | build %.3f s (cpu %.3f) | "
              "to CSR %.1f M edges/s | peak %.0f MiB, CSR %.0f MiB, 2 x + 64: %.0f\n",
              what, yardstick_name, a.wall, b.wall, b.wall / a.wall, million / b.cpu, million / b.wall, c.wall, c.cpu,
              million / (b.wall + c.wall), peak, size, 2 * size + 64);
  std::fflush(stdout);
}

/// A .gnn file that the system has in its cache: from its name to a pass over all rows.
void measure_gnn(const std::string& path, std::size_t edges, int repeats) {
  std::vector<Time> plain, open, all;
  double peak = 0;
  {
    Dataset data;
    data.name = "bench";
    graphs::EdgeList list;
    list.num_nodes = 1 << 20;
    std::mt19937 random(1);
    for (std::size_t e = 0; e < edges; ++e) {
      list.source.push_back(NodeId(random() % (1 << 20)));
      list.target.push_back(NodeId(random() % (1 << 20)));
    }
    graphs::CsrOptions options;
    options.duplicates = Duplicates::keep;
    data.graph = graphs::build_csr(std::move(list), options).graph;
    data.features.rows = 1 << 20;
    data.features.offsets.assign((1 << 20) + 1, 0);
    data.labels.assign(1 << 20, -1);
    write_gnn_file(path, data);
  }
  std::size_t found = 0;
  for (int i = 0; i < repeats; ++i) {
    plain.push_back(time_of([&] { fread_all(path); }));
    Sampler sampler;
    open.push_back(time_of([&] {
      const graphs::Csr graph = GnnFile(path).graph();
      std::atomic<std::size_t> longest = 0;
      constexpr NodeId block = 1 << 14;
      graphs::parallel_for(std::size_t(graph.num_rows() / block), [&](std::size_t b) {
        EdgeOffset most = 0;
        for (NodeId r = NodeId(b) * block; r < NodeId(b + 1) * block; ++r) most = std::max(most, graph.degree(r));
        for (std::size_t now = longest; std::size_t(most) > now && !longest.compare_exchange_weak(now, std::size_t(most));) {
        }
      });
      found = longest;
    }));
    peak = std::max(peak, sampler.peak());
    all.push_back(time_of([&] { read_gnn_file(path); }));
  }
  std::filesystem::remove(path);
  std::printf("%-20s fread %.3f s | open and first pass %.3f s, peak %.0f MiB | with checksums %.3f s | %zu edges, at most %zu a row\n", ".gnn",
              median(plain).wall, median(open).wall, peak, median(all).wall, edges, found);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto number = [&](int i, double otherwise) { return argc > i ? std::strtod(argv[i], nullptr) : otherwise; };
    const auto edges = std::size_t(number(1, 25e6)), named = std::size_t(number(2, 10e6));
    const int repeats = int(number(3, 5));
    const std::filesystem::path folder = argc > 4 ? argv[4] : std::filesystem::temp_directory_path();
    const std::string plain = folder / "bench_import.csv", names = folder / "bench_import.tsv", packed = plain + ".gz";
    write_edges(plain, edges, "%u,%u\n", 1000000);
    write_edges(names, named, "author%u\tpaper%u\n", 500000);
    pack(plain, packed);

    EdgeOptions numbers, strings;
    strings.string_ids = true;
    measure("numbers, undirected", plain, numbers, false, edges, repeats, fread_all, "fread");
    measure("numbers, directed", plain, numbers, true, edges, repeats, fread_all, "fread");
    measure("names, undirected", names, strings, false, named, repeats, fread_all, "fread");
    measure("gzip, undirected", packed, numbers, false, edges, repeats, inflate_all, "inflate");
    for (const auto& path : {plain, names, packed}) std::filesystem::remove(path);
    measure_gnn(folder / "bench_import.gnn", std::size_t(number(5, 100e6)), repeats);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_import: error: %s\n", error.what());
    return int(error.kind());
  }
}
