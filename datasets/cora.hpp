// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Cora (Sen et al. 2008) as read_planetoid gives it: 2708 papers, 10556 directed citation edges, 1433 words,
/// 7 classes and the public split 140/500/1000 (Yang et al. 2016). It is part of the library and needs no
/// file.
Dataset cora();

}  // namespace gnn::datasets
