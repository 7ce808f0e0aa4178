// SPDX-License-Identifier: Apache-2.0
#include <graphs/file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <graphs/error.hpp>

namespace gnn::graphs {
namespace {

using Path = std::filesystem::path;

template <class... Parts>
[[noreturn]] void fail_at(const Path& path, const Parts&... parts) {
  // A path comes from the user and is shown in full, within reason.
  fail(ErrorKind::file, quote_for_message(path.native(), 2000), ": ", parts...);
}

[[noreturn]] void fail_with_errno(const Path& path, const char* what) {
  const int error = errno;
  fail_at(path, what, ": ", std::generic_category().message(error));
}

void check_regular(const Path& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) fail_at(path, "is a folder, not a file");
  if (!S_ISREG(status.st_mode)) fail_at(path, "not a regular file");
}

/// Owns a file descriptor.
struct Descriptor {
  int number;

  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// A new file beside `target`, removed at the end unless it was renamed to it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Path& target) : target_(target), file_(create()) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!renamed_) ::unlink(name_.c_str());
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.number, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_with_errno(target_, "cannot write");
      bytes = bytes.subspan(size_t(written));
    }
  }

  void sync_and_close() {
    // Not retried: after a failed fsync the kernel may have dropped the data, and a second one would succeed.
    if (::fsync(file_.number) != 0) fail_with_errno(target_, "cannot sync");
    // Closed even when interrupted.
    if (::close(std::exchange(file_.number, -1)) != 0 && errno != EINTR)
      fail_with_errno(target_, "cannot close");
  }

  void rename_to_target() {
    if (::rename(name_.c_str(), target_.c_str()) != 0)
      fail_with_errno(target_, "cannot rename the temporary file");
    renamed_ = true;
  }

 private:
  int create() {
    // A name may be in use by another thread, or left by a process that died.
    for (int i = 0; i < 1000; ++i) {
      name_ = target_.native() + "." + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp";
      const int number = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (number >= 0) return number;
      if (errno != EEXIST) break;
    }
    fail_with_errno(target_, "cannot create a temporary file");
  }

  Path target_;
  std::string name_;
  Descriptor file_;
  bool renamed_ = false;
};

}  // namespace

MappedFile::MappedFile(const Path& path) {
  // Without O_NONBLOCK a named pipe would wait here for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0 && errno == ENOENT) fail_at(path, "no such file");
  if (file.number < 0) fail_with_errno(path, "cannot open");
  struct stat status;
  if (::fstat(file.number, &status) != 0) fail_with_errno(path, "cannot read");
  check_regular(path, status);
  size_ = size_t(status.st_size);
  if (size_ == 0) return;  // mmap refuses a length of zero

  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (data == MAP_FAILED) fail_with_errno(path, "cannot map");
  data_ = static_cast<const std::byte*>(data);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

void write_file_atomically(const Path& path, std::span<const std::byte> bytes) {
  write_file_atomically(path, std::span(&bytes, 1));
}

void write_file_atomically(const Path& path, std::span<const std::span<const std::byte>> parts) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) check_regular(path, status);  // rename would replace even /dev/null

  // Opened first: after the rename it is too late to find that the folder cannot be synced.
  const Path folder_path = path.has_parent_path() ? path.parent_path() : Path(".");
  const Descriptor folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number < 0) fail_with_errno(path, "cannot open the folder");

  TemporaryFile temporary(path);
  for (const auto& part : parts) temporary.write(part);
  temporary.sync_and_close();
  temporary.rename_to_target();
  if (::fsync(folder.number) != 0) fail_with_errno(path, "cannot sync the folder");
}

}  // namespace gnn::graphs
