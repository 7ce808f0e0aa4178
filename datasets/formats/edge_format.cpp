// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/edge_format.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace gnn::datasets {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return text;
}

std::string extension_of(std::filesystem::path path) {
  if (lower(path.extension().string()) == ".gz") path = path.stem();
  return lower(path.extension().string());
}

}  // namespace

EdgeFormat detect_edge_format(std::string_view head, const std::filesystem::path& path) {
  using enum EdgeFormat;
  if (head.starts_with("\x93NUMPY")) return npy;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return npz;
  if (lower(std::string(head.substr(0, 14))) == "%%matrixmarket") return matrix_market;
  const auto first = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first != std::string_view::npos && head[first] == '<') return graphml;

  constexpr std::pair<const char*, EdgeFormat> extensions[] = {
      {".npy", npy},       {".npz", npz},     {".mtx", matrix_market}, {".mm", matrix_market},
      {".graphml", graphml}, {".metis", metis}, {".graph", metis}};
  const std::string extension = extension_of(path);
  for (const auto& [name, format] : extensions) {
    if (extension == name) return format;
  }
  return automatic;
}

}  // namespace gnn::datasets
