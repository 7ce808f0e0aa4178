// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <gnn/layers/layer.hpp>

/// What layers of attention heads have in common: options, their checks, the projection of the input, the residual.
namespace gnn::inline GNN_PRECISION {

/// What the residual (skip) connection adds to a layer's output.
enum class Residual { none, linear, identity };

/// Where initial weights come from. Both are uniform of Glorot and Bengio 2010; they differ in what counts as fan-out:
/// one head, as in the authors' program where each head is a layer of its own, or all heads, as in PyTorch Geometric.
enum class Initialisation { authors, glorot };

struct HeadOptions {
  std::size_t in = 0;        ///< F, input columns
  std::size_t channels = 8;  ///< C, output columns of a head
  std::size_t heads = 8;     ///< H
  bool concat = true;        ///< heads side by side (H C columns), or their mean (C columns)
  bool activation = true;    ///< ELU at the end
  double dropout = 0;        ///< of the input
  double attention_dropout = 0;
  double negative_slope = 0.2;

  std::size_t all_channels() const { return heads * channels; }
  std::size_t output_width() const { return concat ? all_channels() : channels; }
};

/// Of layers whose output may have the input added.
struct ResidualHeadOptions : HeadOptions {
  double feature_dropout = 0;  ///< of the projected features where they are summed, not where they are scored
  bool mask_per_head = false;  ///< each head draws its own input mask
  Residual residual = Residual::none;
  bool residual_bias = false;  ///< of a linear residual, beside the layer's own

  std::size_t masks() const { return mask_per_head ? heads : 1; }
};

/// Those of layer k of a model.
HeadOptions head_options(const ModelConfig& config, std::size_t k);
ResidualHeadOptions residual_head_options(const ModelConfig& config, std::size_t k);

/// Throw Error(usage), which begins with the layer's kind, for options out of range, and for an identity residual between
/// different widths.
void check_options(const char* kind, const HeadOptions& options);
void check_options(const char* kind, const ResidualHeadOptions& options);

/// Throws Error(mismatch) when x has other than the expected columns.
void check_width(const char* kind, const HeadOptions& options, const Input& x);

/// The input through its dropout, times a weight. masks as in dropout_matmul().
Var project(const Input& x, const Var& weight, double dropout, std::uint32_t stream, std::size_t masks, const Array<NodeId>& ids);

/// The residual of a layer: its parameters res.weight (in x output width) and res.bias, where it has any.
class ResidualConnection {
 public:
  ResidualConnection() = default;
  /// fan_out: of the weight's start.
  ResidualConnection(const ResidualHeadOptions& options, Parameters& parameters, const std::string& name, std::size_t fan_out);

  bool exists() const { return options_.residual != Residual::none; }

  /// What an existing residual adds, before its bias. The input goes through the mask of the layer's own projection, from
  /// `stream`, where both have as many; else through one from the stream `alone`: one mask and one a head number their
  /// draws differently, and from one stream they would share numbers by accident.
  /// columns: as many as it has at least, zeros behind them.
  Var through(const char* kind, Tape& tape, const Parameters& parameters, const Adjacency& adjacency, const Input& x,
              std::uint32_t stream, std::uint32_t alone, std::size_t columns) const;
  /// Undefined when it has none.
  Var bias(Tape& tape, const Parameters& parameters) const;

  /// y and both of these.
  Var add_to(Var y, const char* kind, const Parameters& parameters, const Adjacency& adjacency, const Input& x,
             std::uint32_t stream, std::uint32_t alone) const;

 private:
  ResidualHeadOptions options_;
  std::size_t weight_ = 0, bias_ = 0;
};

}  // namespace gnn::inline GNN_PRECISION
