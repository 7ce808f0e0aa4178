// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace gnn {

/// What went wrong, in the classes that a caller may want to tell apart. The values are the program's exit codes.
enum class ErrorKind {
  internal = 1,   ///< a bug
  usage = 2,      ///< an argument or option has a bad value
  input = 3,      ///< a file is malformed or its parts do not fit together
  file = 4,       ///< a path is missing, unreadable or cannot be written
  network = 5,    ///< download or checksum
  device = 6,     ///< no CUDA, device out of memory, device fault
  training = 7,   ///< a loss or weight became NaN or infinite
  mismatch = 8,   ///< model and data do not fit
  memory = 10,    ///< the host has too little memory
};

/// The only exception type that this library throws on purpose. what() is one sentence: where, what is wrong,
/// what was given. hint() is empty or one sentence that says what would help.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string hint = {})
      : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::string hint_;
};

/// Throws Error(kind) with the parts written one after the other. Cold: what builds sentences stays out of the way of
/// the code around it, and small.
template <class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void fail(ErrorKind kind, const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(kind, text.str());
}

/// Throws Error(usage) with the parts as message unless `condition` holds. For arguments at the library's border.
template <class... Parts>
void check(bool condition, const Parts&... parts) {
  if (!condition) fail(ErrorKind::usage, parts...);
}

}  // namespace gnn
