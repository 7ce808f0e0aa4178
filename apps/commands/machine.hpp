// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What the machine says of itself, as Linux tells it; "unknown" or 0 elsewhere.
namespace gnn::apps {

std::string processor_name();
std::vector<std::string> instruction_sets();  ///< of "sse4", "avx2", "avx512", those that are there
std::int64_t memory_mib();
double peak_memory_mib();  ///< the most that this process has had in memory so far
double load_average();     ///< processes that wanted to run, over the last minute

}  // namespace gnn::apps
