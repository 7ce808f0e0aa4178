// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gnn::test {

// Tiny sets in each text form: the first element of each list is well-formed. Files are separated by a byte of 0.

inline const std::string linqs_content = "b\t0\t1\t0\tTheory\na\t1\t1\t0\tAgents\nc\t0\t0\t0\tTheory\n";
inline const std::string linqs_cites = "a\tb\nb\ta\nc\tc\na\tzz\nc\ta\n";

inline const std::string geom_nodes = "node_id\tfeature\tlabel\n1\t0,1,0\t2\n0\t1,1,0\t0\n2\t0,0,0\t1\n";
inline const std::string geom_indices = "node_id\tfeature(feature_amount:9)\tlabel\n1\t4,2,4\t1\n0\t9\t0\n";
inline const std::string geom_edges = "node_id\tnode_id\n0\t1\n1\t0\n1\t1\n2\t1\n";

inline const std::string hgb_nodes = "0\tA\t0\t0,1.5\n1\tB\t0\t1,0\n2\tC\t1\n3\tD\t1\n4\tE\t0\t0,0\n";
inline const std::string hgb_good_nodes = "0\tA\t0\t0,1.5\n1\tB\t0\t1,0\n2\tE\t0\t-1e-3,0\n3\tC\t1\n4\tD\t1\n";
inline const std::string hgb_links = "0\t3\t0\t1.0\n1\t3\t0\t1\n3\t0\t1\t1\n3\t1\t1\t1\n0\t0\t2\t1\n1\t2\t2\t1\n";
inline const std::string hgb_labels = "0\tA\t0\t1\n";
inline const std::string hgb_test = "2\tE\t0\t1,0\n";
inline const std::string hgb_info = R"({"node.dat": {"node type": {"0": "paper", "1": "author"}, "x": [NaN, -1.5e3, {"a": true}]},
"link.dat": {"link type": {"0": {"start": 0, "end": 1, "meaning": "paper-author"},
"1": {"start": "1", "end": "0", "meaning": "author-paper"}, "2": {"start": 0, "end": 0, "meaning": "cites"}}},
"label.dat": {"node type": {"0": {"0": "theory", "1": "practice"}}}})";

inline const std::string ppi_graph = R"({"directed": false, "nodes": [{"id": 0, "test": false, "val": false}, {"id": 1, "val": true},
{"id": 2, "test": true, "x": "\u00e9\ud83d\ude00\n"}], "links": [{"source": 0, "target": 1}, {"target": 2, "source": 2}]})";
inline const std::string ppi_classes = R"({"0": [1, 0], "2": [0, 1], "1": [1, 1]})";
inline const std::string ppi_ids = R"({"0": 0, "1": 1, "2": 2})";

inline std::string joined(const std::vector<std::string>& files) {
  std::string result;
  for (std::size_t i = 0; i < files.size(); ++i) result.append(i ? 1 : 0, '\0').append(files[i]);
  return result;
}

inline std::vector<std::string> linqs_seeds() { return {joined({linqs_content, linqs_cites}), "a\t1\tx", "\xef\xbb\xbf" "a\tX\r\n"}; }
inline std::vector<std::string> geom_seeds() {
  return {joined({geom_nodes, geom_edges}), joined({geom_indices, "node_id\n0\t1\n"}), "node_id\n", "node_id\n0\t\t0"};
}
inline std::vector<std::string> hgb_seeds() {
  return {joined({hgb_good_nodes, hgb_links, hgb_labels, hgb_test, hgb_info}),
          joined({hgb_nodes, hgb_links, hgb_labels, "", hgb_info}), joined({"", "", "", "", "{}"})};
}
inline std::vector<std::string> ppi_json_seeds() {
  return {joined({ppi_graph, ppi_classes, ppi_ids}), joined({"[1]", "{\"0\": []}", "{\"0\": 01}"}), "{\"links\": -"};
}

}  // namespace gnn::test
