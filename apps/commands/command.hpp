// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <apps/cli/output.hpp>
#include <apps/cli/settings.hpp>

namespace gnn::apps {

/// One command of the program. run() returns the exit code, 0 when all went well, and throws gnn::Error
/// otherwise.
struct Command {
  std::string_view name;      ///< "train", "data info"
  std::string_view summary;   ///< one line of help
  std::string_view argument;  ///< the options that words without a flag set, in this order: none, one or "model data"
  std::string_view notes;     ///< closing lines of the help
  int (*run)(Settings& settings, Output& output);  ///< nullptr: the word is kept for a later release
};

/// All commands, in the order of the help.
std::span<const Command> commands();

int train(Settings& settings, Output& output);
int eval(Settings& settings, Output& output);
int predict(Settings& settings, Output& output);
int embed(Settings& settings, Output& output);
int explain(Settings& settings, Output& output);
int reproduce(Settings& settings, Output& output);
int data_list(Settings& settings, Output& output);
int data_info(Settings& settings, Output& output);
int data_import(Settings& settings, Output& output);
int data_split(Settings& settings, Output& output);
int data_fetch(Settings& settings, Output& output);
int data_verify(Settings& settings, Output& output);
int models_list(Settings& settings, Output& output);
int models_show(Settings& settings, Output& output);
int bench(Settings& settings, Output& output);
int convert(Settings& settings, Output& output);
int completion(Settings& settings, Output& output);
int doctor(Settings& settings, Output& output);

}  // namespace gnn::apps
