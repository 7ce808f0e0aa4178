// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "op_checks.hpp"
#include "support/devices.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

// Finite differences need double: this file is part of the double program only.
static_assert(is_double);

TEST_CASE(
    "ops: every gradient equals central finite differences on a graph with hubs, loops and duplicates") {
  const graphs::Csr graph = mixed_graph();
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (const OpCheck& check : op_checks()) {
      const OpCase op = check.make(ctx, graph);
      check_gradient(ctx, check.name() + " on " + to_string(device), op.function, op.inputs);
    }
  }
}

TEST_CASE("ops: every gradient equals central finite differences without edges") {
  for (const Device device : available_devices()) {
    Context ctx(device, 1);
    for (const OpCheck& check : op_checks()) {
      const OpCase op = check.make(ctx, graph_without_edges(9));
      check_gradient(ctx, check.name() + " without edges on " + to_string(device), op.function, op.inputs);
    }
  }
}
