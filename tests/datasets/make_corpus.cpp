// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of fuzz_pickle into a folder: make_corpus FOLDER
#include <fstream>
#include <string>

#include "tiny_planetoid.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  namespace pickle = gnn::test::pickle;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(std::string(argv[1]) + "/" + name, std::ios::binary) << bytes;
  };
  for (const auto& [part, bytes] : gnn::test::tiny_planetoid()) {
    if (part == "test.index") continue;
    write(part, bytes);
    write(part + "-cut", bytes.substr(0, bytes.size() / 2));
  }
  write("doubles", pickle::file(pickle::raw_array("f8", {1, 2}, std::string(16, '\0'))));
  write("longs",
        pickle::file(pickle::raw_matrix(1, 9, pickle::raw_array("i8", {2}, std::string(16, '\0')),
                                        pickle::raw_array("i8", {0}, ""), pickle::raw_array("f8", {0}, ""))));
  write("memo", pickle::file(pickle::global("numpy", "ndarray") + "q\x05" + pickle::dtype("i4") +
                             "q\x06h\x05h\x06\x87"));
  write("append", pickle::file("]r" + pickle::little_endian(300, 4) + pickle::integer(70000) + "a"));
}
