// SPDX-License-Identifier: Apache-2.0
#include <gnn/autograd/links.hpp>

#include <cmath>
#include <tuple>

#include <gnn/kernels/cuda/branch.hpp>
#include <gnn/kernels/edges.hpp>
#include <gnn/kernels/elementwise.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

// The arrays of pairs by target and by source, in one block of memory each.
struct PairArrays {
  PairArrays(const std::shared_ptr<Pool>& pool, std::size_t count, std::size_t rows)
      : nodes_(pool, 6 * count * sizeof(NodeId)),
        offsets_(pool, 2 * (rows + 1 + count) * sizeof(EdgeOffset)) {
    NodeId* node = static_cast<NodeId*>(nodes_.data());
    EdgeOffset* offset = static_cast<EdgeOffset*>(offsets_.data());
    drawn_target = node, drawn_source = node + count;
    in = {offset, node + 2 * count, node + 3 * count, offset + rows + 1};
    offset += rows + 1 + count;
    out = {offset, node + 4 * count, node + 5 * count, offset + rows + 1};
  }

  struct Side {
    EdgeOffset* offsets;
    NodeId *rows, *columns;
    EdgeOffset* number;
  };
  NodeId *drawn_target, *drawn_source;
  Side in, out;

 private:
  Buffer nodes_, offsets_;
};

// Sorts the drawn pairs both ways. Any cut of the rows into blocks will do; the graph's own is there already.
Pairs sorted_pairs(Context& ctx, std::shared_ptr<PairArrays> arrays, std::size_t count,
                   const Adjacency& adjacency) {
  const NodeId rows = NodeId(adjacency.num_sources());
  const PairArrays::Side &in = arrays->in, &out = arrays->out;
  kernels::sort_pairs(ctx, arrays->drawn_target, arrays->drawn_source, count, rows, in.offsets, in.rows,
                      in.columns, in.number);
  kernels::sort_pairs(ctx, in.columns, in.rows, count, rows, out.offsets, out.rows, out.columns, out.number);
  const auto view = [&](const PairArrays::Side& side, const EdgeOffset* edge, const CsrView& blocks) {
    CsrView v;
    v.num_rows = v.num_columns = rows;
    v.num_edges = EdgeOffset(count);
    v.offsets = side.offsets;
    v.columns = side.columns;
    v.edge = edge;
    v.blocks = blocks.blocks;
    v.num_blocks = blocks.num_blocks;
    return v;
  };
  // The graph's blocks live as long as the graph: the copy is kept beside the arrays.
  auto owner =
      std::make_shared<const std::pair<std::shared_ptr<PairArrays>, Adjacency>>(std::move(arrays), adjacency);
  return {view(in, nullptr, adjacency.in()), view(out, out.number, adjacency.out()), owner};
}

Pairs frozen_pairs(Context& ctx, const Tensor& list, const Adjacency& adjacency) {
  const std::vector<Real> ends = list.to_host();
  std::vector<NodeId> targets, sources;
  for (std::size_t k = 0; k < list.rows(); ++k) {
    sources.push_back(NodeId(ends[2 * k]));
    targets.push_back(NodeId(ends[2 * k + 1]));
  }
  auto arrays = std::make_shared<PairArrays>(ctx.pool(), list.rows(), adjacency.num_sources());
  const MemorySource& memory = ctx.pool()->source();
  memory.copy_in(arrays->drawn_target, targets.data(), targets.size() * sizeof(NodeId),
                 ctx.pool()->ordinal());
  memory.copy_in(arrays->drawn_source, sources.data(), sources.size() * sizeof(NodeId),
                 ctx.pool()->ordinal());
  return sorted_pairs(ctx, std::move(arrays), list.rows(), adjacency);
}

std::size_t num_drawn(const GraphPart& part, double ratio) { return std::size_t(std::floor(ratio * double(part.num_edges))); }

Pairs draw_negatives(Tape& tape, const Adjacency& adjacency, double ratio, std::uint32_t stream) {
  const std::size_t count = num_drawn_pairs(adjacency, ratio);
  auto arrays = std::make_shared<PairArrays>(tape.context().pool(), count, adjacency.num_sources());
  draw_pairs(tape, adjacency, ratio, stream, arrays->drawn_target, arrays->drawn_source);
  return sorted_pairs(tape.context(), std::move(arrays), count, adjacency);
}

}  // namespace

std::size_t num_drawn_pairs(const Adjacency& adjacency, double ratio) {
  std::size_t count = 0;
  for (const GraphPart& part : adjacency.graphs()) {
    count += num_drawn(part, ratio);
    if (num_drawn(part, ratio) > 0 && part.dense && part.non_edges.size() == 0) {
      fail(ErrorKind::usage, "edge loss: every pair of the graph's ", +part.num_nodes,
           " nodes has an edge, so that there are no others to tell edges from: set neg-ratio or edge-loss "
           "to 0");
    }
  }
  return count;
}

