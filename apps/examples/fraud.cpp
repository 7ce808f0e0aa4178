// SPDX-License-Identifier: Apache-2.0
// Accounts, devices and transfers: which accounts are fraud? Nodes of two types, LATTE over the metapaths
// between them.
//
// Prints:
//   120 accounts, 20 devices, 3 relations and their reverses
//   at least 80 % of the test accounts right: yes
#include <datasets/from_arrays.hpp>
#include <datasets/splits.hpp>
#include <datasets/typed_dataset.hpp>
#include <gnn/train/classifier.hpp>

#include <iostream>

using namespace gnn;

// Fraud shares devices and sends money in circles: accounts 0 to 39 use the devices 0 to 4.
datasets::TypedDataset make_data() {
  datasets::TypedDataset data;
  data.name = "transfers";
  data.graph.types = {{"account", 120}, {"device", 20}};
  graphs::EdgeList used{.num_nodes = 120, .source = {}, .target = {}, .weight = {}};  // account -> device
  graphs::EdgeList transfer{
      .num_nodes = 120, .source = {}, .target = {}, .weight = {}};  // account -> account
  graphs::EdgeList owned{
      .num_nodes = 120, .source = {}, .target = {}, .weight = {}};  // account -> device, first login
  for (NodeId a = 0; a < 120; ++a) {
    const NodeId device = a < 40 ? NodeId(a % 5) : NodeId(5 + a % 15);
    used.source.push_back(a), used.target.push_back(device);
    owned.source.push_back(a), owned.target.push_back(NodeId(a < 40 ? (device + 1) % 5 : device));
    transfer.source.push_back(a),
        transfer.target.push_back(NodeId(a < 40 ? (a * 7 + 1) % 40 : 40 + (a * 7 + 1) % 80));
  }
  data.graph.relations = {{"used", 0, 1, graphs::bipartite(used, 20, 120)},
                          {"transfer", 0, 0, graphs::Csr::from_edges(transfer)},
                          {"owned", 0, 1, graphs::bipartite(owned, 20, 120)}};
  graphs::add_reverse_relations(data.graph);
  data.target = 0;
  data.num_classes = 2;
  data.class_names = {"honest", "fraud"};
  for (NodeId a = 0; a < 120; ++a) data.labels.push_back(a < 40 ? 1 : 0);

  // One feature an account, the same for all: only the structure tells. Devices have none and get trained
  // vectors.
  const std::vector<float> ones(120, 1);
  data.features = {datasets::features_from_dense(ones, 120, 1), datasets::features_from_dense({}, 20, 0)};
  data.split = datasets::random_split(data.labels, 15, 10, 3);
  return data;
}

int main() {
  const datasets::TypedDataset typed = make_data();
  std::cout << typed.graph.types[0].count << " accounts, " << typed.graph.types[1].count
            << " devices, 3 relations and their reverses\n";
  const datasets::Dataset data = datasets::target_nodes(typed);
  Recipe recipe = recipe_for("latte", "transfers");
  set(recipe, "hidden", "16");
  set(recipe, "epochs", "300");
  set(recipe, "dropout", "0.2");
  set(recipe, "lr", "0.01");
  set(recipe, "stop", "none");
  NodeClassifier latte(recipe, {.threads = 2});
  const FitReport report = latte.fit(data);
  std::cout << "at least 80 % of the test accounts right: " << (report.test.accuracy >= 0.8 ? "yes" : "no")
            << '\n';
}
