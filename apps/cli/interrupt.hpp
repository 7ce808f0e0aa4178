// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gnn::apps {

/// From now on the first SIGINT or SIGTERM only sets a flag, so that a command can write a checkpoint and
/// return; the second ends the program at once. For commands that ask interrupt_signal() as they work; until
/// this is called, and in all others, a signal ends the program as usual. A SIGINT that the caller ignores
/// (nohup, background jobs) stays ignored.
void catch_interrupts();

/// The signal that came, SIGINT or SIGTERM; 0 when none did. Cheap enough to ask every epoch.
int interrupt_signal();

/// The exit code that tells of the signal: 130 or 143. Only when one came.
int interrupt_exit_code();

}  // namespace gnn::apps
