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
  std::vector<std::string_view> list = split_words(option.values, '|');
  // "cuda:N" is a form, not a word to be typed.
  std::erase_if(list, [](std::string_view word) { return word.find('N') != word.npos; });
  return list;
}

std::string flags(const Place& place) {
  std::string text = "--help";
  for (const Option* option : place.options) text += fmt::format(" --{}", option->name);
  if (place.path.empty()) text += " --version";
  return text;
}

std::string with_backslashes(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != special.npos) result += '\\';
    result += c;
  }
  return result;
}

/// Text inside the single quotes of bash and zsh, which know no escapes there.
std::string quoted(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result;
}

/// The lines of a walk over the words so far, in the syntax of a shell: the place that each word leads to.
std::string steps(const std::vector<Place>& all, std::string_view line) {
  std::string text;
  for (const Place& place : all) {
    if (place.path.empty()) continue;
    const bool first = place.path.find(' ') == place.path.npos;
    text += fmt::format(fmt::runtime(line), (first ? " " : "") + place.path, place.path);
  }
  return text;
}

std::string bash() {
  std::string text = R"(# bash completion of gnn; source it, or put it below share/bash-completion/completions
_gnn() {
  local word path= words= flags= cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
)";
  const std::vector<Place> all = places();
  text += steps(all, "      '{}') path='{}' ;;\n");
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
  const std::vector<Place> all = places();
  std::string text = R"(# fish completion of gnn; put it below share/fish/vendor_completions.d
function __gnn_at --description 'the words so far lead to this command'
    set -l place ''
    for word in (commandline -opc)[2..]
        switch "$place $word"
)";
  text += steps(all, "            case '{}'\n                set place '{}'\n");
  text += "        end\n    end\n    test \"$place\" = \"$argv[1]\"\nend\n";
  for (const Place& place : all) {
    const std::string here = fmt::format("complete -c gnn -n '__gnn_at \"{}\"'", place.path);
    if (!place.words.empty()) text += fmt::format("{} -f -a '{}'\n", here, fmt::join(place.words, " "));
    text += here + " -l help -d 'show this help'\n";
    if (place.path.empty()) text += here + " -l version -d 'print the version'\n";
    for (const Option* option : place.options) {
      text += fmt::format("{} -l {}", here, option->name);
      if (option->letter) text += fmt::format(" -s {}", option->letter);
      if (const auto list = choices(*option); !list.empty()) {
        text += fmt::format(" -x -a '{}'", fmt::join(list, " "));
      } else if (option->kind != Kind::flag) {
        text += option->kind == Kind::text ? " -r" : " -x";
      }
      text += fmt::format(" -d '{}'\n", with_backslashes(option->help, "\\'"));
    }
  }
  return text;
}

std::string zsh() {
  const std::vector<Place> all = places();
  std::string text = R"(#compdef gnn
# zsh completion of gnn; put it below share/zsh/site-functions as _gnn
_gnn() {
  local place= word
  for word in ${words[2,CURRENT-1]}; do
    case "$place $word" in
)";
  text += steps(all, "      '{}') place='{}' ;;\n");
  text += "    esac\n  done\n  case \"$place\" in\n";
  for (const Place& place : all) {
    text += fmt::format("    '{}')\n      _arguments '--help[show this help]'", place.path);
    if (place.path.empty()) text += " '--version[print the version]'";
    for (const Option* option : place.options) {
      const std::string help = with_backslashes(option->help, "\\[]:");
      std::string value;
      if (const auto list = choices(*option); !list.empty()) {
        value = fmt::format(":value:({})", fmt::join(list, " "));
      } else if (option->kind != Kind::flag) {
        value = option->kind == Kind::text ? ":value:_files" : ":value: ";
      }
      const auto add = [&](const std::string& name) {
        text += fmt::format(" \\\n        '{}{}[{}]{}'", option->repeatable ? "*" : "", name, quoted(help), value);
      };
      add(fmt::format("--{}", option->name));
      if (option->letter) add(fmt::format("-{}", option->letter));
    }
    // A command that others follow, or one that may take files.
    text += place.words.empty() ? " \\\n        '*:file:_files' ;;\n"
                                : fmt::format(" \\\n        '*:command:({})' ;;\n", fmt::join(place.words, " "));
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
