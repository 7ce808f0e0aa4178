// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// Reads the set NAME from NAME.content and NAME.cites (gzipped or not) in `folder`, the form in which the LINQS group
/// published Cora and Citeseer (Sen et al. 2008).
///
/// A line of NAME.content is the name of a paper, its features (0 or 1) and the name of its class, a line of NAME.cites
/// the cited and the citing paper, separated by tabs. Nodes stand in the order of NAME.content and keep their names;
/// classes are numbered in sorted order. Citations of papers without a line in NAME.content are left out and counted in
/// the notes, as are duplicates, self-loops and added reverse edges. There is no public split.
///
/// Throws Error(file) when a file cannot be read, Error(input) naming file, line and column when one is malformed.
Dataset read_linqs(const std::filesystem::path& folder, const std::string& name);

/// The same from the text of both files, whose names are for messages.
Dataset parse_linqs(std::string_view content, std::string_view cites, const std::string& name,
                    const std::string& content_file, const std::string& cites_file);

}  // namespace gnn::datasets
