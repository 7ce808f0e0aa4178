// SPDX-License-Identifier: Apache-2.0
#include <gnn/layers/typed_input.hpp>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {

std::size_t MetapathGraph::num_edges() const {
  std::size_t count = 0;
  for (const Join& relation : joins.front()) count += relation.num_edges();
  return count;
}

MetapathGraph metapath_graph(Context& ctx, const ModelConfig& config, std::vector<std::size_t> num_nodes,
                             const std::vector<graphs::Csr>& relations) {
  const std::vector<std::vector<Metapath>> paths = metapaths(config);
  MetapathGraph graph{std::move(num_nodes), {{}}};
  for (std::size_t r = 0; r < relations.size(); ++r) {
    const std::size_t rows = graph.num_nodes[paths[0][r].head], columns = graph.num_nodes[paths[0][r].tail];
    if (std::size_t(relations[r].num_rows()) != rows || std::size_t(relations[r].num_columns()) != columns) {
      fail(ErrorKind::mismatch, "relation '", graphs::quote_for_message(paths[0][r].name), "': expected ", rows, " targets and ",
           columns, " sources as its types have, found ", +relations[r].num_rows(), " and ", +relations[r].num_columns());
    }
    graph.joins[0].emplace_back(ctx, graphs::simple_edges(relations[r]));
  }
  if (config.variant == "2021") return graph;  // its joins follow the attention

  const auto needed = needed_types(config, config.proximity > 0 || config.classes == 0);
  for (std::size_t t = 1; t < config.order; ++t) {
    std::vector<Join> longer(paths[t].size());
    for (std::size_t k = 0; k < longer.size(); ++k) {
      const Metapath& path = paths[t][k];
      if (!needed[t][path.head]) continue;
      longer[k] = Join(ctx, graphs::join(graph.joins[t - 1][path.shorter].edges, graph.joins[0][path.relation].edges,
                                         graphs::JoinSize::entries));
    }
    graph.joins.push_back(std::move(longer));
  }
  return graph;
}

}  // namespace gnn::inline GNN_PRECISION
