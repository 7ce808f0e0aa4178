// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Divides each row by its sum, as GCN and GAT do with bags of words; a row whose sum is 0 stays as it is.
/// Throws Error(input) when a quotient is too large for float (values of both signs that nearly cancel).
Features normalise_rows(Features features);

}  // namespace gnn::datasets
