// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <apps/commands/command.hpp>

namespace gnn::apps {

/// What the command line asks for.
struct Request {
  const Command* command = nullptr;  ///< the command to run; nullptr: print `text` instead
  Settings settings{""};             ///< of that command, from flags, environment, config file and defaults
  std::string text = {};             ///< help or version
  bool incomplete = false;           ///< no command was given: the help goes to stderr, the exit code is 2
};

/// Reads the arguments behind the program's name. Throws Error(usage): "no command 'trian'; did you mean
/// 'train'?", "train has no flag '--layerz'; did you mean '--layers'?", and what Settings and
/// read_config_file() throw.
Request parse(const std::vector<std::string>& arguments, std::span<const Command> commands);

}  // namespace gnn::apps
