// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/help.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace gnn::apps {
namespace {

constexpr std::string_view sources =
    "\nEvery option may also stand in the environment (GNN_LR for --lr) and in the --config file (lr = "
    "0.01).\n"
    "A flag wins over the environment, that over the file, that over the preset, that over the default.\n";

std::string default_of(const Option& option) {
  if (option.fallback.empty() || option.kind == Kind::flag) return "";
  return fmt::format(" ({} {})", option.by_preset ? "preset, else" : "default", option.fallback);
}

std::string option_line(const Option& option) {
  std::string flag =
      option.letter ? fmt::format("-{}, --{}", option.letter, option.name) : fmt::format("--{}", option.name);
  if (!option.values.empty()) flag += fmt::format(" {}", option.values);
  // A long list of choices gets a line of its own.
  const std::string gap = flag.size() > 28 ? fmt::format("\n{:32}", "") : std::string(30 - flag.size(), ' ');
  return fmt::format("  {}{}{}{}\n", flag, gap, option.help, default_of(option));
}

std::string option_lines(std::string_view command) {
  std::string text;
  std::string_view heading;
  for (const Option* option : options_of(command)) {
    if (title(option->section) != heading) {
      heading = title(option->section);
      text += fmt::format("\n{}\n", heading);
    }
    text += option_line(*option);
  }
  return text + "  -h, --help                    show this help\n";
}

}  // namespace

std::string program_help(std::span<const Command> commands, std::string_view group) {
  const std::string prefix = group.empty() ? "" : std::string(group) + " ";
  std::string text = fmt::format("usage: gnn {}COMMAND [options]\n\n", prefix);
  if (group.empty()) text += "Attention graph neural networks: train, test and use them.\n\n";
  text += "Commands\n";
  for (const Command& command : commands) {
    if (command.run && command.name.starts_with(prefix)) {
      text += fmt::format("  {:<14}{}\n", command.name, command.summary);
    }
  }
  text += option_lines(group);
  if (group.empty()) text += "  --version                     show the version\n";
  return text + fmt::format("\n'gnn {}COMMAND --help' explains one command.\n", prefix);
}

std::string command_help(const Command& command) {
  std::string argument;
  for (char c : command.argument) argument += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!argument.empty()) argument += " ";
  std::string text =
      fmt::format("usage: gnn {} {}[options]\n\n{}\n", command.name, argument, command.summary);
  text += option_lines(command.name);
  text += sources;
  if (!command.notes.empty()) text += fmt::format("\n{}", command.notes);
  return text;
}

}  // namespace gnn::apps
