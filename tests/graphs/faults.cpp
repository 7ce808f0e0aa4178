// SPDX-License-Identifier: Apache-2.0
// Every call that saving a file makes to the system fails once, with every error that it may have. The linker sends those
// calls here (--wrap).
#include <doctest/doctest.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include <graphs/error.hpp>
#include <graphs/file.hpp>
#include <support/temporary_folder.hpp>

namespace {

/// Which call fails, counted from 0 over all of them, and how. error 0: a write that takes one byte only.
struct Fault {
  int at = -1, error = 0;
};

Fault fault;
bool recording = false;
std::vector<std::string> calls;

/// Notes the call; whether it is the one to fail.
bool fails(const std::string& name) {
  if (!recording) return false;
  calls.push_back(name);
  if (int(calls.size()) - 1 != fault.at) return false;
  errno = fault.error;
  return fault.error != 0 || name == "write";
}

}  // namespace

extern "C" {
int __real_open(const char* path, int flags, mode_t mode);
ssize_t __real_write(int file, const void* data, std::size_t size);
int __real_fsync(int file);
int __real_rename(const char* from, const char* to);
int __real_close(int file);

int __wrap_open(const char* path, int flags, mode_t mode) {
  return fails(flags & O_DIRECTORY ? "open folder" : "open") ? -1 : __real_open(path, flags, mode);
}
ssize_t __wrap_write(int file, const void* data, std::size_t size) {
  if (!fails("write")) return __real_write(file, data, size);
  return fault.error == 0 ? __real_write(file, data, std::min<std::size_t>(size, 1)) : -1;
}
int __wrap_fsync(int file) { return fails("fsync") ? -1 : __real_fsync(file); }
int __wrap_rename(const char* from, const char* to) { return fails("rename") ? -1 : __real_rename(from, to); }
int __wrap_close(int file) {
  // As in the kernel, the number is free whatever close() says.
  const bool failed = fails("close");
  const int error = errno, result = __real_close(file);
  errno = error;
  return failed ? -1 : result;
}
}

namespace {

using namespace gnn::graphs;
const std::string old_text(300, 'o'), new_text(5000, 'n');

void write(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

struct Saved {
  std::string error, text;
  std::vector<std::string> log;
  std::size_t files = 0;
};

/// Saves the new text over the old one while call `at` fails.
Saved save_with(Fault wanted) {
  const gnn::test::TemporaryFolder folder;
  const auto path = folder.path() / "model";
  write(path, old_text);
  Saved result;
  calls.clear();
  fault = wanted;
  recording = true;
  try {
    write(path, new_text);
  } catch (const gnn::Error& error) {
    CHECK(error.kind() == gnn::ErrorKind::file);
    result.error = error.what();
  }
  recording = false;
  result.log = calls;
  result.text = MappedFile(path).text();
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++result.files;
  return result;
}

}  // namespace

TEST_CASE("faults: a file is written, synced, closed, renamed, and its folder synced, in this order") {
  const Saved saved = save_with({});
  CHECK(saved.error == "");
  CHECK(saved.text == new_text);
  CHECK(saved.log ==
        std::vector<std::string>{"open folder", "open", "write", "fsync", "close", "rename", "fsync", "close"});
}

TEST_CASE("faults: whatever fails, the old file or the new one is there as a whole, and nothing else") {
  const std::vector<std::string> log = save_with({}).log;
  for (int at = 0; at < int(log.size()); ++at) {
    for (const int error : {EIO, ENOSPC, EINTR}) {
      const Saved saved = save_with({at, error});
      CAPTURE(at);
      CAPTURE(error);
      const std::string& failed = log[std::size_t(at)];
      const bool renamed = std::ranges::count(saved.log, "rename") > 0 && failed != "rename";
      const bool is_whole = saved.text == (renamed ? new_text : old_text);
      CHECK(is_whole);
      CHECK(saved.files == 1);
      // Where the old file stays, or the new one may not last, the caller hears of it. Only an interrupted write or close is
      // no failure.
      if (!renamed || failed == "fsync") CHECK(saved.error != "");
      // A failed fsync is never tried again: only those of the file and of the folder occur.
      CHECK(std::ranges::count(saved.log, "fsync") <= 2);
    }
  }
}

TEST_CASE("faults: a write that takes one byte, or is interrupted, goes on") {
  for (const int error : {0, EINTR}) {
    const Saved saved = save_with({2, error});
    CHECK(saved.error == "");
    CHECK(saved.text == new_text);
    CHECK(std::ranges::count(saved.log, "write") == 2);
  }
}
