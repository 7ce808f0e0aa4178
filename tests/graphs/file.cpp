// SPDX-License-Identifier: Apache-2.0
#include <graphs/file.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <graphs/error.hpp>

using namespace gnn::graphs;
namespace fs = std::filesystem;

namespace {

/// Root may read and write everything: while such an object lives, the program is nobody instead.
struct Unprivileged {
  const bool was_root = ::geteuid() == 0;

  Unprivileged() {
    if (was_root) REQUIRE(::seteuid(65534) == 0);
  }
  ~Unprivileged() {
    if (was_root) CHECK(::seteuid(0) == 0);
  }
};

/// An empty folder for one test, removed with all it holds.
struct Folder {
  fs::path path;

  Folder() {
    std::string name = (fs::temp_directory_path() / "gnn-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    fs::permissions(path, fs::perms(0755));
  }
  ~Folder() {
    fs::permissions(path, fs::perms(0755));
    fs::remove_all(path);
  }

  std::string operator/(const char* name) const { return (path / name).string(); }
  size_t num_files() const {
    return size_t(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string read(const fs::path& path) {
  return std::string(MappedFile(path).text());
}

template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const gnn::Error& error) {
    CHECK(error.kind() == gnn::ErrorKind::file);
    return error.what();
  }
  return "no error";
}

std::string map_error(const fs::path& path) {
  return message_of([&] { MappedFile file(path); });
}

std::string write_error(const fs::path& path) {
  return message_of([&] { write_file_atomically(path, bytes_of("new")); });
}

}  // namespace

TEST_CASE("mapped file: shows the bytes of the file") {
  const Folder folder;
  std::ofstream(folder / "a", std::ios::binary) << std::string("x\0y\n", 4);
  const MappedFile file(folder / "a");
  CHECK(file.text() == std::string_view("x\0y\n", 4));
  CHECK(file.bytes().size() == 4);
  CHECK(file.bytes()[2] == std::byte('y'));
}

TEST_CASE("mapped file: an empty file gives empty views") {
  const Folder folder;
  std::ofstream(folder / "a");
  const MappedFile file(folder / "a");
  CHECK(file.text().empty());
  CHECK(file.bytes().empty());
}

TEST_CASE("mapped file: moves") {
  const Folder folder;
  std::ofstream(folder / "a") << "a";
  std::ofstream(folder / "b") << "b";
  MappedFile a(folder / "a");
  MappedFile b(folder / "b");
  const MappedFile moved(std::move(a));
  CHECK(moved.text() == "a");
  b = MappedFile(folder / "a");
  CHECK(b.text() == "a");
}

TEST_CASE("mapped file: says what is wrong with the path") {
  const Folder folder;
  CHECK(map_error(folder / "a") == (folder / "a") + ": no such file");
  CHECK(map_error("") == ": no such file");
  CHECK(map_error(folder.path) == folder.path.string() + ": is a folder, not a file");
  CHECK(map_error("/dev/null") == "/dev/null: not a regular file");
  CHECK(map_error("new\nline.csv") == "new\\x0aline.csv: no such file");
  std::ofstream(folder / "a") << "a";
  CHECK(map_error(folder / "a/b") == (folder / "a/b") + ": cannot open: Not a directory");
}

TEST_CASE("mapped file: does not wait at a named pipe") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(map_error(folder / "pipe") == (folder / "pipe") + ": not a regular file");
}

TEST_CASE("mapped file: an unreadable file is an error") {
  const Folder folder;
  std::ofstream(folder / "a") << "a";
  fs::permissions(folder / "a", fs::perms::none);
  const Unprivileged user;
  CHECK(map_error(folder / "a") == (folder / "a") + ": cannot open: Permission denied");
}

TEST_CASE("write_file_atomically: creates and replaces, and leaves nothing else") {
  const Folder folder;
  const std::string large(3'000'000, 'x');
  for (const std::string& text : {std::string("old"), large, std::string()}) {
    write_file_atomically(folder / "a", bytes_of(text));
    CHECK(read(folder / "a") == text);
    CHECK(folder.num_files() == 1);
  }
}

TEST_CASE("write_file_atomically: a file already mapped keeps its content") {
  const Folder folder;
  write_file_atomically(folder / "a", bytes_of("old"));
  const MappedFile before(folder / "a");
  write_file_atomically(folder / "a", bytes_of("new"));
  CHECK(before.text() == "old");
}

TEST_CASE("write_file_atomically: a path without a folder means the current one") {
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path);
  write_file_atomically("a", bytes_of("new"));
  fs::current_path(before);
  CHECK(read(folder / "a") == "new");
}

TEST_CASE("write_file_atomically: threads that write one file leave one whole file") {
  const Folder folder;
  std::vector<std::thread> threads;
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back([&, letter] {
      const std::string text(10'000, letter);
      for (int i = 0; i < 10; ++i) write_file_atomically(folder / "a", bytes_of(text));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string text = read(folder / "a");
  CHECK(text == std::string(10'000, text.at(0)));
  CHECK(folder.num_files() == 1);
}

TEST_CASE("write_file_atomically: a bad target is refused and nothing is left") {
  const Folder folder;
  CHECK(write_error(folder / "none/a") ==
        (folder / "none/a") + ": cannot open the folder: No such file or directory");
  CHECK(write_error(folder.path) == folder.path.string() + ": is a folder, not a file");
  CHECK(write_error("/dev/full") == "/dev/full: not a regular file");
  CHECK(write_error("/dev/full/a") == "/dev/full/a: cannot open the folder: Not a directory");
  CHECK(write_error("/proc/a") == "/proc/a: cannot create a temporary file: No such file or directory");
  CHECK(write_error("") == ": cannot rename the temporary file: No such file or directory");
  CHECK(folder.num_files() == 0);
}

TEST_CASE("write_file_atomically: a folder without write permission keeps the old file") {
  const Folder folder;
  write_file_atomically(folder / "a", bytes_of("old"));
  fs::permissions(folder.path, fs::perms(0555));
  {
    const Unprivileged user;
    CHECK(write_error(folder / "a") ==
          (folder / "a") + ": cannot create a temporary file: Permission denied");
  }
  CHECK(read(folder / "a") == "old");
  CHECK(folder.num_files() == 1);
}

TEST_CASE("write_file_atomically: replaces a symbolic link, not what it points to") {
  const Folder folder;
  write_file_atomically(folder / "a", bytes_of("old"));
  fs::create_symlink("a", folder / "link");
  write_file_atomically(folder / "link", bytes_of("new"));
  CHECK(read(folder / "a") == "old");
  CHECK(read(folder / "link") == "new");
}

TEST_CASE("write_file_atomically: a name too long is refused") {
  const Folder folder;
  const std::string path = folder / std::string(255, 'a').c_str();
  CHECK(write_error(path) == path + ": cannot create a temporary file: File name too long");
  CHECK(folder.num_files() == 0);
}

TEST_CASE("write_file_atomically: a write that ends halfway keeps the old file") {
  const Folder folder;
  write_file_atomically(folder / "a", bytes_of("old"));
  const std::string text(5000, 'x');

  // With a limit on file sizes the kernel writes the first 1000 bytes, and then fails.
  rlimit old_limit;
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, old_limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = message_of([&] { write_file_atomically(folder / "a", bytes_of(text)); });
  ::setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);

  CHECK(message == (folder / "a") + ": cannot write: File too large");
  CHECK(read(folder / "a") == "old");
  CHECK(folder.num_files() == 1);
}
