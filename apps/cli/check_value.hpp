// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <apps/cli/options.hpp>

namespace gnn::apps {

/// Checks a value against its row of the table and returns its canonical form: numbers in their shortest
/// form, flags and toggles as on or off. Equal values give equal texts, and the text can be checked again.
/// Throws Error(usage) "WHERE: must be greater than 0, got -1".
std::string canonical(const Option& option, std::string_view text, std::string_view where);

}  // namespace gnn::apps
