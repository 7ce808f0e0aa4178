// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace gnn::apps {

/// What the value of an option looks like.
enum class Kind {
  flag,      ///< no value on the command line; on or off elsewhere
  toggle,    ///< on|off
  integer,   ///< a whole number
  real,      ///< a number
  integers,  ///< whole numbers separated by commas
  text,      ///< anything, mostly a path
  choice,    ///< one word of a list
};

/// Options come in sections: the headings of the help. A command takes whole sections, see options_of().
enum class Section {
  data,
  own_graph,
  plain,  ///< what the model decides elsewhere
  model,
  optimizer,
  stopping,
  output,
  saved_model,
  prediction,
  embedding,
  explanation,
  published,
  graph_file,
  split_file,
  bench,
  known_set,
  fetch,
  shell,
  conversion,
  global
};

/// The numbers that an option allows: the interval from low to high, each end inside unless open.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;
};

/// One row of the table of options, the only place that knows names, types, defaults and ranges.
struct Option {
  std::string_view name;  ///< "attn-dropout": the flag without dashes, also the key in config files
  Section section;
  Kind kind;
  std::string_view fallback;  ///< the default as it would be typed; empty: no value
  std::string_view
      values;     ///< the words of a choice "a|b|c" ("cuda:N": any number for N); else what help shows
  Limits limits;  ///< of a number, or of every number in a list
  std::string_view help;
  bool by_preset = false;  ///< the preset of a model usually sets it
  char letter = 0;         ///< short form
  bool repeatable = false;  ///< may be given several times; the values are joined with ';'
};

/// The options that a command ("train", "data info") takes, in the order of its help. No name occurs twice.
std::vector<const Option*> options_of(std::string_view command);

/// The option of that name, or nullptr.
const Option* find_option(std::span<const Option* const> options, std::string_view name);

/// Whether a config file may have a key of that name: it may serve several commands, so those of others are no mistake.
bool is_option(std::string_view name);

/// Every such name once.
std::vector<std::string_view> option_names();

/// The heading of a section in the help.
std::string_view title(Section section);

/// The words of a choice: "a|b|c" gives a, b and c.
std::vector<std::string_view> split_words(std::string_view words, char separator);

}  // namespace gnn::apps
