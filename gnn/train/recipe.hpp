// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gnn/train/trainer.hpp>

namespace gnn::inline GNN_PRECISION {

/// How to make and train a model: everything but the data. Its values are those of the command line's
/// options, with the same defaults.
struct Recipe {
  /// What depends on the data (in, classes, task, feature_scale, class_names, types) is filled in by
  /// fit_to(). An `attention` of "auto" is decided there, too.
  ModelConfig model;
  TrainOptions train;
  std::string preset = "none";  ///< whose settings these are

  Recipe() { model.attention = "auto"; }
};

/// The published settings for this model and data set: "gat" and "cora" give preset gat/cora. A model whose
/// paper has none for that data gets the defaults. Throws Error(usage) for a model that is neither known nor
/// one of own_kinds.
Recipe recipe_for(const std::string& model, const std::string& data,
                  std::span<const LayerKind> own_kinds = {});

/// The settings of a preset, "gat/cora". Throws Error(usage) when there is none of that name.
Recipe recipe_from_preset(const std::string& preset);

/// Sets the value of one option as it is typed on the command line: "lr", "0.01"; "heads", "8,4". Throws
/// Error(usage), naming the option, when there is none of that name or the text is no value of it.
void set(Recipe& recipe, std::string_view option, std::string_view text);

/// The names that set() knows, in no particular order.
std::vector<std::string_view> recipe_options();

/// Fills in what depends on the data: features, classes, names, the schema of a typed graph, the form of
/// SuperGAT's attention. Features that are to be standardised take their scale from the training nodes.
/// Throws Error(mismatch) when the data has no features or no labels, and Error(usage) when the result is no
/// model.
void fit_to(ModelConfig& config, const datasets::Dataset& data);

/// The same for features that are not in the data set, of so many columns.
void fit_to(ModelConfig& config, const datasets::Dataset& data, std::size_t columns);

}  // namespace gnn::inline GNN_PRECISION
