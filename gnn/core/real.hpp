// SPDX-License-Identifier: Apache-2.0
#pragma once

// The library compiles twice: with Real = float, which is installed, and with Real = double, which checks gradients.
// Both live in one program because everything in gnn/ stands in the inline namespace f32 or f64.
#ifdef GNN_DOUBLE
#define GNN_PRECISION f64
#else
#define GNN_PRECISION f32
#endif

namespace gnn::inline GNN_PRECISION {

#ifdef GNN_DOUBLE
using Real = double;
#else
using Real = float;
#endif

}  // namespace gnn::inline GNN_PRECISION
