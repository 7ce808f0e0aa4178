// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// A data set in few bytes, for sets that are part of the library: README.md describes the layout. The graph
/// must be symmetric without self-loops, duplicates and weights, and every stored feature must be 1; throws
/// Error(input) otherwise. Equal sets give equal bytes.
std::vector<std::byte> pack(const Dataset& data);

/// The set in such bytes: unpack(pack(data)) equals data. Throws Error(input) when the bytes are cut or
/// damaged; `file` names them in messages.
Dataset unpack(std::span<const std::byte> bytes, const std::string& file);

}  // namespace gnn::datasets
