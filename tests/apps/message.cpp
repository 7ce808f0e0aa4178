// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <new>

#include <apps/cli/message.hpp>

#include "support.hpp"

using namespace gnn::apps;
using namespace gnn::apps::test;

namespace {

struct Report {
  int code;
  std::string text;
};

template <class Exception>
Report report(const Exception& exception, bool color = false) {
  Capture capture;
  const int code = report_error(std::make_exception_ptr(exception), capture.file(), color);
  return {code, capture.text()};
}

}  // namespace

TEST_CASE("message: an error is one line with its exit code, a hint a second one") {
  const Report plain = report(gnn::Error(gnn::ErrorKind::usage, "--lr: must be greater than 0, got -1"));
  CHECK(plain.text == "gnn: error: --lr: must be greater than 0, got -1\n");
  CHECK(plain.code == 2);
  const Report hinted =
      report(gnn::Error(gnn::ErrorKind::file, "edges.csv: no such file", "see 'gnn data list'"));
  CHECK(hinted.text == "gnn: error: edges.csv: no such file\nhint: see 'gnn data list'\n");
  CHECK(hinted.code == 4);
}

TEST_CASE("message: control characters are escaped") {
  CHECK(report(gnn::Error(gnn::ErrorKind::input, "a\033[2Jb\nc\rd")).text ==
        "gnn: error: a\\x1b[2Jb\\x0ac\\x0dd\n");
}

TEST_CASE("message: a line has at most 4 KiB") {
  const std::string text = report(gnn::Error(gnn::ErrorKind::input, std::string(100000, 'x')), true).text;
  CHECK(text.size() <= 4096);
  CHECK(text.size() > 4000);
  CHECK(text.ends_with("...\n"));
}

TEST_CASE("message: running out of memory is exit code 10, anything unexpected 1 and asks for a report") {
  CHECK(report(std::bad_alloc()).code == 10);
  CHECK(report(std::bad_alloc()).text == "gnn: error: out of memory\n");
  const Report bug = report(std::runtime_error("stack is empty"));
  CHECK(bug.code == 1);
  CHECK(bug.text.find("stack is empty") != std::string::npos);
  CHECK(bug.text.find("report") != std::string::npos);
  CHECK(report(gnn::Error(gnn::ErrorKind::internal, "x")).text.find("report") != std::string::npos);
}

TEST_CASE("message: colour follows --color and NO_COLOR") {
  Capture capture;
  const int code =
      report_error(std::make_exception_ptr(gnn::Error(gnn::ErrorKind::usage, "x")), capture.file(), true);
  CHECK(code == 2);
  CHECK(capture.text() == "\033[1;31mgnn: error: \033[0mx\n");
  CHECK(use_color("always", stderr));
  CHECK_FALSE(use_color("never", stderr));
  const Environment variable("NO_COLOR", "1");
  CHECK_FALSE(use_color("auto", stderr));
}

TEST_CASE("message: a warning says so") {
  Capture capture;
  print_warning("class 4 has no training node", capture.file(), false);
  CHECK(capture.text() == "warning: class 4 has no training node\n");
}
