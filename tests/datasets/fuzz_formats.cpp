// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of file formats without a fuzzer: over seeds, and over random changes of them.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include "npy_writer.hpp"
#include "zip_writer.hpp"

namespace gnn::test {

int fuzz_npy(const std::uint8_t* data, std::size_t size);
int fuzz_npz(const std::uint8_t* data, std::size_t size);
int fuzz_matrix_market(const std::uint8_t* data, std::size_t size);
int fuzz_metis(const std::uint8_t* data, std::size_t size);
int fuzz_graphml(const std::uint8_t* data, std::size_t size);
int fuzz_svmlight(const std::uint8_t* data, std::size_t size);
int fuzz_json(const std::uint8_t* data, std::size_t size);

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

void run(Target target, const std::string& bytes) {
  target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

/// The seed behind a byte of options, then copies of it with up to three changes.
void run_changed(Target target, const std::string& seed, int copies) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  run(target, "");
  run(target, std::string(1, '\0') + seed);
  for (int i = 0; i < copies; ++i) {
    std::string bytes = std::string(1, static_cast<char>(below(128))) + seed;
    for (std::size_t changes = 1 + below(3); changes > 0 && bytes.size() > 1; --changes) {
      const std::size_t at = 1 + below(bytes.size() - 1);
      if (below(3) == 0) bytes[at] = static_cast<char>(below(256));
      if (below(3) == 0) bytes.erase(at, 1 + below(8));
      if (below(3) == 0) bytes.insert(at, bytes.substr(below(bytes.size()), below(16)));
    }
    run(target, bytes);
  }
}

}  // namespace

TEST_CASE("fuzz formats: changed copies of good files raise no other error than Error(input)") {
  const std::string edges = npy_of("<i8", "(2, 3)", raw<std::int64_t>({0, 1, 2, 1, 2, 0}));
  run_changed(fuzz_npy, edges, 5000);
  run_changed(fuzz_npy, npy_of("<U2", "(2,)", raw<std::uint32_t>({'a', 'b', 0xe9, 0})), 5000);
  ZipFile stored, packed;
  stored.name = "edge_index.npy";
  stored.content = edges;
  packed.name = "x.npy";
  packed.content = npy_of("<f4", "(3, 1)", raw<float>({1, 2, 3}));
  packed.deflated = true;
  run_changed(fuzz_npz, zip_file({stored, packed}), 5000);
  run_changed(fuzz_matrix_market,
              "%%MatrixMarket matrix coordinate real general\n% c\n3 3 2\n1 2 0.5\n3 1 -2e1\n", 5000);
  run_changed(fuzz_matrix_market, "%%MatrixMarket matrix array integer general\n3 1\n1\n0\n-4\n", 5000);
  run_changed(fuzz_metis, "% c\n3 2 11 1\n4 2 5\n1 1 5 3 6\n0 2 6\n", 5000);
  run_changed(fuzz_svmlight, "+1 1:0.5 3:2 # c\n-1 2:1\n3\n", 5000);
  run_changed(
      fuzz_json,
      R"({"edges":[[0,1],[1,2]],"num_nodes":3,"weights":[1,2.5],"features":[[0,1],[1,0],[2,2]],"labels":["a",null,"b"],"split":{"train":[0],"val":[1],"test":[2]}})",
      5000);
  run_changed(fuzz_graphml,
              "<?xml version='1.0'?><graphml><key id='w' for='edge' attr.name='weight' "
              "attr.type='int'/><graph edgedefault='directed'>"
              "<node id='a'/><node id='b&amp;'/><edge source='a' target='b&amp;'><data "
              "key='w'>1</data></edge></graph></graphml>",
              5000);
}

TEST_CASE("fuzz npz: sound archives of random arrays raise no other error than Error(input)") {
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(1 + random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() % 256 : random() % 16);
    bytes[0] = static_cast<char>(128 | random() % 32);
    run(fuzz_npz, bytes);
  }
}

}  // namespace gnn::test
