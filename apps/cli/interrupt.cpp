// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/interrupt.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <initializer_list>

namespace gnn::apps {
namespace {

// A signal handler can reach nothing but a global; lock-free, so that the handler may use it.
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  int none = 0;
  if (!received.compare_exchange_strong(none, signal)) _exit(128 + signal);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // reads and writes go on as if nothing had happened
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM}) {
    struct sigaction old {};
    sigaction(signal, nullptr, &old);
    if (old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

int interrupt_signal() {
  return received.load();
}

int interrupt_exit_code() {
  return 128 + interrupt_signal();
}

}  // namespace gnn::apps
