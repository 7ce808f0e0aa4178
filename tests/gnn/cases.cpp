// SPDX-License-Identifier: Apache-2.0
#include "cases.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "support/devices.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// One line a layer.
constexpr struct {
  const char* layer;
  CaseRunner run;
} runners[] = {{"aero", run_aero_case}, {"dagnn", run_dagnn_case}, {"gat", run_gat_case}, {"gatv2", run_gatv2_case},
               {"latte", run_latte_case}, {"supergat", run_supergat_case}};

// A node with a self-loop attends to itself alone: y = 3 * 2 + 1, and dL/dW = cotangent * x.
Json one_node() {
  return Json::parse(R"({"layer": "gat", "num_nodes": 1, "edge_index": [[], []], "x": [[2.0]],
    "params": {"lin.weight": [[3.0]], "att_src": [[0.5]], "att_dst": [[0.25]], "bias": [1.0]},
    "config": {"heads": 1, "out_channels": 1, "concat": true, "negative_slope": 0.2, "self_loops": "remove_then_add",
               "activation": "none", "effective_edge_index": [[0], [0]]},
    "output": [[7.0]], "loss": 70.0, "cotangent": [[10.0]],
    "grads": {"lin.weight": [[20.0]], "att_src": [[0.0]], "att_dst": [[0.0]], "bias": [10.0], "x": [[30.0]]},
    "intermediates": {"attention": [[1.0]]}})");
}

std::vector<std::string> failures_of(const Json& file) {
  Context ctx({}, 1);
  return run_gat_case(ctx, file).failures();
}

}  // namespace

gnn::test::CaseRunner gnn::test::find_case_runner(const std::string& layer) {
  for (const auto& runner : runners) {
    if (layer == runner.layer) return runner.run;
  }
  return nullptr;
}

TEST_CASE("every case in GNN_CASES_DIR gives its numbers") {
  const char* folder = std::getenv("GNN_CASES_DIR");
  if (!folder || !*folder) {
    MESSAGE("GNN_CASES_DIR is not set: no worked cases were run");
    return;
  }
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  std::size_t run = 0, compared = 0;
  for (const auto& path : files) {
    const std::string name = path.filename().string();
    try {
      std::ifstream stream(path);
      const Json file = Json::parse(stream);
      const std::string layer = need(file, "layer").get<std::string>();
      const CaseRunner runner = find_case_runner(layer);
      if (!runner) {
        MESSAGE(name << ": skipped: unknown layer '" << layer << "'");
        continue;
      }
      for (const Device device : available_devices()) {
        Context ctx(device, 1);
        const Comparison result = runner(ctx, file);
        for (const std::string& failure : result.failures())
          FAIL_CHECK(name << " on " << to_string(device) << ": " << failure);
        compared += result.num_compared();
      }
      ++run;
    } catch (const std::exception& error) {
      FAIL_CHECK(name << ": " << std::string(error.what()));
    }
  }
  MESSAGE("ran " << run << " of " << files.size() << " cases, compared " << compared << " arrays");
  CHECK_MESSAGE(run > 0, "no case in ", std::string(folder), " could be run");
}

TEST_CASE("case: right numbers pass and a wrong one is named") {
  CHECK(failures_of(one_node()).empty());
  for (const char* key : {"output", "loss"}) {
    Json file = one_node();
    file[key] = key == std::string("loss") ? Json(70.001) : Json::parse("[[7.001]]");
    REQUIRE(failures_of(file).size() == 1);
    CHECK(failures_of(file)[0].starts_with(key));
  }
  const Json right = one_node();
  for (const auto& [name, value] : right["grads"].items()) {
    Json file = one_node();
    file["grads"][name] = name == "bias" ? Json::parse("[10.001]") : Json::parse("[[20.001]]");
    REQUIRE(failures_of(file).size() == 1);
    CHECK(failures_of(file)[0].starts_with("gradient of " + name));
  }
}

TEST_CASE("case: a malformed one is refused with the reason") {
  const auto refuses = [](const char* pointer, const Json& value, const char* reason) {
    Json file = one_node();
    file[Json::json_pointer(pointer)] = value;
    CHECK_THROWS_WITH_AS(failures_of(file), reason, std::runtime_error);
  };
  for (const char* key : {"num_nodes", "edge_index", "x", "params", "config", "output", "grads"}) {
    Json file = one_node();
    file.erase(key);
    CHECK_THROWS_WITH_AS(failures_of(file), ("has no '" + std::string(key) + "'").c_str(),
                         std::runtime_error);
  }
  refuses("/output", Json::parse("[[1, 2]]"), "output: expected 1x1 numbers, found 1x2");
  refuses("/output", Json::parse("[[null]]"), "output: expected a number, found null");
  refuses("/x", Json::parse("[[1], [2, 3]]"), "x: lists of 1 and of 2 entries");
  refuses("/params/other", Json(1), "params: 'other' is not one of this layer's");
  refuses("/config/activation", Json("relu"), "activation: 'relu' is unknown");
  refuses("/config/effective_edge_index", Json::parse("[[], []]"),
          "the edges after self_loops are not those of effective_edge_index");
  refuses("/edge_index", Json::parse("[[0], [1]]"),
          "edge_index: edge list: edge 0 goes from 0 to 1, the graph has 1 nodes");
}
