// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include <datasets/formats/edges.hpp>

namespace gnn::datasets {

/// The format of a file that begins with `head`, told from the content. Where the content leaves it open or is damaged,
/// the extension (before .gz) decides; METIS is told by .graph and .metis only. EdgeFormat::automatic: some text.
EdgeFormat detect_edge_format(std::string_view head, const std::filesystem::path& path);

}  // namespace gnn::datasets
