// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>

#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// How --out wants its result: "-" for standard output, else the ending of the file, one of `known` (".csv").
/// Throws Error(usage) for another.
std::string form_of_output(const Settings& settings, std::initializer_list<const char*> known);

/// Writes the file as a whole or, on any failure, not at all.
void write_text(const std::string& path, const std::string& text);

}  // namespace gnn::apps
