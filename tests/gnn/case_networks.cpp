// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "cases.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

// Edge 0 -> 1 of weight 3, a loop of 2.5 at node 0, and node 2 alone: degrees 2.5, 4 and 1. With w = b = 0
// every score is 1/2.
Json weighted_dagnn() {
  Json file = Json::parse(
      R"({"layer": "dagnn", "num_nodes": 3, "edge_index": [[0, 0], [1, 0]], "x": [[1.0], [2.0], [4.0]],
    "params": {"proj.weight": [[0.0]], "proj.bias": [0.0]},
    "config": {"mode": "prop", "K": 1, "num_classes": 1, "hidden": null, "edge_weight": [3.0, 2.5], "dropout": 0.0,
               "add_remaining_self_loops": true, "normalized_edges": {"src": [0, 0, 1, 2], "dst": [1, 0, 1, 2]}},
    "cotangent": [[1.0], [1.0], [1.0]], "grads": {}})");
  const double a = 3 / std::sqrt(10.0), h = a + 0.5;
  file["config"]["normalized_edges"]["value"] = {a, 1.0, 0.25, 1.0};
  file["output"] = {{1.0}, {(2 + h) / 2}, {4.0}};
  file["loss"] = 1 + (2 + h) / 2 + 4;
  file["grads"]["proj.weight"] = {{(21 + 17 + h * h) / 4}};
  file["grads"]["proj.bias"] = {(7 + 5 + h) / 4};
  file["grads"]["x"] = {{0.5 + (1 + a) / 2}, {0.625}, {1.0}};
  return file;
}

// Two nodes that see themselves: every weight is one, and so is every hop's attention, 0 . ELU(...) + 1.
Json plain_aero() {
  return Json::parse(R"({"layer": "aero", "num_nodes": 2, "edge_index": [[1, 0], [1, 0]], "x": [[1.0], [2.0]],
    "params": {"hop_att.0": [[[0.0]]], "hop_att.1": [[[0.0, 0.0]]], "edge_att.1": [[[0.0, 0.0]]], "hop_bias.0": [[1.0]],
               "hop_bias.1": [[1.0]]},
    "config": {"heads": 1, "channels_per_head": 1, "iterations": 1, "lambd": 1.0, "edge_attention_mode": "concat",
               "mlp_layers": 0},
    "output": [[2.0], [4.0]], "loss": 6.0, "cotangent": [[1.0], [1.0]],
    "grads": {"hop_att.0": [[[5.0]]], "hop_att.1": [[[5.0, 3.4657384027991016]]], "edge_att.1": [[[0.0, 0.0]]], "hop_bias.0": [[3.0]],
              "hop_bias.1": [[3.0]], "x": [[2.0], [2.0]]},
    "intermediates": {"H": [[[[1.0]], [[2.0]]], [[[1.0]], [[2.0]]]], "hop_attention": [[[1.0], [1.0]], [[1.0], [1.0]]],
                      "normalized_edge_attention": [[[1.0], [1.0]]], "degree": [[[0.6931481805599453], [0.6931481805599453]]]}})");
}

template <class Runner>
std::vector<std::string> failures_of(Runner run, const Json& file) {
  Context ctx({}, 1);
  return run(ctx, file).failures();
}

template <class Runner>
void refuses(Runner run, Json file, const char* pointer, const Json& value, const char* reason) {
  file[Json::json_pointer(pointer)] = value;
  CHECK_THROWS_WITH_AS(failures_of(run, file), reason, std::runtime_error);
}

}  // namespace

TEST_CASE("case: dagnn with weights, a loop and an isolated node, by hand") {
  for (const std::string& failure : failures_of(run_dagnn_case, weighted_dagnn())) FAIL_CHECK(failure);
  Json wrong = weighted_dagnn();
  wrong["config"]["normalized_edges"]["value"][0] = 0.9;
  REQUIRE(failures_of(run_dagnn_case, wrong).size() == 1);
  CHECK(failures_of(run_dagnn_case, wrong)[0].starts_with("normalized_edges"));
}

TEST_CASE("case: dagnn, a malformed one is refused with the reason") {
  refuses(run_dagnn_case, weighted_dagnn(), "/config/mode", "half", "mode: 'half' is unknown");
  refuses(run_dagnn_case, weighted_dagnn(), "/config/edge_weight", {1.0},
          "edge_weight: expected 2x1 numbers, found 1");
  refuses(run_dagnn_case, weighted_dagnn(), "/config/normalization", "row",
          "normalization: expected sym, found \"row\"");
  refuses(run_dagnn_case, weighted_dagnn(), "/config/dropout", 0.5,
          "dropout: expected 0: nothing says what is dropped");
  refuses(run_dagnn_case, weighted_dagnn(), "/params/other", 1,
          "params: 'other' is not one of this network's");
  Json file = weighted_dagnn();
  file["config"]["mode"] = "full";
  file["config"]["hidden"] = 2;
  CHECK_THROWS_WITH_AS(failures_of(run_dagnn_case, file), "has no 'lin1.weight'", std::runtime_error);
}

TEST_CASE("case: aero in the paper's form, by hand") {
  // The derivative for what the second attention sees of z_0 is the sum of h <dz, h> = ELU(lambda_0 h) h.
  for (const std::string& failure : failures_of(run_aero_case, plain_aero())) FAIL_CHECK(failure);
  Json wrong = plain_aero();
  wrong["intermediates"]["degree"] = Json::parse("[[[0.7], [0.7]]]");
  REQUIRE(failures_of(run_aero_case, wrong).size() == 1);
  CHECK(failures_of(run_aero_case, wrong)[0].starts_with("degree of hop 1"));
}

TEST_CASE("case: aero, a malformed one is refused with the reason") {
  refuses(run_aero_case, plain_aero(), "/config/edge_attention_mode", "mean",
          "edge_attention_mode: 'mean' is unknown");
  refuses(run_aero_case, plain_aero(), "/config/iterations", 2, "has no 'edge_att.2'");
  refuses(run_aero_case, plain_aero(), "/config/dropout", 0.5,
          "dropout: expected 0: nothing says what is dropped");
  refuses(run_aero_case, plain_aero(), "/config/edge_eps", 0.0, "edge_eps: expected 1e-6");
  refuses(run_aero_case, plain_aero(), "/params/hop_att.7", 1,
          "params: 'hop_att.7' is not one of this network's");
  refuses(run_aero_case, plain_aero(), "/intermediates/H", Json::parse("[[1]]"),
          "H: expected a list for every hop");
}
