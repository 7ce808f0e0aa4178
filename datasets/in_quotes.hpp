// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <graphs/quote.hpp>

namespace gnn::datasets {

using graphs::in_quotes;

}  // namespace gnn::datasets
