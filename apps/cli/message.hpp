// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <exception>
#include <string_view>

namespace gnn::apps {

/// Whether to colour what goes to `file`. `choice` is the value of --color; auto means on a terminal, unless
/// NO_COLOR is set or TERM is "dumb".
bool use_color(std::string_view choice, std::FILE* file);

/// Prints "gnn: error: WHERE: WHAT" and, where there is one, a line "hint: ..." for the exception, and
/// returns the exit code: of gnn::Error its kind, 10 when the memory ran out, else 1 with the request to
/// report it. Control characters are escaped; a line has at most 4 KiB.
int report_error(const std::exception_ptr& error, std::FILE* file, bool color);

/// Prints "warning: TEXT" in the same way.
void print_warning(std::string_view text, std::FILE* file, bool color);

}  // namespace gnn::apps
