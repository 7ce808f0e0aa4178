// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/foreign_kinds.hpp>

#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {

// clang-format off
const std::vector<ForeignKind>& foreign_kinds() {
  static const std::vector<ForeignKind> all = {
      {"gat", Framework::pyg, "GATConv of PyG",
       {{"att_src", "att_src", ForeignName::vectors},
        {"att_dst", "att_dst", ForeignName::vectors},
        {"lin.weight", "lin.weight", ForeignName::projection},
        {"bias", "bias", ForeignName::bias, true}}},
      {"gatv2", Framework::pyg, "GATv2Conv of PyG",
       {{"att", "att", ForeignName::vectors},
        {"lin_l.weight", "lin_l.weight", ForeignName::projection},
        {"lin_l.bias", "lin_l.bias", ForeignName::wide_bias, true},
        {"lin_r.weight", "lin_r.weight", ForeignName::projection, true},
        {"lin_r.bias", "lin_r.bias", ForeignName::wide_bias, true},
        {"bias", "bias", ForeignName::bias, true}}},
      {"supergat", Framework::pyg, "SuperGATConv of PyG",
       {{"att_l", "att_src", ForeignName::vectors},
        {"att_r", "att_dst", ForeignName::vectors},
        {"lin.weight", "lin.weight", ForeignName::projection},
        {"bias", "bias", ForeignName::bias, true}}},
      {"gat", Framework::dgl, "GATConv of DGL",
       {{"attn_l", "att_src", ForeignName::vectors},
        {"attn_r", "att_dst", ForeignName::vectors},
        {"fc.weight", "lin.weight", ForeignName::projection},
        {"bias", "bias", ForeignName::bias, true}}},
      {"gatv2", Framework::dgl, "GATv2Conv of DGL",
       {{"attn", "att", ForeignName::vectors},
        {"fc_src.weight", "lin_l.weight", ForeignName::projection},
        {"fc_src.bias", "lin_l.bias", ForeignName::wide_bias, true},
        {"fc_dst.weight", "lin_r.weight", ForeignName::projection, true},
        {"fc_dst.bias", "lin_r.bias", ForeignName::wide_bias, true}}}};
  return all;
}

const ForeignKind& foreign_supergat_sd() {
  static const ForeignKind kind = {"supergat", Framework::pyg, "SuperGATConv of PyG, form SD",
                            {{"lin.weight", "lin.weight", ForeignName::projection}, {"bias", "bias", ForeignName::bias, true}}};
  return kind;
}
// clang-format on

std::vector<float> transposed(const std::vector<float>& values, std::size_t rows, std::size_t cols) {
  std::vector<float> result(values.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) result[j * rows + i] = values[i * cols + j];
  }
  return result;
}

void Faults::raise(const std::string& where) const {
  if (!text_.empty()) fail(ErrorKind::input, where, ": ", text_);
}

}  // namespace gnn::inline GNN_PRECISION
