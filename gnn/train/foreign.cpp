// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/foreign.hpp>

#include <algorithm>

#include <gnn/layers/registry.hpp>
#include <gnn/train/foreign_layers.hpp>
#include <graphs/error.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

ModelConfig config_of(const std::vector<ForeignLayer>& layers, const ForeignKind& kind, const std::string& name,
                      const ForeignOptions& options) {
  ModelConfig c;
  c.layer = kind.model;
  c.layers = layers.size();
  c.in = layers.front().in;
  c.classes = layers.back().channels;
  c.out_heads = layers.back().heads;
  c.hidden.clear(), c.heads.clear();
  for (std::size_t k = 0; k + 1 < layers.size(); ++k) {
    c.hidden.push_back(layers[k].channels);
    c.heads.push_back(layers[k].heads);
    if (layers[k].heads * layers[k].channels == layers[k + 1].in) continue;
    fail(ErrorKind::mismatch, name, ": expected '", layers[k + 1].prefix, "' to read ",
         layers[k].heads * layers[k].channels, " columns, those of '", layers[k].prefix, "', found ",
         layers[k + 1].in);
  }
  if (layers.size() == 1) c.hidden = {1}, c.heads = {1};
  c.negative_slope = options.negative_slope;
  c.attention = options.attention;
  c.normalise = Normalise::none;
  c.self_loops = options.self_loops.value_or(kind.framework == Framework::pyg ? graphs::SelfLoops::add
                                                                              : graphs::SelfLoops::keep);
  const auto everywhere = [&](const char* matrix) {
    const auto has = [&](const ForeignLayer& layer) { return layer.matrices.contains(matrix); };
    return std::ranges::any_of(layers, has);
  };
  if (c.layer == "gatv2") {
    c.share_weights = !everywhere("lin_r.weight");
    c.projection_bias = everywhere("lin_l.bias") || everywhere("lin_r.bias");
    c.output_bias = everywhere("bias");
  }
  return c;
}

}  // namespace

ForeignModel model_from_foreign(Context& ctx, const TensorFile& state, const std::string& name,
                                const ForeignOptions& options) {
  const auto [kind, layers] = read_foreign_layers(state, name, options);
  ModelCard card{config_of(layers, *kind, name, options), kind->title, "none"};
  Model model(ctx, card.config, 0);
  std::vector<Real> values(model.parameters().size());
  Faults faults;
  for (const Parameters::Entry& entry : model.parameters().entries()) {
    // "layer2.lin.weight"; what a layer has no bias for stays zero.
    const std::size_t dot = entry.name.find('.');
    const ForeignLayer& layer = layers[std::size_t(std::stoul(entry.name.substr(5, dot - 5))) - 1];
    const std::string ours = entry.name.substr(dot + 1);
    const auto found = layer.matrices.find(ours);
    if (found == layer.matrices.end()) {
      if (!entry.is_bias) faults.add("missing the tensor for '" + ours + "' of '" + layer.prefix + "'");
      continue;
    }
    std::ranges::copy(found->second, values.begin() + std::ptrdiff_t(entry.offset));
  }
  faults.raise(name);
  const auto is_finite = [](Real x) { return x - x == 0; };
  if (!std::ranges::all_of(values, is_finite))
    fail(ErrorKind::input, name, ": expected finite weights, found NaN or infinity");
  model.parameters().values().copy_from(values);
  return {std::move(card), std::move(model)};
}

ForeignState model_to_foreign(const Model& model, Framework framework) {
  const ModelConfig& c = model.config();
  const auto found = std::ranges::find_if(
      foreign_kinds(), [&](const ForeignKind& k) { return k.model == c.layer && k.framework == framework; });
  const char* title = framework == Framework::pyg ? "PyG" : "DGL";
  if (found == foreign_kinds().end())
    fail(ErrorKind::mismatch, "convert: expected a model that ", title, " has as a layer, found ", c.layer);
  const auto refuse = [&](bool has, const char* what) {
    if (has) fail(ErrorKind::mismatch, "convert: ", found->title, " has no place for ", what);
  };
  refuse(c.score_bias, "biases in the score");
  refuse(c.residual != Residual::none, "a residual");
  refuse(c.encoder > 0 || c.linear_head, "dense maps around the layers");
  refuse(c.layer == "gatv2" && framework == Framework::dgl && c.output_bias, "a bias behind the sum");
  refuse(c.layer == "supergat" && c.attention != "mx", "another attention than MX");

  ForeignState state;
  const Parameters& parameters = model.parameters();
  state.numbers.reserve(parameters.entries().size());
  for (std::size_t p = 0; p < parameters.entries().size(); ++p) {
    const Parameters::Entry& entry = parameters.entries()[p];
    const std::size_t dot = entry.name.find('.');
    const std::size_t k = std::size_t(std::stoul(entry.name.substr(5, dot - 5))) - 1;
    const std::string ours = entry.name.substr(dot + 1);
    const auto name = std::ranges::find_if(found->names, [&](const ForeignName& n) { return n.ours == ours; });
    const std::vector<Real> values = parameters.value(p).to_host();
    std::vector<float> numbers(values.begin(), values.end());
    StoredTensor tensor;
    const std::size_t heads = heads_of(c, k), channels = channels_of(c, k), all = heads * channels;
    if (name->shape == ForeignName::projection) {
      numbers = transposed(numbers, entry.rows, entry.cols);
      tensor.shape = {entry.cols, entry.rows};
    } else if (name->shape == ForeignName::vectors) {
      tensor.shape = {1, heads, channels};
    } else {
      // DGL has a bias for each head; that of averaged heads is as good for each.
      if (framework == Framework::dgl && numbers.size() == channels) {
        numbers.resize(all);
        for (std::size_t i = channels; i < all; ++i) numbers[i] = numbers[i - channels];
      }
      tensor.shape = {numbers.size()};
    }
    state.numbers.push_back(std::move(numbers));
    tensor.bytes = std::as_bytes(std::span(state.numbers.back()));
    const std::string prefix =
        framework == Framework::pyg ? "conv" + std::to_string(k + 1) : "gat_layers." + std::to_string(k);
    state.file.tensors[prefix + "." + name->theirs] = tensor;
  }
  return state;
}

}  // namespace gnn::inline GNN_PRECISION
