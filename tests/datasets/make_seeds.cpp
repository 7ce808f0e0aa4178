// SPDX-License-Identifier: Apache-2.0
// Writes seeds of the fuzz targets : make_seeds FOLDER makes FOLDER/linqs/0 and so on.
#include <filesystem>
#include <fstream>

#include <datasets/formats/gnn_file.hpp>

#include <train/model_seeds.hpp>

#include "format_seeds.hpp"
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
  const auto write_with_options = [&](const std::string& name, std::vector<std::string> seeds) {
    for (std::string& seed : seeds) seed.insert(0, 1, '\0');
    write(name, seeds);
  };
  write_with_options("npy", gnn::test::npy_seeds());
  write_with_options("npz", gnn::test::npz_seeds());
  write_with_options("matrix_market", gnn::test::matrix_market_seeds());
  write_with_options("metis", gnn::test::metis_seeds());
  write_with_options("svmlight", gnn::test::svmlight_seeds());
  write_with_options("json", gnn::test::json_seeds());
  write_with_options("graphml", gnn::test::graphml_seeds());
  write("edges", gnn::test::edges_seeds());
  for (const char* table : {"features", "labels", "split"}) write(table, gnn::test::table_seeds());
  write("linqs", gnn::test::linqs_seeds());
  write("geom", gnn::test::geom_seeds());
  write("hgb", gnn::test::hgb_seeds());
  write("ppi_json", gnn::test::ppi_json_seeds());
  write("safetensors", gnn::test::model_seeds());

  gnn::datasets::Dataset path;
  path.name = "path";
  path.graph = gnn::graphs::Csr::from_edges({3, {0, 1, 1, 2}, {1, 0, 2, 1}, {1, 1, 2, 2}});
  path.features = {3, 2, {0, 1, 1, 3}, {1, 0, 1}, {4, 1, 3}};
  path.labels = {0, -1, 1};
  path.num_classes = 2;
  path.class_names = {"a", "b"};
  path.node_names = {"x", "y", "z"};
  path.split = {"public", {0}, {}, {2}};
  gnn::datasets::TypedDataset typed;
  typed.name = "typed";
  typed.graph.types = {{"paper", 3}, {"author", 2}};
  typed.graph.relations = {{"author-paper", 1, 0, gnn::graphs::Csr(2, {0, 1, 2, 2}, {0, 1})}};
  typed.features = {path.features, {2, 0, {0, 0, 0}, {}, {}}};
  typed.labels = path.labels;
  typed.num_classes = 2;
  typed.split = path.split;
  typed.node_names = {{}, {}};
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "gnn_file";
  std::filesystem::create_directories(folder);
  gnn::datasets::write_gnn_file(folder / "plain", path);
  gnn::datasets::write_gnn_file(folder / "typed", typed);
}
