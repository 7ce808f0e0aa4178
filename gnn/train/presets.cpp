// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/presets.hpp>

#include <algorithm>

#include <gnn/train/preset_tables.hpp>

namespace gnn::inline GNN_PRECISION {
std::span<const Preset> presets() {
  static const std::vector<Preset> all = [] {
    std::vector<Preset> joined;
    for (const auto table : {gat_presets(), gatv2_presets(), supergat_presets(), more_supergat_presets(), latte_presets(), aero_presets(), dagnn_presets(),
                             baseline_presets()}) {
      joined.insert(joined.end(), table.begin(), table.end());
    }
    return joined;
  }();
  return all;
}

const Preset* find_preset(std::string_view name) {
  const auto found = std::ranges::find(presets(), name, &Preset::name);
  return found == presets().end() ? nullptr : &*found;
}

const Preset* default_preset(std::string_view model, std::string_view data) {
  for (const std::string_view wanted : {data, any_data}) {
    const auto fits = [&](const Preset& p) { return !p.data.empty() && p.model == model && p.data == wanted; };
    const auto found = std::ranges::find_if(presets(), fits);
    if (found != presets().end()) return &*found;
  }
  return nullptr;
}

std::vector<PresetValue> values(const Preset& preset) {
  std::vector<PresetValue> all;
  for (const auto list : preset.lists) {
    for (const PresetValue& value : list) {
      const auto found = std::ranges::find(all, value.option, &PresetValue::option);
      if (found == all.end()) {
        all.push_back(value);
      } else {
        *found = value;
      }
    }
  }
  return all;
}

}  // namespace gnn::inline GNN_PRECISION
