// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <apps/cli/parse.hpp>
#include <graphs/error.hpp>

namespace gnn::apps::test {

/// The message of the usage error that `action` throws; "" when it throws none.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::usage ? error.what() : std::string("other kind: ") + error.what();
  }
  return "";
}

/// All commands of the program, those of later releases too, with one that does nothing in place of them.
inline std::vector<Command> all_commands() {
  std::vector<Command> all(commands().begin(), commands().end());
  for (Command& command : all) command.run = [](Settings&, Output&) { return 0; };
  return all;
}

/// The settings that this command line gives.
inline Settings settings_of(const std::vector<std::string>& arguments) {
  const std::vector<Command> all = all_commands();
  return parse(arguments, all).settings;
}

/// A stream that keeps what is written to it.
class Capture {
 public:
  Capture() : file_(open_memstream(&data_, &size_)) {}
  ~Capture() {
    std::fclose(file_);
    std::free(data_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return std::string(data_, size_);
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

/// An environment variable for the length of a scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Environment() { unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

}  // namespace gnn::apps::test
