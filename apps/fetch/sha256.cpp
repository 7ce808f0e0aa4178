// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/sha256.hpp>

#include <openssl/evp.h>

#include <datasets/input_file.hpp>
#include <graphs/error.hpp>

namespace gnn::apps {

std::string sha256_of(std::span<const std::byte> bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) {
    fail(ErrorKind::internal, "sha256: OpenSSL failed");
  }
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] / 16];
    text += "0123456789abcdef"[digest[i] % 16];
  }
  return text;
}

std::string sha256_of_content(const std::filesystem::path& path) {
  return sha256_of(datasets::InputFile(path).bytes());
}

}  // namespace gnn::apps
