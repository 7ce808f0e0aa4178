// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/schedule.hpp>

#include <cmath>
#include <numbers>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

void observe(Schedule schedule, ScheduleState& state, double validation_loss) {
  constexpr std::int64_t patience = 10;
  constexpr double threshold = 1e-4, factor = 0.1;
  if (schedule != Schedule::plateau) return;
  if (validation_loss < state.lowest * (1 - threshold)) {
    state.lowest = validation_loss;
    state.without_progress = 0;
    return;
  }
  if (++state.without_progress <= patience) return;
  state.factor *= factor;
  state.without_progress = 0;
}

double rate_factor(Schedule schedule, const ScheduleState& state, std::int64_t epoch, std::int64_t epochs) {
  if (schedule == Schedule::plateau) return state.factor;
  if (schedule == Schedule::cosine) return 0.5 * (1 + std::cos(std::numbers::pi * double(epoch - 1) / double(epochs)));
  return 1;
}

Schedule parse_schedule(const std::string& text) {
  if (text == "none") return Schedule::none;
  if (text == "plateau") return Schedule::plateau;
  if (text == "cosine") return Schedule::cosine;
  fail(ErrorKind::usage, "schedule: expected none, plateau or cosine, found '", text, "'");
}

}  // namespace gnn::inline GNN_PRECISION
