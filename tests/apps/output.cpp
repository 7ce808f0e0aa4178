// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include <apps/cli/output.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

TEST_CASE("event: fields keep their order and types") {
  const std::vector<std::int64_t> counts = {3, 4};
  const std::vector<std::string> notes = {"a", "b\"c"};
  const Event event =
      Event("summary").add("runs", 10).add("acc", 0.83).add("ok", true).add("n", std::size_t{7});
  CHECK(event.json() == R"({"event":"summary","runs":10,"acc":0.83,"ok":true,"n":7})");
  CHECK(Event("x").add("counts", counts).add("notes", notes).add("none", std::vector<std::string>{}).json() ==
        R"({"event":"x","counts":[3,4],"notes":["a","b\"c"],"none":[]})");
}

TEST_CASE("event: text is escaped, what is no number or no UTF-8 still gives valid JSON") {
  CHECK(Event("x").add("t", "a\"b\\c\nd\033").json() == R"({"event":"x","t":"a\"b\\c\nd\u001b"})");
  CHECK(Event("x").add("t", "\xff").json() == "{\"event\":\"x\",\"t\":\"\xef\xbf\xbd\"}");
  CHECK(Event("x").add("t", std::numeric_limits<double>::quiet_NaN()).json() == R"({"event":"x","t":null})");
}

TEST_CASE("output: lines in text, events in JSON, each alone") {
  for (const std::string log : {"text", "json"}) {
    Capture out, err;
    Output output(settings_of({"train", "--log", log}), out.file(), err.file());
    output.line("data    cora");
    output.event(Event("data"));
    output.finish();
    CHECK(out.text() == (log == "text" ? "data    cora\n" : "{\"event\":\"data\"}\n"));
    CHECK(err.text() == "");
  }
}

TEST_CASE("output: messages go to stderr, fewer with --quiet, more with --verbose") {
  const auto messages = [](const std::string& flag) {
    Capture out, err;
    Output output(settings_of({"train", flag}), out.file(), err.file());
    output.note("note");
    output.detail("detail");
    output.warning("careful");
    CHECK(out.text() == "");
    return err.text();
  };
  CHECK(messages("--force") == "note\nwarning: careful\n");
  CHECK(messages("-q") == "warning: careful\n");
  CHECK(messages("-v") == "note\ndetail\nwarning: careful\n");
}

TEST_CASE("output: a full device is noticed") {
  std::FILE* full = std::fopen("/dev/full", "w");
  REQUIRE(full);
  Output text(settings_of({"train"}), full, stderr);
  text.line("x");
  CHECK(refusal([&] { text.finish(); }) == "other kind: standard output: No space left on device");
  Output json(settings_of({"train", "--log", "json"}), full, stderr);
  CHECK(refusal([&] { json.event(Event("x")); }) == "other kind: standard output: No space left on device");
  std::fclose(full);
}

TEST_CASE("numbers: groups of three from five digits on, fractions with four digits") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(2708) == "2708");
  CHECK(grouped(92391) == "92 391");
  CHECK(grouped(123456) == "123 456");
  CHECK(grouped(-1234567) == "-1 234 567");
  CHECK(grouped(std::numeric_limits<std::int64_t>::min()) == "-9 223 372 036 854 775 808");
  CHECK(fraction(0.831) == "0.8310");
}
