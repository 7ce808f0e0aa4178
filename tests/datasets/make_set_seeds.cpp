// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of the fuzz targets of families of sets: make_set_seeds FOLDER makes FOLDER/linqs/0 and so on.
#include <filesystem>
#include <fstream>

#include "set_seeds.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto write = [&](const std::string& name, const std::vector<std::string>& seeds) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / name;
    std::filesystem::create_directories(folder);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      std::ofstream(folder / std::to_string(i), std::ios::binary) << seeds[i];
    }
  };
  write("linqs", gnn::test::linqs_seeds());
  write("geom", gnn::test::geom_seeds());
  write("hgb", gnn::test::hgb_seeds());
  write("ppi_json", gnn::test::ppi_json_seeds());
}
