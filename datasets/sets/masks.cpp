// SPDX-License-Identifier: Apache-2.0
#include <datasets/sets/masks.hpp>

#include <datasets/splits.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {

std::vector<NodeId> nodes_of_mask(const NpyArray& masks, std::size_t row, NodeId num_nodes) {
  const auto columns = static_cast<std::size_t>(num_nodes);
  const bool is_byte = masks.type == NumberType::boolean || masks.type == NumberType::uint8;
  const bool single = masks.shape.size() == 1;
  if (!is_byte || masks.shape.empty() || masks.shape.size() > 2 || masks.shape.back() != columns) {
    fail(ErrorKind::input, masks.name, ": expected a mask of ", columns, " nodes in bool or uint8, found ",
         shape_text(masks), " of ", masks.descr);
  }
  const std::size_t rows = single ? 1 : masks.shape.front();
  if (row >= rows) fail(ErrorKind::input, masks.name, ": expected a mask ", row, ", found ", rows, " masks");
  std::vector<NodeId> nodes;
  for (std::size_t node = 0; node < columns; ++node) {
    // A column of a Fortran array lies together, not a row.
    const std::size_t place = masks.fortran_order && !single ? node * rows + row : row * columns + node;
    const auto value = std::to_integer<unsigned>(masks.bytes[place]);
    if (value > 1) {
      fail(ErrorKind::input, masks.name, ": row ", row, ", column ", node, ": expected 0 or 1, found ", value);
    }
    if (value == 1) nodes.push_back(static_cast<NodeId>(node));
  }
  return nodes;
}

void check_masks(const Split& split, NodeId num_nodes, const std::string& file) {
  try {
    validate(split, num_nodes);
  } catch (const Error& error) {
    throw Error(error.kind(), file + ": " + error.what(), error.hint());
  }
}

}  // namespace gnn::datasets
