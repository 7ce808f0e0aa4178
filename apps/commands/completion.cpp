// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include <apps/commands/command.hpp>

namespace gnn::apps {
namespace {

/// A command, or a group of them: what may stand behind it.
struct Place {
  std::string path;                ///< "", "data", "data info"
  std::vector<std::string> words;  ///< commands that may follow
  std::vector<const Option*> options;
};

void add_word(Place& place, const std::string& word) {
  if (std::ranges::find(place.words, word) == place.words.end()) place.words.push_back(word);
}

std::vector<Place> places() {
  std::vector<Place> all = {{"", {}, options_of("")}};
  const auto at = [&](const std::string& path) -> Place& {
    const auto found = std::ranges::find(all, path, &Place::path);
    return found != all.end() ? *found : all.emplace_back(Place{path, {}, options_of(path)});
  };
  for (const Command& command : commands()) {
    if (!command.run) continue;
    const std::string name(command.name);
    const std::size_t blank = name.find(' ');
    const std::string first = name.substr(0, blank);
    add_word(at(""), first);
    at(first);
    if (blank != name.npos) {
      add_word(at(first), name.substr(blank + 1));
      at(name);
    }
  }
  return all;
}

std::vector<std::string_view> choices(const Option& option) {
  if (option.kind == Kind::toggle) return {"on", "off"};
  if (option.kind != Kind::choice) return {};
  return split_words(option.values, '|');
}

std::string flags(const Place& place) {
  std::string text = "--help";
  for (const Option* option : place.options) text += fmt::format(" --{}", option->name);
  if (place.path.empty()) text += " --version";
  return text;
}

/// The description in single quotes of a shell, with nothing in it that a shell or a completion would take
/// for more.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'' || c == '[' || c == ']' || c == ':' || c == '\\') continue;
    result += c;
  }
  return result;
}

std::string bash() {
  std::string text = R"(# bash completion of gnn; source it, or put it below share/bash-completion/completions
_gnn() {
  local word path= words= flags= cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
)";
  const std::vector<Place> all = places();
  for (const Place& place : all) {
    if (!place.path.empty())
      text += fmt::format("      '{}') path={} ;;\n",
                          (place.path.find(' ') == std::string::npos ? " " : "") + place.path,
                          "'" + place.path + "'");
  }
  text += "    esac\n  done\n  case \"$path\" in\n";
  for (const Place& place : all) {
    text += fmt::format("    '{}') words='{}' flags='{}' ;;\n", place.path, fmt::join(place.words, " "),
                        flags(place));
  }
  text += "  esac\n  case \"$path $prev\" in\n";
  for (const Place& place : all) {
    for (const Option* option : place.options) {
      if (const auto list = choices(*option); !list.empty()) {
        text += fmt::format("    '{} --{}') COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;\n",
                            place.path, option->name, fmt::join(list, " "));
      }
    }
  }
  return text + R"(  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _gnn gnn
)";
}

std::string fish() {
  std::string text = "# fish completion of gnn; put it below share/fish/vendor_completions.d\n";
  for (const Place& place : places()) {
    // A command's flags once all of its words are there, the next word while it is not.
    std::string seen = "true", open = "__fish_use_subcommand";
    for (const std::string_view word : split_words(place.path, ' ')) {
      if (!word.empty())
        seen = (seen == "true" ? "" : seen + "; and ") + fmt::format("__fish_seen_subcommand_from {}", word);
    }
    if (!place.path.empty())
      open = seen + fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(place.words, " "));
    if (!place.words.empty())
      text += fmt::format("complete -c gnn -n '{}' -a '{}'\n", open, fmt::join(place.words, " "));
    for (const Option* option : place.options) {
      if (option->section == Section::global && !place.path.empty()) continue;
      text += fmt::format("complete -c gnn -n '{}' -l {}", seen, option->name);
      if (option->kind != Kind::flag) text += " -r";
      if (const auto list = choices(*option); !list.empty())
        text += fmt::format(" -f -a '{}'", fmt::join(list, " "));
      text += fmt::format(" -d '{}'\n", plain(option->help));
    }
  }
  return text;
}

std::string zsh() {
  std::string text =
      "#compdef gnn\n# zsh completion of gnn; put it below share/zsh/site-functions as _gnn\n_gnn() {\n  "
      "local path= word\n";
  text += "  for word in ${words[2,CURRENT-1]}; do\n    case \"$path $word\" in\n";
  const std::vector<Place> all = places();
  for (const Place& place : all) {
    if (!place.path.empty())
      text += fmt::format("      '{}') path='{}' ;;\n",
                          (place.path.find(' ') == std::string::npos ? " " : "") + place.path, place.path);
  }
  text += "    esac\n  done\n  case \"$path\" in\n";
  for (const Place& place : all) {
    text += fmt::format(
        "    '{}')\n      [[ $PREFIX == -* ]] || compadd -- {}\n      _arguments '--help[show this help]'",
        place.path, fmt::join(place.words, " "));
    for (const Option* option : place.options) {
      text += fmt::format(" \\\n        '--{}[{}]", option->name, plain(option->help));
      if (const auto list = choices(*option); !list.empty()) {
        text += fmt::format(":value:({})", fmt::join(list, " "));
      } else if (option->kind != Kind::flag) {
        text += option->kind == Kind::text ? ":value:_files" : ":value:";
      }
      text += '\'';
    }
    text += " \\\n        '*:file:_files' ;;\n";
  }
  return text + "  esac\n}\n_gnn \"$@\"\n";
}

}  // namespace

int completion(Settings& settings, Output& output) {
  const std::string& shell = settings.text("shell");
  std::string text = shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish();
  text.pop_back();  // line() ends the last line
  output.line(text);
  return 0;
}

}  // namespace gnn::apps
