// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/message.hpp>

#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::apps {
namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::string_view red = "\033[1;31m", yellow = "\033[1;33m", cyan = "\033[1;36m", plain = "\033[0m";

/// One line, written in one go so that it cannot be torn by other writers. A failure to complain is not
/// reported.
void print_line(std::FILE* file, std::string_view label, std::string_view style, std::string_view text,
                bool color) {
  std::string line;
  line += color ? style : "";
  line += label;
  line += color ? plain : "";
  // Room for the label, the colours and the dots of a text that was cut.
  line += graphs::quote_for_message(text, longest_line - line.size() - 8);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), file);
  std::fflush(file);
}

int print_error(std::FILE* file, int code, std::string_view what, std::string_view hint, bool color) {
  print_line(file, "gnn: error: ", red, what, color);
  if (!hint.empty()) print_line(file, "hint: ", cyan, hint, color);
  return code;
}

}  // namespace

bool use_color(std::string_view choice, std::FILE* file) {
  if (choice != "auto") return choice == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(fileno(file)) && !(no_color && *no_color) && terminal && std::string_view(terminal) != "dumb";
}

int report_error(const std::exception_ptr& error, std::FILE* file, bool color) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    const bool bug = e.kind() == ErrorKind::internal;
    return print_error(file, static_cast<int>(e.kind()), e.what(),
                       bug ? "this is a bug; please report it" : e.hint(), color);
  } catch (const std::bad_alloc&) {
    // No string is built here: there may be no memory for it.
    std::fputs("gnn: error: out of memory\n", file);
    return static_cast<int>(ErrorKind::memory);
  } catch (const std::exception& e) {
    return print_error(file, static_cast<int>(ErrorKind::internal), "unexpected: " + std::string(e.what()),
                       "this is a bug; please report it with the command line", color);
  }
}

void print_warning(std::string_view text, std::FILE* file, bool color) {
  print_line(file, "warning: ", yellow, text, color);
}

}  // namespace gnn::apps
