// SPDX-License-Identifier: Apache-2.0
#include <datasets/formats/text_source.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include <datasets/gzip_stream.hpp>
#include <datasets/input_file.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

/// Cuts an unpacked stream at line ends, a few blocks ahead of the reader.
class TextSource::Unpacker {
 public:
  Unpacker(std::span<const std::byte> packed, const std::string& name) : stream_(packed, name) {
    // A small file is done before a thread would have started.
    if (packed.size() < (std::size_t(1) << 17)) return;
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      // No more threads to be had: next() unpacks by itself.
    }
  }

  ~Unpacker() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  std::optional<std::string_view> next() {
    if (!thread_.joinable()) {
      const bool more = fill(blocks_[0]);
      return more ? std::optional(use(blocks_[0])) : std::nullopt;
    }
    std::unique_lock lock(mutex_);
    if (in_use_) ++taken_;
    in_use_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return filled_ > taken_ || ended_; });
    if (filled_ == taken_) {
      if (error_) std::rethrow_exception(error_);
      return std::nullopt;
    }
    in_use_ = true;
    return use(blocks_[taken_ % blocks_.size()]);
  }

  std::size_t packed_read() const { return packed_read_; }

 private:
  struct Block {
    std::vector<char> bytes;
    std::size_t size = 0, packed_read = 0;
  };

  std::string_view use(const Block& block) {
    packed_read_ = block.packed_read;
    return {block.bytes.data(), block.size};
  }

  void run() {
    std::exception_ptr error;
    try {
      for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return filled_ - taken_ < blocks_.size() || stopped_; });
        if (stopped_) return;
        Block& block = blocks_[filled_ % blocks_.size()];
        lock.unlock();
        if (!fill(block)) break;
        lock.lock();
        ++filled_;
        changed_.notify_all();
      }
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    error_ = error;
    ended_ = true;
    changed_.notify_all();
  }

  bool fill(Block& block) {
    block.bytes.resize(block_size + longest_line + 2);
    std::size_t size = rest_.size();
    std::copy(rest_.begin(), rest_.end(), block.bytes.begin());
    rest_.clear();
    const auto got = stream_.read(std::as_writable_bytes(std::span(block.bytes)).subspan(size, block_size));
    size += got;
    block.size = size;
    block.packed_read = stream_.packed_read();
    const bool last = got < block_size;
    const void* const end = memrchr(block.bytes.data(), '\n', size);
    // Without a line end this is the end of the file, or a line that is too long, which the reader refuses.
    if (last || end == nullptr) return size > 0;
    const auto whole = std::size_t(static_cast<const char*>(end) - block.bytes.data()) + 1;
    if (size - whole > longest_line + 1) return true;
    rest_.assign(block.bytes.begin() + std::ptrdiff_t(whole), block.bytes.begin() + std::ptrdiff_t(size));
    block.size = whole;
    return true;
  }

  GzipStream stream_;
  std::vector<char> rest_;  ///< the beginning of the line that the last block was cut at
  std::array<Block, 4> blocks_;
  std::size_t packed_read_ = 0;  ///< of the reader's block

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t filled_ = 0, taken_ = 0;
  bool in_use_ = false, ended_ = false, stopped_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

TextSource::TextSource(const std::filesystem::path& path) : name_(path.string()), file_(path) {
  bytes_ = file_->bytes();
  packed_ = is_gzip(bytes_);
  if (!packed_ && path.extension() == ".gz") {
    if (bytes_.empty()) fail(ErrorKind::input, name_, ": expected a gzip stream, found an empty file");
    misnamed_ = true;
  }
}

TextSource::TextSource(std::string name, std::span<const std::byte> bytes)
    : name_(std::move(name)), bytes_(bytes), packed_(is_gzip(bytes)) {}

TextSource::~TextSource() = default;

std::string_view TextSource::text() const {
  if (packed_) return {};
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::string TextSource::head() const {
  if (!packed_) return std::string(text().substr(0, 4096));
  std::string result(4096, '\0');
  // Damage further on is found when the blocks are read.
  result.resize(GzipStream(bytes_, name_).read(std::as_writable_bytes(std::span(result))));
  return result;
}

std::optional<std::string_view> TextSource::next_block() {
  if (!unpacker_) unpacker_ = std::make_unique<Unpacker>(bytes_, name_);
  return unpacker_->next();
}

std::size_t TextSource::packed_read() const { return unpacker_ ? unpacker_->packed_read() : 0; }

void TextSource::rewind() { unpacker_.reset(); }

}  // namespace gnn::datasets
