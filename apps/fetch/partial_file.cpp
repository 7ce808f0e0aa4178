// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/partial_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <graphs/error.hpp>

namespace gnn::apps {

PartialFile::PartialFile(std::filesystem::path target) : path_(std::move(target)) {
  path_ += ".part";
  // O_NOFOLLOW: a link that a stranger left is not written through.
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail_with_errno("cannot create");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(std::exchange(descriptor_, -1));
    if (error == EWOULDBLOCK) fail(ErrorKind::file, path_.string(), ": another process downloads this file");
    errno = error;
    fail_with_errno("cannot lock");
  }
}

PartialFile::~PartialFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void PartialFile::fail_with_errno(const char* what) const {
  fail(ErrorKind::file, path_.string(), ": ", what, ": ", std::generic_category().message(errno));
}

std::uint64_t PartialFile::size() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) fail_with_errno("cannot read");
  return static_cast<std::uint64_t>(status.st_size);
}

void PartialFile::clear() {
  if (::ftruncate(descriptor_, 0) != 0) fail_with_errno("cannot shorten");
}

void PartialFile::remove() {
  ::unlink(path_.c_str());
}

void PartialFile::publish(const std::filesystem::path& target) {
  if (::fsync(descriptor_) != 0) fail_with_errno("cannot sync");
  if (::rename(path_.c_str(), target.c_str()) != 0) fail_with_errno("cannot rename");
  const int folder = ::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!synced) fail_with_errno("cannot sync the folder");
}

}  // namespace gnn::apps
