// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <datasets/formats/npy.hpp>
#include <datasets/formats/zip_directory.hpp>

namespace gnn::datasets {

/// The arrays of an npz file: a zip archive of npy files. Nothing is unpacked before it is asked for, and
/// never to disk: names of entries are keys only.
class Npz {
 public:
  /// Reads the directory. `bytes` must outlive the object. Throws Error(input) what read_zip_directory
  /// throws.
  Npz(std::span<const std::byte> bytes, std::string file, std::size_t most = std::size_t(8) << 30);

  const std::string& file() const { return file_; }
  bool has(const std::string& name) const { return entries_.count(name) > 0; }
  std::vector<std::string> names() const;  ///< ascending, without ".npy"

  /// The array of this name, unpacked when asked for the first time; valid as long as the object. Throws
  /// Error(input) when it is missing (listing the names wanted and found), damaged, of another size than the
  /// archive says, or makes more than `most` bytes together with those before it.
  NpyArray array(const std::string& name);

  /// Frees what array(name) unpacked; arrays of this name are void then.
  void release(const std::string& name) { unpacked_.erase(name); }

  /// Throws Error(input), which lists the names wanted and found.
  [[noreturn]] void fail_missing(const std::string& wanted) const;

 private:
  std::span<const std::byte> bytes_;
  std::string file_;
  std::size_t most_;
  std::size_t unpacked_bytes_ = 0;
  std::map<std::string, ZipEntry> entries_;
  std::map<std::string, std::vector<std::byte>> unpacked_;
};

/// Bytes of an npz archive: every pair is a name without ".npy" and the bytes of an npy file. Stored, not
/// compressed; equal input gives equal bytes. At most 65535 entries and 4 GiB in all, else Error(usage).
std::vector<std::byte> make_npz(const std::vector<std::pair<std::string, std::vector<std::byte>>>& arrays);

}  // namespace gnn::datasets
