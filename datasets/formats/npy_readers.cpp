// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/array_tables.hpp>
#include <datasets/formats/edge_readers.hpp>
#include <datasets/formats/feature_readers.hpp>

namespace gnn::datasets {

RawEdges read_npy_edges(const InputFile& file, const EdgeOptions& options) {
  return edges_of_array(parse_npy(file.bytes(), file.name()), PairAxis::automatic, 0, options);
}

RawEdges read_npz_edges(const InputFile& file, const EdgeOptions& options) {
  Npz npz(file.bytes(), file.name());
  return edges_of_npz(npz, options);
}

Features read_npy_features(const InputFile& file, NodeId num_nodes) {
  return features_of_array(parse_npy(file.bytes(), file.name()), num_nodes);
}

Features read_npz_features(const InputFile& file, NodeId num_nodes) {
  Npz npz(file.bytes(), file.name());
  return features_of_npz(npz, num_nodes, true);
}

}  // namespace gnn::datasets
