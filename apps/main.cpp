// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <cstring>

#include <apps/cli/interrupt.hpp>
#include <apps/cli/message.hpp>
#include <apps/cli/parse.hpp>
#include <graphs/error.hpp>

namespace {

/// Without this, a program that is started with closed streams writes its messages into the first file it
/// opens. Opened for reading only, so that a write to a closed stream still fails and is noticed.
void occupy_closed_streams() {
  for (int stream : {0, 1, 2}) {
    if (fcntl(stream, F_GETFD) == -1) open("/dev/null", O_RDONLY);
  }
}

int print_text(const gnn::apps::Request& request) {
  std::FILE* file = request.incomplete ? stderr : stdout;
  if (std::fputs(request.text.c_str(), file) == EOF || std::fflush(file) != 0) {
    gnn::fail(gnn::ErrorKind::file, "standard output: ", std::strerror(errno));
  }
  return request.incomplete ? static_cast<int>(gnn::ErrorKind::usage) : 0;
}

int run_command(gnn::apps::Request& request) {
  gnn::apps::Output output(request.settings, stdout, stderr);
  const int code = request.command->run(request.settings, output);
  output.finish();
  return gnn::apps::interrupt_signal() ? gnn::apps::interrupt_exit_code() : code;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  signal(SIGPIPE, SIG_IGN);  // a reader that went away shows as a failed write
  bool color = gnn::apps::use_color("auto", stderr);
  try {
    gnn::apps::Request request = gnn::apps::parse({argv + (argc > 0), argv + argc}, gnn::apps::commands());
    color = gnn::apps::use_color(request.settings.text("color"), stderr);
    return request.command ? run_command(request) : print_text(request);
  } catch (...) {
    return gnn::apps::report_error(std::current_exception(), stderr, color);
  }
}
