// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "case_file.hpp"

namespace gnn::test {

/// Runs one case of a layer on the CPU or another device and compares all its numbers. Throws std::exception
/// for a malformed one.
using CaseRunner = Comparison (*)(Context& ctx, const Json& file);

Comparison run_gat_case(Context& ctx, const Json& file);
Comparison run_latte_case(Context& ctx, const Json& file);

/// The runner of a layer, or nullptr.
CaseRunner find_case_runner(const std::string& layer);

}  // namespace gnn::test
