// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/parse.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>

#include <apps/cli/config_file.hpp>
#include <apps/cli/help.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/suggest.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {
namespace {

// CLI11 only cuts the command line into commands, flags, values and the rest. Whether a value is good is
// decided by Settings, and what CLI11 does not know stays in its list of extras, so that every message is
// ours.

std::string did_you_mean(std::string_view close, std::string_view prefix = "") {
  return close.empty() ? "" : "; did you mean '" + std::string(prefix) + std::string(close) + "'?";
}

void add_option(CLI::App& app, const Option& option) {
  std::string names = "--" + std::string(option.name);
  if (option.letter) names = std::string("-") + option.letter + "," + names;
  CLI::Option* added =
      option.kind == Kind::flag
          ? app.add_flag(names)
          : app.add_option(names, CLI::callback_t([](const CLI::results_t&) { return true; }));
  added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void configure(CLI::App& app) {
  app.set_help_flag();
  app.allow_extras();
  app.fallthrough();  // global options may stand behind the command
  app.require_subcommand(0, 1);
}

/// "data info" becomes a command `info` inside a command `data`.
void add_command(CLI::App& root, const Command& command) {
  CLI::App* app = &root;
  for (std::string_view word : split_words(command.name, ' ')) {
    const auto same = app->get_subcommands([&](const CLI::App* inner) { return inner->get_name() == word; });
    app = same.empty() ? app->add_subcommand(std::string(word)) : same.front();
    configure(*app);
  }
  for (const Option* option : options_of(command.name)) {
    if (option->section != Section::global) add_option(*app, *option);
  }
}

/// The command that was typed, as far as it is known: "", "data", "data info". `app` becomes its innermost
/// part.
std::string typed_command(CLI::App*& app) {
  std::string name;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    name += (name.empty() ? "" : " ") + app->get_name();
  }
  return name;
}

bool looks_like_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !std::isdigit(static_cast<unsigned char>(word[1]));
}

[[noreturn]] void refuse_flag(std::string_view command, std::string_view word) {
  const std::string_view flag = word.substr(0, word.find('='));
  std::vector<std::string_view> known = {"help"};
  for (const Option* option : options_of(command)) known.push_back(option->name);
  const std::string close = flag.starts_with("--") ? datasets::suggest(flag.substr(2), known) : "";
  fail(ErrorKind::usage, command.empty() ? "gnn" : command, " has no flag ", datasets::in_quotes(flag),
       did_you_mean(close, "--"));
}

[[noreturn]] void refuse_planned(std::string_view name) {
  fail(ErrorKind::usage, datasets::in_quotes(name), " is planned, not in this release");
}

[[noreturn]] void refuse_command(std::span<const Command> commands, std::string_view group,
                                 std::string_view word) {
  const std::string typed = group.empty() ? std::string(word) : std::string(group) + " " + std::string(word);
  std::vector<std::string_view> known;
  std::string_view longer;  // "data info" for "info"
  for (const Command& command : commands) {
    const bool ends_alike = command.name.ends_with(" " + typed);
    if (ends_alike && !command.run) refuse_planned(typed);
    if (ends_alike) longer = command.name;
    if (command.run) known.push_back(command.name);
  }
  const std::string close = longer.empty() ? datasets::suggest(typed, known) : std::string(longer);
  fail(ErrorKind::usage, "no command ", datasets::in_quotes(typed), did_you_mean(close));
}

/// A group alone ("data") or nothing at all was typed.
Request without_command(std::span<const Command> commands, const std::string& group,
                        const std::vector<std::string>& extras) {
  for (const std::string& word : extras) {
    if (word == "--") continue;
    if (looks_like_flag(word)) refuse_flag(group, word);
    refuse_command(commands, group, word);
  }
  return {.text = program_help(commands, group), .incomplete = true};
}

void read_flags(const CLI::App& root, const CLI::App& app, Settings& settings) {
  for (const Option* option : settings.options()) {
    const std::string flag = "--" + std::string(option->name);
    const CLI::App& owner = option->section == Section::global ? root : app;
    const std::vector<std::string> values = owner.get_option(flag)->results();
    if (values.size() > 1 && option->kind != Kind::flag) fail(ErrorKind::usage, flag, ": given twice");
    if (!values.empty()) settings.set(option->name, values[0], Origin::flag, flag);
  }
}

void read_words(std::span<const Command> commands, const Command& command, const std::vector<std::string>& words,
                Settings& settings) {
  bool taken = false;
  for (const std::string& word : words) {
    if (word == "--") continue;
    if (looks_like_flag(word)) refuse_flag(command.name, word);
    const bool is_group = std::ranges::any_of(
        commands, [&](const Command& other) { return other.name.starts_with(std::string(command.name) + " "); });
    if (is_group) refuse_command(commands, command.name, word);  // "models" is a command and a group
    if (command.argument.empty() || taken) {
      fail(ErrorKind::usage, command.name, taken ? " takes one argument, found also " : " takes no argument ",
           datasets::in_quotes(word));
    }
    const std::string flag = "--" + std::string(command.argument);
    if (settings.given(command.argument)) {
      fail(ErrorKind::usage, flag, ": given twice, as ", datasets::in_quotes(settings.text(command.argument)),
           " and ", datasets::in_quotes(word));
    }
    settings.set(command.argument, word, Origin::flag, flag);
    taken = true;
  }
}

}  // namespace

Request parse(const std::vector<std::string>& arguments, std::span<const Command> commands) {
  CLI::App root;
  configure(root);
  const CLI::Option* help = root.add_flag("-h,--help");
  const CLI::Option* version = root.add_flag("--version");
  for (const Option* option : options_of("")) add_option(root, *option);
  for (const Command& command : commands) add_command(root, command);

  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError&) {
    // Every option takes the word behind it, whatever that is: only the last one can lack its value.
    const std::string& flag = arguments.back();
    fail(ErrorKind::usage, flag.substr(0, flag.find('=')), ": expected a value");
  }

  CLI::App* app = &root;
  const std::string name = typed_command(app);
  const std::vector<std::string> extras = root.remaining(true);
  const auto command = std::ranges::find(commands, name, &Command::name);
  const bool found = command != commands.end();
  if (found && !command->run) refuse_planned(name);
  if (help->count() > 0) return {.text = found ? command_help(*command) : program_help(commands, name)};
  if (version->count() > 0) return {.text = "gnn " GNN_VERSION "\n"};
  if (!found) return without_command(commands, name, extras);

  Settings settings(name);
  read_flags(root, *app, settings);
  read_words(commands, *command, extras, settings);
  settings.read_environment();
  if (settings.has("config")) read_config_file(settings.text("config"), settings);
  return {.command = &*command, .settings = std::move(settings)};
}

}  // namespace gnn::apps
