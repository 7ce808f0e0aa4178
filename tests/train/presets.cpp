// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <gnn/train/presets.hpp>
#include <string>

using namespace gnn;

namespace {

std::string value(const char* preset, std::string_view option) {
  const std::vector<PresetValue> all = values(*find_preset(preset));
  CHECK(std::ranges::count(all, option, &PresetValue::option) == 1);
  return std::string(std::ranges::find(all, option, &PresetValue::option)->text);
}

}  // namespace

TEST_CASE("presets: a model and data set have the paper's or none") {
  CHECK(default_preset("gat", "cora") == find_preset("gat/cora"));
  CHECK(default_preset("gat", "pubmed") == find_preset("gat/pubmed"));
  CHECK(default_preset("gat", "ppi") == find_preset("gat/ppi"));
  CHECK(default_preset("gat", "mine") == nullptr);
  CHECK(default_preset("gat", "") == nullptr);
  CHECK(default_preset("gatv2", "dictionary-lookup") == find_preset("gatv2/dictionary-lookup"));
  CHECK(default_preset("gcn", "ppi") == nullptr);
  CHECK(find_preset("gat/coraa") == nullptr);
}

TEST_CASE("presets: the numbers of the papers") {
  CHECK(value("gat/cora", "lr") == "0.005");
  CHECK(value("gat/cora", "out-heads") == "1");
  CHECK(value("gat/cora", "stop") == "gat");
  CHECK(value("gat/citeseer", "monitor") == "val-acc");
  CHECK(value("gat/citeseer", "ties") == "last");
  CHECK(value("gat/citeseer", "lr") == "0.005");
  CHECK(value("gat/pubmed", "out-heads") == "8");
  CHECK(value("gat/pubmed", "l2") == "0.001");
  CHECK(value("gat/pubmed", "stop") == "none");
  CHECK(value("gat/pubmed-authors", "stop") == "gat");
  CHECK(value("gat/pubmed-authors", "out-heads") == "8");
  CHECK(value("gat/ppi", "heads") == "4");
  CHECK(value("gat/ppi", "out-heads") == "6");
  CHECK(value("gat/ppi", "l2") == "0");
  CHECK(value("gat/ppi", "batch") == "2");
  CHECK(value("gat/ppi", "stop") == "patience");
  CHECK(value("gat/ppi", "monitor") == "val-f1");
  CHECK(value("gat/ppi", "residual-layers") == "inner");
  CHECK(value("gat/ppi-skip", "residual-layers") == "all");
  CHECK(value("gat/ppi-skip", "residual-bias") == "on");
  CHECK(value("gat/cora", "batch") == "1");
  CHECK(value("pyg", "score-bias") == "off");
  CHECK(value("pyg", "dropout") == "0.6");
  CHECK(value("gatv2/cora", "share-weights") == "on");
  CHECK(value("gatv2/cora", "lr") == "0.005");
  CHECK(value("gatv2/dictionary-lookup", "self-loops") == "keep");
  CHECK(value("gat/dictionary-lookup", "self-loops") == "add");
  CHECK(value("gcn/cora", "hidden") == "16");
  CHECK(value("gcn/cora", "l2-conv") == "0.0005");
  CHECK(value("mlp/cora", "l2") == "0.0005");
}
