// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <gnn/layers/config.hpp>
#include <gnn/layers/registry.hpp>

namespace gnn::inline GNN_PRECISION {

/// What a saved model says about itself: all that is needed to use it on other data, and where it comes from.
struct ModelCard {
  ModelConfig config;
  std::string data;    ///< name of the data set it was trained on
  std::string preset;  ///< name of the preset, "none" without one
};

/// The first key in which the cards differ with both its values, "hidden [16], found hidden [8]"; empty when
/// they are equal.
std::string first_difference(const ModelCard& expected, const ModelCard& found);

/// The card as JSON. Equal cards give equal texts.
std::string to_json(const ModelCard& card);

/// The card in such a text; `where` stands before messages. The result describes a model: validate() accepts
/// its config. own_kinds: of layers that are not the library's. Throws Error(input).
ModelCard card_from_json(const std::string& text, const std::string& where, std::span<const LayerKind> own_kinds = {});

}  // namespace gnn::inline GNN_PRECISION
