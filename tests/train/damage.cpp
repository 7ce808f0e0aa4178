// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>

#include "tiny.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

/// Whether the file with these bytes is refused as malformed, and the message names it.
bool is_refused(Context& ctx, const TemporaryFolder& folder, const std::vector<std::byte>& bytes) {
  const auto path = save(folder, "d.safetensors", bytes);
  const std::string message = error_of(ErrorKind::input, folder, [&] { load_model(ctx, path); });
  return message.starts_with("d.safetensors: ") && message.find("expected") != message.npos &&
         message.find("found") != message.npos;
}

}  // namespace

TEST_CASE("checkpoint: every truncation is noticed") {
  const TemporaryFolder folder;
  Tiny tiny;
  tiny.train(2);
  std::vector<std::byte> bytes = training_checkpoint(tiny.trainer, tiny.model, tiny.card, {});
  std::size_t silent = 0;
  while (!bytes.empty()) {
    bytes.pop_back();
    silent += !is_refused(tiny.ctx, folder, bytes);
  }
  CHECK(silent == 0);
}

TEST_CASE("checkpoint: every change of one byte is noticed, and bytes behind the end") {
  const TemporaryFolder folder;
  Tiny tiny;
  tiny.train(2);
  std::vector<std::byte> bytes = training_checkpoint(tiny.trainer, tiny.model, tiny.card, {});
  std::mt19937 random(1);
  std::size_t silent = 0;
  for (int i = 0; i < 2000; ++i) {
    std::byte& byte = bytes[random() % bytes.size()];
    const std::byte change = std::byte(1 + random() % 255);
    byte ^= change;
    silent += !is_refused(tiny.ctx, folder, bytes);
    byte ^= change;
  }
  CHECK(silent == 0);
  bytes.push_back(std::byte(0));
  CHECK(is_refused(tiny.ctx, folder, bytes));
}
