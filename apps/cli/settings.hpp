// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <apps/cli/options.hpp>

namespace gnn::apps {

/// Where a value comes from. A later one of the list wins over an earlier one, whatever the order of the
/// calls.
enum class Origin { fallback, preset, config, environment, flag };

/// The values of all options of one command.
///
/// Every value is checked when it is set, with the same words whatever its origin; Error(usage) names the
/// origin:
/// "--lr: must be greater than 0, got -1", "GNN_LR: must be greater than 0, got -1". The getters take the
/// name of an option of this command that has a value and fits their type; anything else is a bug,
/// Error(internal).
class Settings {
 public:
  /// Starts with the defaults.
  explicit Settings(std::string command);

  const std::string& command() const { return command_; }
  const std::vector<const Option*>& options() const { return options_; }

  /// Sets a value unless one of a stronger origin is there. `where` names it in messages: "--lr".
  void set(std::string_view name, std::string_view text, Origin origin, std::string where);

  /// Fills what neither flag, environment nor config file gave.
  void set_preset(std::string_view name, std::string_view text);

  /// Takes GNN_<NAME> (upper case, underscores) of every option. An empty variable counts as not set.
  void read_environment();

  bool has(std::string_view name) const;    ///< whether there is a value, be it the default
  bool given(std::string_view name) const;  ///< whether the user gave it: flag, environment or config file

  const std::string& text(std::string_view name) const;  ///< any option, as text
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  std::vector<int> list(std::string_view name) const;  ///< one or more numbers
  bool on(std::string_view name) const;                ///< of a flag or toggle

  /// The place to blame in an error about a value: "--lr", "GNN_LR", "exp.toml:3:6: model.lr", "preset: lr".
  const std::string& where(std::string_view name) const;

  /// Every value as a flat TOML file, in the order of the table, for --config to read back. Leaves out where
  /// this one run was read from and written to: config, out, force and resume.
  std::string to_toml() const;

 private:
  struct Value {
    std::string text;  // as canonical() writes it
    Origin origin;
    std::string where;
  };

  const Option& option(std::string_view name) const;
  const Value& value(std::string_view name) const;

  std::string command_;
  std::vector<const Option*> options_;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace gnn::apps
