// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/stop.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

constexpr struct {
  StopRule::Kind kind;
  const char* name;
} names[] = {{StopRule::gat, "gat"},
             {StopRule::patience, "patience"},
             {StopRule::window, "window"},
             {StopRule::relative, "relative"},
             {StopRule::none, "none"}};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

void push(std::vector<double>& last, double value, std::int64_t window) {
  last.push_back(value);
  if (std::int64_t(last.size()) > window) last.erase(last.begin());
}

bool settled(double value, const std::vector<double>& last, double share) {
  if (last.empty()) return false;
  const double average = mean(last);
  return std::abs(value - average) < share * std::abs(average);
}

}  // namespace

StopDecision observe(const StopRule& rule, StopState& s, double loss, double accuracy, std::int64_t max_epochs) {
  const bool first = s.epochs++ == 0;
  StopDecision decision;

  if (rule.kind == StopRule::gat) {
    const bool loss_reached = first || loss <= s.best_loss, accuracy_reached = first || accuracy >= s.best_accuracy;
    decision.keep = loss_reached && accuracy_reached;
    s.without_progress = loss_reached || accuracy_reached ? 0 : s.without_progress + 1;
  } else {
    const double gain = rule.monitor_accuracy ? accuracy - s.best_accuracy : s.best_loss - loss;
    decision.keep = first || (rule.ties_last ? gain >= rule.min_delta : gain > rule.min_delta);
    if (rule.kind == StopRule::relative || rule.kind == StopRule::window) {
      // min_delta belongs to the end of training there, not to what is kept.
      decision.keep = first || (rule.ties_last ? gain >= 0 : gain > 0);
    }
    s.without_progress = decision.keep ? 0 : s.without_progress + 1;
  }
  // The authors' rule looks at the extremes of both values; the others compare with the epoch that they keep, so that
  // gains below min_delta add up.
  if (rule.kind == StopRule::gat) {
    s.best_loss = first ? loss : std::min(loss, s.best_loss);
    s.best_accuracy = first ? accuracy : std::max(accuracy, s.best_accuracy);
  } else if (decision.keep) {
    s.best_loss = loss;
    s.best_accuracy = accuracy;
  }
  if (decision.keep) s.best_epoch = s.epochs;

  const bool window_full = std::int64_t(s.losses.size()) >= rule.window_epochs;
  switch (rule.kind) {
    case StopRule::gat:
    case StopRule::patience:
      decision.stop = s.without_progress >= rule.patience_epochs;
      break;
    case StopRule::window:
      decision.stop = s.epochs > max_epochs / 2 && window_full && loss > mean(s.losses);
      break;
    case StopRule::relative:
      decision.stop = s.epochs > rule.patience_epochs &&
                      (settled(loss, s.losses, rule.min_delta) ||
                       settled(accuracy, s.accuracies, rule.min_delta_accuracy.value_or(rule.min_delta)));
      break;
    case StopRule::none:
      break;
  }
  if (rule.kind == StopRule::window || rule.kind == StopRule::relative) {
    push(s.losses, loss, rule.window_epochs);
    push(s.accuracies, accuracy, rule.window_epochs);
  }
  s.stopped = decision.stop;
  return decision;
}

std::string describe_stop(const StopRule& rule) {
  const std::string epochs = std::to_string(rule.patience_epochs) + " epochs";
  switch (rule.kind) {
    case StopRule::gat:
      return "no progress of loss or accuracy for " + epochs;
    case StopRule::patience:
      return std::string("no better validation ") + (rule.monitor_accuracy ? "accuracy" : "loss") + " for " + epochs;
    case StopRule::window:
      return "validation loss above the mean of its last " + std::to_string(rule.window_epochs);
    case StopRule::relative:
      return "validation loss or accuracy settled";
    case StopRule::none:
      break;
  }
  return "all epochs done";
}

const char* to_string(StopRule::Kind kind) {
  for (const auto& entry : names) {
    if (entry.kind == kind) return entry.name;
  }
  return "";
}

StopRule::Kind parse_stop(const std::string& text) {
  for (const auto& entry : names) {
    if (text == entry.name) return entry.kind;
  }
  fail(ErrorKind::usage, "stop: expected gat, patience, window, relative or none, found '", text, "'");
}

}  // namespace gnn::inline GNN_PRECISION
