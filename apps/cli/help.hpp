// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <apps/commands/command.hpp>

namespace gnn::apps {

/// The help of the program: its commands and the global options. `group` keeps the commands of one group
/// only: "data" shows "data list" and "data info"; empty shows all. Commands of later releases are left out.
std::string program_help(std::span<const Command> commands, std::string_view group = {});

/// The help of one command: its options by section, with their defaults.
std::string command_help(const Command& command);

}  // namespace gnn::apps
