// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gnn/train/card.hpp>
#include <gnn/train/model.hpp>
#include <gnn/train/safetensors.hpp>

/// Weights from and to PyTorch Geometric and DGL: state dicts of their attention layers, saved as
/// safetensors.
///
/// A layer is known by its names, which stand behind a prefix of the model's ("conv1.", "gat_layers.0.");
/// layers follow one another in the order of their prefixes, numbers as numbers. H heads, C channels, F
/// features:
///
///   here           shape       PyG GATConv   GATv2Conv      SuperGATConv   DGL GATConv   GATv2Conv
///   lin.weight     F x (H C)   lin.weight    -              lin.weight     fc.weight     -
///   lin_l.weight   F x (H C)   -             lin_l.weight   -              -             fc_src.weight
///   lin_l.bias     1 x (H C)   -             lin_l.bias     -              -             fc_src.bias
///   lin_r.weight   F x (H C)   -             lin_r.weight   -              -             fc_dst.weight
///   lin_r.bias     1 x (H C)   -             lin_r.bias     -              -             fc_dst.bias
///   att_src        H x C       att_src       -              att_l          attn_l        -
///   att_dst        H x C       att_dst       -              att_r          attn_r        -
///   att            H x C       -             att            -              -             attn
///   bias           1 x width   bias          bias           bias           bias          -
///
/// Their matrices are (H C) x F and their vectors 1 x H x C. lin_src.weight of older GATConv is lin.weight.
/// Between layers stands ELU, heads of the last layer are averaged; that is what their examples do and what
/// these models do. DGL has a bias for each head: the mean of those of the last layer is taken.
namespace gnn::inline GNN_PRECISION {

enum class Framework { pyg, dgl };

struct ForeignOptions {
  std::string attention = "mx";      ///< form of SuperGATConv: mx, or sd, whose layers have no att_l
  std::vector<std::size_t> heads{};  ///< of each layer, which the weights of form sd do not tell
  double negative_slope = 0.2;
  /// Empty: PyG's layers add them, DGL's take the graph as it is.
  std::optional<graphs::SelfLoops> self_loops{};
};

struct ForeignModel {
  ModelCard card;
  Model model;
};

/// A model with the weights of such a state dict. `name` names it in messages. Throws Error(input) that lists
/// all tensors that are missing, surplus or of another shape, and Error(mismatch) when the layers do not
/// follow one another.
ForeignModel model_from_foreign(Context& ctx, const TensorFile& state, const std::string& name,
                                const ForeignOptions& options = {});

/// The state dict of a gat, gatv2 or supergat as the framework would save it; prefixes are "conv1.", ... or
/// "gat_layers.0.", ... Throws Error(mismatch) when their layers have no place for something that the model
/// has.
struct ForeignState {
  TensorFile file;  ///< points into `numbers`
  std::vector<std::vector<float>> numbers;
};
ForeignState model_to_foreign(const Model& model, Framework framework);

}  // namespace gnn::inline GNN_PRECISION
