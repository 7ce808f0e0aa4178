// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "program.hpp"

using namespace gnn::apps::test;

namespace {

const fs::path foreign = fs::path(GNN_SOURCE_DIR) / "tests" / "train" / "foreign";

/// The state dict of one of the cases alone, as a framework would save it.
void write_state(const Program& program, const char* name) {
  const std::string file = content(foreign / name);
  std::uint64_t size = 0;
  std::copy_n(file.data(), sizeof size, reinterpret_cast<char*>(&size));
  nlohmann::json header = nlohmann::json::parse(file.substr(8, size)), kept;
  std::string numbers;
  for (const auto& [key, tensor] : header.items()) {
    if (key == "__metadata__" || key.starts_with("test.")) continue;
    const std::size_t begin = tensor["data_offsets"][0], end = tensor["data_offsets"][1], at = numbers.size();
    kept[key] = tensor;
    numbers += file.substr(8 + size + begin, end - begin);
    kept[key]["data_offsets"] = {at, numbers.size()};
  }
  const std::string text = kept.dump();
  const std::uint64_t length = text.size();
  std::ofstream out(program.folder() / "state.safetensors", std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), sizeof length) << text << numbers;
}

}  // namespace

TEST_CASE("convert: a state dict becomes a model, and a state dict again") {
  const Program program;
  write_state(program, "pyg_gat.safetensors");
  Result result = program.run({"convert", "state.safetensors", "model.safetensors"});
  CHECK(result.err.find("error") == std::string::npos);
  REQUIRE(result.code == 0);
  std::ofstream(program.folder() / "edges.txt") << "0 1\n1 2\n";
  std::ofstream(program.folder() / "x.csv") << "1,0,0,0,2\n0,1,0,1,0\n0,0,1,0,1\n";
  result =
      program.run({"predict", "--model", "model.safetensors", "--edges", "edges.txt", "--features", "x.csv"});
  CHECK(result.code == 0);
  CHECK(std::ranges::count(result.out, '\n') == 4);
  result = program.run({"convert", "model.safetensors", "back.safetensors", "--to", "pyg"});
  REQUIRE(result.code == 0);
  CHECK(contains(content(program.folder() / "back.safetensors"), "conv2.att_src"));
  result = program.run({"convert", "state.safetensors", "x.safetensors", "--to", "dgl"});
  CHECK(result.code == 3);  // it is no model of ours
  result = program.run({"convert", "state.safetensors"});
  CHECK(result.code == 2);
  CHECK(contains(result.err, "convert: expected two files, the one to read and the one to write"));
}

TEST_CASE("completion: each shell gets every command and flag") {
  const Program program;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Result result = program.run({"completion", shell});
    CHECK(result.code == 0);
    for (const char* word : {"explain", "attn-dropout", "supergat", "verify"})
      CHECK(contains(result.out, word));
  }
  const Result bash = program.run({"completion", "bash"});
  std::ofstream(program.folder() / "gnn.bash") << bash.out;
  const std::string ask =
      "cd " + program.folder().string() +
      " && bash -c 'source gnn.bash; COMP_WORDS=(gnn data in); COMP_CWORD=2; _gnn; echo ${COMPREPLY[@]}; "
      "COMP_WORDS=(gnn train --resid); COMP_CWORD=2; _gnn; echo ${COMPREPLY[@]}; "
      "COMP_WORDS=(gnn train --stop w); COMP_CWORD=3; _gnn; echo ${COMPREPLY[@]}' > found";
  REQUIRE(std::system(ask.c_str()) == 0);
  CHECK(content(program.folder() / "found") ==
        "info\n--residual --residual-layers --residual-bias\nwindow\n");
}
