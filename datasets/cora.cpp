// SPDX-License-Identifier: Apache-2.0
#include <datasets/cora.hpp>

#include <cstddef>
#include <span>

#include <datasets/packed.hpp>

// The assembler puts the file into the read-only data of the library. Its path comes from CMake, which also
// makes a change of the file rebuild this one.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    ".global gnn_cora_begin\n"
    ".hidden gnn_cora_begin\n"
    "gnn_cora_begin:\n"
    ".incbin \"" GNN_CORA_BIN
    "\"\n"
    ".global gnn_cora_end\n"
    ".hidden gnn_cora_end\n"
    "gnn_cora_end:\n"
    ".popsection\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte gnn_cora_begin[];
[[gnu::visibility("hidden")]] extern const std::byte gnn_cora_end[];
}

namespace gnn::datasets {

Dataset cora() {
  return unpack(std::span(gnn_cora_begin, gnn_cora_end), "cora.bin");
}

}  // namespace gnn::datasets
