// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include <gnn/core/real.hpp>

namespace gnn::inline GNN_PRECISION {

/// One value of a preset, as a user would type it: option "lr", text "0.005".
struct PresetValue {
  std::string_view option, text;
};

/// Published settings of a model. Names and texts are those of the command line.
struct Preset {
  std::string_view name;    ///< "gat/cora"
  std::string_view model;   ///< the model it is for
  std::string_view data;    ///< the data set that gets it when nobody asks for another; any_data; or empty: none
  std::string_view source;  ///< one line: whose settings these are
  /// What it sets; later lists, if any, change what earlier ones say, which other presets share.
  std::array<std::span<const PresetValue>, 4> lists;
};

/// A preset for this gets used for every data set that has none of its own.
inline constexpr std::string_view any_data = "*";

/// All presets, in the order of the manual.
std::span<const Preset> presets();

/// The preset of that name, or nullptr.
const Preset* find_preset(std::string_view name);

/// The one that the paper used for this model and data set, or nullptr.
const Preset* default_preset(std::string_view model, std::string_view data);

/// Every value that a preset sets, one an option.
std::vector<PresetValue> values(const Preset& preset);

}  // namespace gnn::inline GNN_PRECISION
