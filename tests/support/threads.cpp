// SPDX-License-Identifier: Apache-2.0
#include <tbb/global_control.h>

namespace {

// oneTBB starts no more workers than the machine has processors; tests that compare numbers of threads want
// them all.
const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism, 8);

}  // namespace
