// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace gnn::datasets {

/// The content of a gzip file, of all its members, piece by piece. The bytes must outlive the object.
class GzipStream {
 public:
  GzipStream(std::span<const std::byte> packed, std::string file);
  GzipStream(GzipStream&&) noexcept;
  GzipStream& operator=(GzipStream&&) noexcept;
  ~GzipStream();

  /// Fills `out` and returns how many bytes it wrote: less than there is room for only at the end of the file. Throws
  /// Error(input) when the stream is cut, damaged or followed by something else.
  std::size_t read(std::span<std::byte> out);

  std::size_t packed_read() const;  ///< how many packed bytes have been used up

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnn::datasets
