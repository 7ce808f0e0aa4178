// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of tables without a fuzzer: over seeds, and over random changes of them.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include <datasets/changed_bytes.hpp>

namespace gnn::test {

int fuzz_features(const std::uint8_t* data, std::size_t size);
int fuzz_labels(const std::uint8_t* data, std::size_t size);
int fuzz_split(const std::uint8_t* data, std::size_t size);

namespace {

const std::string seeds[] = {
    "\x40"
    "1,2\n3,4\n5,6\n7,8\n9,1e3\n",
    "\x05"
    "a\t1\nb\t2\nc\t-0.5\nlabel\t1\ntrain\t2\n",
    "\x44"
    "id,label\n0,cat\n1,\"d\"\"og\"\n2,?\n",
    "\x80"
    "0;1\n2\n;\n?\n1;0\n",
    "\x14"
    "1 0 1\n2 1 1\n0 0 0\n",
    "\x34"
    "id,a1,a2\n0,1,0\n1,0,1\n2,?,?\n",
    "\x40"
    "train 0\nval 1\r\ntest 2\n# c\nnone 3\n",
    "\x41"
    "node,split\na,train\nlabel,val\n",
    "\x40"
    "train\nval\ntest\nnone\nval\n",
    "\x40"
    "{\"train\": [0], \"val\": [1], \"test\": [2, 3]}"};

void run(const std::string& bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  fuzz_features(data, bytes.size());
  fuzz_labels(data, bytes.size());
  fuzz_split(data, bytes.size());
}

}  // namespace

TEST_CASE("fuzz tables: 20000 changed copies of the seeds raise no other error than Error(input)") {
  std::mt19937 random(1);
  run("");
  for (const std::string& seed : seeds) run(seed);
  for (int i = 0; i < 20000; ++i) run(changed(seeds[random() % std::size(seeds)], random));
}

}  // namespace gnn::test
