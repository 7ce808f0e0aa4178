// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "case_layer.hpp"
#include "case_loss.hpp"
#include "cases.hpp"

/// One runner for the cases of attention layers, whose files share their conventions (gat, gatv2, supergat):
/// a layer alone or a network of such layers, parameters by name, frozen dropout, optimiser steps, inner
/// values.
namespace gnn::test {

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
