// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "case_file.hpp"

namespace gnn::test {

/// Runs one case of a layer on the CPU or another device and compares all its numbers. Throws std::exception
/// for a malformed one.
using CaseRunner = Comparison (*)(Context& ctx, const Json& file);

Comparison run_aero_case(Context& ctx, const Json& file);
Comparison run_dagnn_case(Context& ctx, const Json& file);
Comparison run_gat_case(Context& ctx, const Json& file);
Comparison run_gatv2_case(Context& ctx, const Json& file);
Comparison run_supergat_case(Context& ctx, const Json& file);
/// A whole model for the problem of the GATv2 paper: integer (key, value) pairs, embedding tables, a linear
/// head.
Comparison run_dictionary_case(Context& ctx, const Json& file);
Comparison run_latte_case(Context& ctx, const Json& file);

/// The runner of a layer, or nullptr.
CaseRunner find_case_runner(const std::string& layer);

}  // namespace gnn::test
