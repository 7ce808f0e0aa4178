// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gnn/layers/gat.hpp>

#include "cases.hpp"

/// How the files of attention layers' cases describe a layer, alone or in a network.
namespace gnn::test {

/// One layer of a case as its file describes it.
struct CaseLayer {
  Json config;  ///< its own; in a network with its part of what is said once for all layers
  Json params;  ///< its own, named as if it stood alone
  std::string name;
  std::uint32_t first_stream = 0;
  std::size_t nodes = 0, in = 0, heads = 0, channels = 0;
  bool concat = true, activation = false;
  double negative_slope = 0.2;
  Residual residual = Residual::none;
  graphs::EdgeList edges;            ///< what the layer sees, in the order of the file
  std::vector<EdgeOffset> position;  ///< of these edges in the rows by target
  Adjacency adjacency;

  bool has(const char* parameter) const { return params.contains(parameter); }
  std::size_t width() const { return concat ? heads * channels : channels; }
};

/// Layer k of a file, with `in` columns of input; first_stream is left to the caller. Throws std::runtime_error, with the key in the
/// text. The edges that the layer sees are made with the library's own transform, and must be the ones that the file lists.
CaseLayer read_case_layer(Context& ctx, const Json& file, std::size_t k, std::size_t in);

/// A list with `cols` numbers an edge, from the order of the file's edges to the order of the rows by target.
Matrix read_edge_array(const CaseLayer& layer, const Json& list, std::size_t cols, const std::string& name);

}  // namespace gnn::test
