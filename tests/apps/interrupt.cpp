// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apps/cli/interrupt.hpp>

using namespace gnn::apps;

namespace {

/// The exit code of a process that gets `signal` so many times and then returns as a command would.
int exit_code_after(int signal, int times) {
  const pid_t child = fork();
  if (child == 0) {
    catch_interrupts();
    for (int i = 0; i < times; ++i) raise(signal);
    _exit(interrupt_signal() == 0 ? 0 : times == 1 ? interrupt_exit_code() : 99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("interrupt: the first signal is only noted, the second ends the program") {
  CHECK(exit_code_after(SIGINT, 0) == 0);
  CHECK(exit_code_after(SIGINT, 1) == 130);
  CHECK(exit_code_after(SIGTERM, 1) == 143);
  CHECK(exit_code_after(SIGINT, 2) == 130);  // 99 had the second one been survived
}