void draw_pairs(Tape& tape, const Adjacency& adjacency, double ratio, std::uint32_t stream, NodeId* target, NodeId* source) {
  std::size_t done = 0;
  for (const GraphPart& part : adjacency.graphs()) {
    const PairSpace space{part.first_node, part.num_nodes, part.first_id, part.non_edges.data(),
                          part.non_edges.size() / 2};
    kernels::draw_non_edges(tape.context(), adjacency.in(), adjacency.out(), space, tape.dropout(stream, 0), num_drawn(part, ratio),
                            target + done, source + done);
    done += num_drawn(part, ratio);
  }
}

Links draw_links(Tape& tape, const Adjacency& adjacency, double edge_ratio, double negative_ratio,
                 std::uint32_t stream) {
  check(edge_ratio > 0 && edge_ratio <= 1, "edge-ratio: must be in (0, 1], got ", edge_ratio);
  check(negative_ratio >= 0 && std::isfinite(negative_ratio), "neg-ratio: must be 0 or greater, got ",
        negative_ratio);
  check(adjacency.num_sources() == adjacency.num_targets(), "draw_links: expected a whole graph, got ",
        adjacency.num_targets(), " targets and ", adjacency.num_sources(), " sources");
  Context& ctx = tape.context();
  Links links;
  if (const Tensor pairs = tape.frozen(stream); pairs.defined()) {
    links.positive = frozen_pairs(ctx, pairs, adjacency);
  } else {
    links.positive = {adjacency.in(), adjacency.out(), std::make_shared<const Adjacency>(adjacency)};
    Dropout coins = tape.dropout(stream, 1 - edge_ratio);
    coins.scale = 1;
    if (coins.active()) {
      const Tensor ones = ctx.tensor(adjacency.num_edges(), 1);
      links.kept = ctx.tensor(adjacency.num_edges(), 1);
      kernels::fill(ctx, ones, Real(1));
      kernels::edge_dropout_forward(ctx, adjacency.in(), ones, coins, links.kept);
    }
  }
  const Tensor pairs = tape.frozen(stream + 1);
  links.negative = pairs.defined() ? frozen_pairs(ctx, pairs, adjacency)
                                   : draw_negatives(tape, adjacency, negative_ratio * edge_ratio, stream + 1);
  return links;
}

Links draw_links_beside(Tape& tape, const Adjacency& adjacency, double edge_ratio, double negative_ratio, std::uint32_t stream) {
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    const bool frozen = tape.frozen(stream).defined() || tape.frozen(stream + 1).defined();
    if (ctx.device().kind == Device::cuda && !frozen) {
      Links links;
      ctx.branch().run(ctx, [&] { links = draw_links(tape, adjacency, edge_ratio, negative_ratio, stream); });
      links.beside = true;
      return links;
    }
  }
  return draw_links(tape, adjacency, edge_ratio, negative_ratio, stream);
}

Var link_loss(const Links& links, const Var& source, const Var& target, LinkLogit logit, double scale,
              double factor) {
  const std::size_t nodes = std::size_t(links.positive.in.num_rows);
  check(source.rows() == nodes && target.rows() == nodes && source.cols() == target.cols(),
        "link_loss: features are ", source.rows(), "x", source.cols(), " and ", target.rows(), "x",
        target.cols(), ", the graph has ", nodes, " nodes");
  Tape& tape = source.tape();
  Context& ctx = tape.context();
  if constexpr (has_cuda) {
    if (links.beside) ctx.branch().join(ctx);
  }
  const Tensor of_positive = ctx.tensor(std::size_t(links.positive.in.num_edges), 1);
  const Tensor of_negative = ctx.tensor(std::size_t(links.negative.in.num_edges), 1);
  const Tensor result = ctx.tensor(1, 2);
  kernels::link_loss(ctx, LinkSet{links.positive.in, links.kept, 1, of_positive},
                     LinkSet{links.negative.in, {}, 0, of_negative}, source.value(), target.value(), logit,
                     Real(scale), Real(factor), result);
  return tape.record(result.part(0, 1, 1), {source, target}, [=, &tape, &ctx](const Tensor& dloss) {
    if constexpr (has_cuda) {
      // On a GPU beside the way back through the layer, which they need not wait for, nor it for them.
      if (ctx.device().kind == Device::cuda && source.needs_grad() && source.value().data() == target.value().data()) {
        using Held = std::tuple<Links, Tensor, Tensor, Tensor, Tensor, Var, Var>;
        return tape.add_grad_beside(
            source,
            [&](const Tensor& gradient) {
              for (const auto& [pairs, coefficient] : {std::pair(links.positive, of_positive), std::pair(links.negative, of_negative)}) {
                kernels::link_loss_backward(ctx, pairs.in, pairs.out, coefficient, result, dloss, source.value(), target.value(), logit,
                                            gradient, gradient);
              }
            },
            std::make_shared<const Held>(links, of_positive, of_negative, result, dloss, source, target));
      }
    }
    const Tensor dsource = source.needs_grad() ? tape.grad(source) : Tensor();
    const Tensor dtarget = target.needs_grad() ? tape.grad(target) : Tensor();
    const auto add = [&](const Pairs& pairs, const Tensor& coefficient) {
      kernels::link_loss_backward(ctx, pairs.in, pairs.out, coefficient, result, dloss, source.value(),
                                  target.value(), logit, dsource, dtarget);
    };
    add(links.positive, of_positive);
    add(links.negative, of_negative);
  });
}

}  // namespace gnn::inline GNN_PRECISION
