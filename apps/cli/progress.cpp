// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/progress.hpp>

#include <fmt/format.h>
#include <unistd.h>

namespace gnn::apps {
namespace {

constexpr auto redraw_pause = std::chrono::milliseconds(100);

std::string table_row(const EpochLine& line) {
  return fmt::format("{:>3}  {:>5}   {:>10.4f}  {:>9.4f}  {:>9.4f}  {:>8.4f}  {:>5}  {:>9.1f}", line.run,
                     line.epoch, line.train_loss, line.train_acc, line.val_loss, line.val_acc, line.best,
                     line.ms_per_epoch);
}

Event epoch_event(const EpochLine& line, const std::string& metric) {
  Event event("epoch");
  event.add("run", line.run).add("epoch", line.epoch);
  event.add("train_loss", line.train_loss).add("train_" + metric, line.train_acc);
  event.add("val_loss", line.val_loss).add("val_" + metric, line.val_acc);
  event.add("best", line.best).add("ms_per_epoch", line.ms_per_epoch);
  return event;
}

}  // namespace

Progress::Progress(const Settings& settings, Output& output, std::string metric)
    : output_(output),
      mode_(mode_of(settings, output)),
      every_(settings.integer("log-every")),
      metric_(std::move(metric)) {}

Progress::Mode Progress::mode_of(const Settings& settings, const Output& output) {
  const std::string& wish = settings.text("progress");
  if (wish == "never") return Mode::silent;
  if (output.json()) return Mode::events;
  if (output.quiet()) return Mode::silent;
  return wish == "auto" && isatty(fileno(output.messages())) ? Mode::redraw : Mode::lines;
}

void Progress::epoch(const EpochLine& line) {
  const bool due = line.epoch % every_ == 0;
  if (mode_ == Mode::events && due) output_.event(epoch_event(line, metric_));
  if (mode_ == Mode::lines && due) {
    print_header();
    output_.note(table_row(line));
  }
  if (mode_ == Mode::redraw) {
    print_header();
    pending_ = table_row(line);
    if (!drawn_ || Clock::now() - last_draw_ >= redraw_pause) redraw(pending_);
  }
}

void Progress::stopped(int run, int epoch, std::string_view reason) {
  if (mode_ == Mode::events) {
    output_.event(Event("stopped").add("run", run).add("epoch", epoch).add("reason", reason));
  }
  if (mode_ != Mode::lines && mode_ != Mode::redraw) return;
  close();
  print_header();
  output_.note(fmt::format("{:>3}  {:>5}  stopped: {}", run, epoch, reason));
}

void Progress::close() {
  if (!drawn_) return;
  redraw(pending_);  // the last epoch stays on the screen
  fmt::print(output_.messages(), "\n");
  drawn_ = false;
}

void Progress::print_header() {
  if (header_printed_) return;
  const std::string metric = metric_.substr(0, metric_.find('_'));  // "f1"
  output_.note(fmt::format("run  epoch   train loss  {:>9}   val loss  {:>8}   best   ms/epoch", "train " + metric, "val " + metric));
  header_printed_ = true;
}

void Progress::redraw(const std::string& text) {
  // Back to the first column, the new text, and clear what the old one leaves behind it.
  fmt::print(output_.messages(), "\r{}\033[K", text);
  std::fflush(output_.messages());
  drawn_ = true;
  last_draw_ = Clock::now();
}

}  // namespace gnn::apps
