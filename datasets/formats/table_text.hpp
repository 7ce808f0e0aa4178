// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <datasets/formats/tables.hpp>

/// The text readers behind tables.hpp, on text that is in memory. `file` names it in messages.
namespace gnn::datasets {

class InputFile;

/// Whether a table is read as text: no npy, npz, Matrix Market or svmlight.
bool is_text_table(const InputFile& file);

Features read_features_text(std::string_view text, const std::string& file, const Nodes& nodes,
                            const TableOptions& options, std::vector<std::string>& notes);

Labels read_labels_text(std::string_view text, const std::string& file, const Nodes& nodes,
                        const TableOptions& options);

/// "node,part" or "part node" on each line, or a part a line for node after node. A part is train, val, test
/// or none.
Split read_split_text(std::string_view text, const std::string& file, const Nodes& nodes);

}  // namespace gnn::datasets
