// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>

#include <gnn/layers/gat.hpp>

#include "case_loss.hpp"
#include "cases.hpp"

/// One runner for the cases of attention layers, whose files share their conventions (gat, gatv2, supergat):
/// a layer alone or a network of such layers, parameters by name, frozen dropout, optimiser steps, inner
/// values.
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

/// What is known about the inside of a layer, by its name in `intermediates`. "attention" and "edge_logits"
/// have a row for each edge, in the order of the rows by target.
using InnerValues = std::map<std::string, Tensor>;

/// The parameter of that name, or an undefined Var for one that the layer has not.
using FindParameter = std::function<Var(const char*)>;

/// What a kind of layer adds to the runner. Frozen masks of the input, the attention and the features stand
/// for the layer's streams 0, 1 and 2.
struct AttentionCaseKind {
  std::uint32_t num_streams;
  /// Throws std::runtime_error, with the key in the text, for a config that the layer does not know.
  std::unique_ptr<Layer> (*make)(const CaseLayer&, Parameters&);
  InnerValues (*inner)(const CaseLayer&, const FindParameter&, const Var& x);
  void (*freeze)(Tape& tape, const CaseLayer&) = nullptr;  ///< what else the file fixes by hand
};

Comparison run_attention_case(Context& ctx, const Json& file, const AttentionCaseKind& kind);

}  // namespace gnn::test
