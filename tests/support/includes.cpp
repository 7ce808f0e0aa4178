// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

// Who may include whom, and which file may see which library.
namespace {

struct Include {
  std::string file;   // "gnn/layers/gat.cpp"
  std::string named;  // "gnn/layers/gat.hpp", "vector", or with quotation marks a file of the same folder
  bool quoted;
};

bool is_source(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".hpp" || extension == ".cpp" || extension == ".cu" || extension == ".cuh";
}

std::vector<Include> all_includes() {
  const std::filesystem::path root = GNN_SOURCE_DIR;
  const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (const char* folder : {"graphs", "datasets", "gnn", "apps"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::ifstream stream(entry.path());
      std::smatch match;
      for (std::string line; std::getline(stream, line);) {
        if (!std::regex_search(line, match, include)) continue;
        found.push_back(
            {std::filesystem::relative(entry.path(), root).generic_string(), match[2], match[1] == "\""});
      }
    }
  }
  return found;
}

// Left to right, as the design has them; a file includes only what does not stand to its right.
const std::vector<std::string> order = {"graphs/",       "datasets/",   "gnn/core/",  "gnn/kernels/",
                                        "gnn/autograd/", "gnn/layers/", "gnn/train/", "apps/"};

// The place of a file in the order, or -1 when it is none of ours.
int place(const std::string& file) {
  const auto found =
      std::ranges::find_if(order, [&](const std::string& folder) { return file.starts_with(folder); });
  return found == order.end() ? -1 : int(found - order.begin());
}

bool starts_with_any(const std::string& text, std::initializer_list<const char*> prefixes) {
  return std::ranges::any_of(prefixes, [&](const char* prefix) { return text.starts_with(prefix); });
}

/// A library, how its headers begin, and which files may include them.
struct Wall {
  const char* library;
  std::vector<std::string> headers;
  std::function<bool(const std::string& file)> may_include;
};

const std::vector<Wall> walls = {
    {"Boost",
     {"boost/"},
     [](const std::string& file) {
       return file == "graphs/graphml.cpp" || file == "apps/commands/bench_boost.cpp" || starts_with_any(file, {"graphs/boost", "apps/examples/"});
     }},
    {"Eigen", {"Eigen/"}, [](const std::string& file) { return file.starts_with("gnn/kernels/cpu/") || file == "datasets/eigen.hpp"; }},
    {"oneTBB",
     {"tbb/", "oneapi/"},
     [](const std::string& file) {
       return file.starts_with("gnn/kernels/cpu/") || (file.starts_with("graphs/") && file.ends_with(".cpp"));
     }},
    {"CUDA",
     {"cuda", "cublas", "cusparse", "curand", "cub/", "thrust/", "cooperative_groups", "nvtx", "nvToolsExt"},
     [](const std::string& file) { return file.starts_with("gnn/kernels/cuda/") || (file.starts_with("apps/bench/") && file.ends_with(".cu")); }},
    {"doctest", {"doctest"}, [](const std::string&) { return false; }},
    {"toml++", {"toml++/", "toml.hpp"}, [](const std::string& file) { return file.starts_with("apps/"); }},
    {"CLI11", {"CLI/"}, [](const std::string& file) { return file.starts_with("apps/"); }},
};

// What users may include: every header but those of the kernels' insides and of the program.
bool is_public_header(const std::string& file) {
  return file.ends_with(".hpp") && !starts_with_any(file, {"gnn/kernels/cpu/", "gnn/kernels/cuda/", "apps/"});
}

}  // namespace

TEST_CASE("includes: files include only what lies to their left") {
  std::size_t ours = 0;
  for (const Include& include : all_includes()) {
    if (include.quoted || place(include.named) < 0) continue;
    ++ours;
    CHECK_MESSAGE(place(include.file) >= 0, include.file, " lies in no folder of the order");
    CHECK_MESSAGE(place(include.named) <= place(include.file), include.file, " includes ", include.named,
                  ", which lies to its right");
  }
  CHECK(ours > 100);
}

TEST_CASE("includes: files of the project are named from the root of the tree, and exist") {
  for (const Include& include : all_includes()) {
    CHECK_MESSAGE(!include.quoted, include.file, " includes \"", include.named, "\": write <folder/file>");
    if (place(include.named) < 0) continue;
    CHECK_MESSAGE(std::filesystem::exists(std::filesystem::path(GNN_SOURCE_DIR) / include.named),
                  include.file, " includes ", include.named, ", which is not there");
  }
}

// Which shows that the header compiles alone; headers without such a source are compiled alone by the build of the tests.
TEST_CASE("includes: a source names the header of its name first") {
  std::set<std::string> seen;
  for (const Include& include : all_includes()) {
    if (!seen.insert(include.file).second || !include.file.ends_with(".cpp")) continue;
    const std::string header = include.file.substr(0, include.file.size() - 3) + "hpp";
    if (!std::filesystem::exists(std::filesystem::path(GNN_SOURCE_DIR) / header)) continue;
    CHECK_MESSAGE(include.named == header, include.file, " includes ", include.named, " first");
  }
  CHECK(seen.size() > 100);
}

TEST_CASE("includes: nothing includes the tests") {
  for (const Include& include : all_includes()) {
    CHECK_MESSAGE(!starts_with_any(include.named, {"tests/", "support/"}), include.file, " includes ",
                  include.named);
  }
}

TEST_CASE("includes: every library stays behind its wall") {
  for (const Include& include : all_includes()) {
    for (const Wall& wall : walls) {
      const bool is_its_header = std::ranges::any_of(
          wall.headers, [&](const auto& start) { return include.named.starts_with(start); });
      CHECK_MESSAGE((!is_its_header || wall.may_include(include.file)), include.file, " includes ",
                    include.named, " of ", std::string(wall.library));
    }
  }
}

TEST_CASE("includes: public headers need the standard library and the project only") {
  for (const Include& include : all_includes()) {
    if (!is_public_header(include.file) || place(include.named) >= 0) continue;
    if (include.file.starts_with("graphs/boost") && include.named.starts_with("boost/")) continue;
    if (include.file == "datasets/eigen.hpp" && include.named.starts_with("Eigen/")) continue;
    // Headers of the standard library are the ones without a dot and without a folder.
    CHECK_MESSAGE(include.named.find_first_of("./") == std::string::npos, include.file, " includes ",
                  include.named);
  }
}
