// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <graphs/csr.hpp>

#include "support/gradient_check.hpp"

namespace gnn::test {

/// An op made ready for checking: y as a function of inputs that have fitting shapes.
struct OpCase {
  std::vector<Matrix> inputs;
  Function function;
};

/// One way to call an op. Every op that autograd/*.hpp declares has at least one.
struct OpCheck {
  const char* op;       ///< its name in the header
  const char* variant;  ///< what is special about this call
  OpCase (*make)(Context& ctx, const graphs::Csr& graph);
  bool needs_nodes = false;  ///< refuses a graph without nodes

  std::string name() const { return std::string(op) + (*variant ? std::string(" ") + variant : ""); }
};

std::span<const OpCheck> gat_layer_checks();
std::span<const OpCheck> gatv2_checks();
std::span<const OpCheck> supergat_checks();
std::span<const OpCheck> hops_checks();  ///< of adaptive_hops and aero_hops
std::span<const OpCheck> latte_op_checks();

/// Those of all tables.
std::vector<OpCheck> op_checks();

}  // namespace gnn::test
