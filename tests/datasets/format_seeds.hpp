// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "npy_writer.hpp"
#include "zip_writer.hpp"

namespace gnn::test {

// Tiny well-formed files of each format, without the byte of options that the fuzz targets expect in front.

inline std::vector<std::string> npy_seeds() {
  return {npy_of("<i8", "(2, 3)", raw<std::int64_t>({0, 1, 2, 1, 2, 0})),
          npy_of("<U2", "(2,)", raw<std::uint32_t>({'a', 'b', 0xe9, 0}))};
}

inline std::vector<std::string> npz_seeds() {
  ZipFile stored, packed;
  stored.name = "edge_index.npy";
  stored.content = npy_seeds()[0];
  packed.name = "x.npy";
  packed.content = npy_of("<f4", "(3, 1)", raw<float>({1, 2, 3}));
  packed.deflated = true;
  return {zip_file({stored, packed})};
}

inline std::vector<std::string> matrix_market_seeds() {
  return {"%%MatrixMarket matrix coordinate real general\n% c\n3 3 2\n1 2 0.5\n3 1 -2e1\n",
          "%%MatrixMarket matrix array integer general\n3 1\n1\n0\n-4\n"};
}

inline std::vector<std::string> metis_seeds() { return {"% c\n3 2 11 1\n4 2 5\n1 1 5 3 6\n0 2 6\n"}; }
inline std::vector<std::string> svmlight_seeds() { return {"+1 1:0.5 3:2 # c\n-1 2:1\n3\n"}; }

inline std::vector<std::string> json_seeds() {
  return {R"({"edges":[[0,1],[1,2]],"num_nodes":3,"weights":[1,2.5],"features":[[0,1],[1,0],[2,2]],)"
          R"("labels":["a",null,"b"],"split":{"train":[0],"val":[1],"test":[2]}})"};
}

inline std::vector<std::string> graphml_seeds() {
  return {"<?xml version='1.0'?><graphml><key id='w' for='edge' attr.name='weight' attr.type='int'/>"
          "<graph edgedefault='directed'><node id='a'/><node id='b&amp;'/><edge source='a' target='b&amp;'>"
          "<data key='w'>1</data></edge></graph></graphml>"};
}

/// Two bytes of options each, which fuzz_edges takes apart.
inline std::vector<std::string> edges_seeds() {
  const std::string plain(2, '\0');
  return {plain + "# c\n0 1\n1\t2\n\n2,0\r\n", std::string("\x61\x1c", 2) + "from,to,type,weight\n\"a\",b,x,1.5\nb,c,y,2e-1\n",
          plain + "0 1\n2 99999999999\n"};
}

/// A byte of options each (FuzzedTable): tables of features, labels and splits, each read as all three.
inline std::vector<std::string> table_seeds() {
  return {"\x40" "1,2\n3,4\n5,6\n7,8\n9,1e3\n",
          "\x05" "a\t1\nb\t2\nc\t-0.5\nlabel\t1\ntrain\t2\n",
          "\x44" "id,label\n0,cat\n1,\"d\"\"og\"\n2,?\n",
          "\x80" "0;1\n2\n;\n?\n1;0\n",
          "\x14" "1 0 1\n2 1 1\n0 0 0\n",
          "\x34" "id,a1,a2\n0,1,0\n1,0,1\n2,?,?\n",
          "\x40" "train 0\nval 1\r\ntest 2\n# c\nnone 3\n",
          "\x41" "node,split\na,train\nlabel,val\n",
          "\x40" "train\nval\ntest\nnone\nval\n",
          "\x40" "{\"train\": [0], \"val\": [1], \"test\": [2, 3]}"};
}

}  // namespace gnn::test
