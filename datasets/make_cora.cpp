// SPDX-License-Identifier: Apache-2.0
// Makes cora.bin from the eight original files: make_cora FOLDER cora.bin
// Equal files give equal bytes.
#include <exception>
#include <iostream>

#include <datasets/packed.hpp>
#include <datasets/planetoid.hpp>
#include <graphs/file.hpp>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make_cora FOLDER-OF-ind.cora.* OUTPUT\n";
    return 2;
  }
  try {
    const auto bytes = gnn::datasets::pack(gnn::datasets::read_planetoid(argv[1], "cora"));
    gnn::graphs::write_file_atomically(argv[2], bytes);
    std::cout << argv[2] << ": " << bytes.size() << " bytes\n";
  } catch (const std::exception& error) {
    std::cerr << "make_cora: error: " << error.what() << '\n';
    return 1;
  }
}
