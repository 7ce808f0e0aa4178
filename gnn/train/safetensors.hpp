// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gnn/core/real.hpp>

/// The safetensors format (huggingface.co/docs/safetensors): eight bytes with the length of a JSON header,
/// the header with name, type, shape and place of each tensor, then their numbers. Little-endian.
namespace gnn::inline GNN_PRECISION {

/// Types of numbers that the reader takes; the format knows more.
enum class Dtype { f32, f64, i64 };

std::size_t size_of(Dtype dtype);
const char* to_string(Dtype dtype);

/// "2708x1433"; "one" for a single number.
std::string shape_text(const std::vector<std::uint64_t>& shape);

/// One tensor of a file. `bytes` are its numbers, row-major; nothing is promised about their alignment.
struct StoredTensor {
  Dtype dtype = Dtype::f32;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
};

struct TensorFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// The tensors of such a file; they point into `file`. `name` names it in messages. Whatever is in here
/// holds: shape and type give the number of bytes, and the tensors fill the file without gap or overlap.
/// Throws Error(input): "best.safetensors: tensor 'w': expected 16 bytes for 2x2 F32, found 12".
TensorFile read_safetensors(std::span<const std::byte> file, const std::string& name);

/// The file that holds these. Equal content gives equal bytes. The widest types come first, so that every
/// tensor is aligned to its type.
std::vector<std::byte> write_safetensors(const TensorFile& content);

}  // namespace gnn::inline GNN_PRECISION
