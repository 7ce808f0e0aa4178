// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/foreign.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include <gnn/layers/registry.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

/// Which of our matrices a name of theirs is, and its shape there.
struct Name {
  const char* theirs;
  const char* ours;
  enum Shape { projection, wide_bias, vectors, bias } shape;
  bool optional = false;
};

/// One kind of layer of one framework. The first name is the one that tells it from the others.
struct Kind {
  const char* model;
  Framework framework;
  const char* title;
  std::vector<Name> names;
};

// clang-format off
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"gat", Framework::pyg, "GATConv of PyG",
       {{"att_src", "att_src", Name::vectors},
        {"att_dst", "att_dst", Name::vectors},
        {"lin.weight", "lin.weight", Name::projection},
        {"bias", "bias", Name::bias, true}}},
      {"gatv2", Framework::pyg, "GATv2Conv of PyG",
       {{"att", "att", Name::vectors},
        {"lin_l.weight", "lin_l.weight", Name::projection},
        {"lin_l.bias", "lin_l.bias", Name::wide_bias, true},
        {"lin_r.weight", "lin_r.weight", Name::projection, true},
        {"lin_r.bias", "lin_r.bias", Name::wide_bias, true},
        {"bias", "bias", Name::bias, true}}},
      {"supergat", Framework::pyg, "SuperGATConv of PyG",
       {{"att_l", "att_src", Name::vectors},
        {"att_r", "att_dst", Name::vectors},
        {"lin.weight", "lin.weight", Name::projection},
        {"bias", "bias", Name::bias, true}}},
      {"gat", Framework::dgl, "GATConv of DGL",
       {{"attn_l", "att_src", Name::vectors},
        {"attn_r", "att_dst", Name::vectors},
        {"fc.weight", "lin.weight", Name::projection},
        {"bias", "bias", Name::bias, true}}},
      {"gatv2", Framework::dgl, "GATv2Conv of DGL",
       {{"attn", "att", Name::vectors},
        {"fc_src.weight", "lin_l.weight", Name::projection},
        {"fc_src.bias", "lin_l.bias", Name::wide_bias, true},
        {"fc_dst.weight", "lin_r.weight", Name::projection, true},
        {"fc_dst.bias", "lin_r.bias", Name::wide_bias, true}}}};
  return all;
}

/// SuperGATConv whose attention is a scaled product alone.
const Kind& supergat_sd() {
  static const Kind kind = {"supergat", Framework::pyg, "SuperGATConv of PyG, form SD",
                            {{"lin.weight", "lin.weight", Name::projection}, {"bias", "bias", Name::bias, true}}};
  return kind;
}
// clang-format on

/// Text in pieces: "conv", 10, ".".
bool natural_less(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto number = [&](const std::string& text, std::size_t& at) {
        while (at < text.size() && text[at] == '0') ++at;
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return text.substr(begin, at - begin);
      };
      const std::string x = number(a, i), y = number(b, j);
      if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i, ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

/// "conv1.att_src" without "att_src", when the name ends so behind a dot or alone.
std::optional<std::string> prefix_of(const std::string& name, const std::string& ending) {
  if (!name.ends_with(ending)) return std::nullopt;
  const std::string prefix = name.substr(0, name.size() - ending.size());
  if (!prefix.empty() && prefix.back() != '.') return std::nullopt;
  return prefix;
}

std::vector<float> numbers_of(const StoredTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / size_of(tensor.dtype));
  if (tensor.dtype == Dtype::f32) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  for (std::size_t i = 0; tensor.dtype == Dtype::f64 && i < values.size(); ++i) {
    double x = 0;
    std::memcpy(&x, tensor.bytes.data() + i * sizeof x, sizeof x);
    values[i] = float(x);
  }
  return values;
}

std::vector<float> transposed(const std::vector<float>& values, std::size_t rows, std::size_t cols) {
  std::vector<float> result(values.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) result[j * rows + i] = values[i * cols + j];
  }
  return result;
}

/// One layer of a state dict, with our names.
struct ForeignLayer {
  std::string prefix;
  std::size_t in = 0, heads = 0, channels = 0;
  std::map<std::string, std::vector<float>> matrices;  // in our layout, by our name without the layer's
};

/// Collects what is wrong with a file, to say it at once.
class Faults {
 public:
  void add(const std::string& text) { text_ += (text_.empty() ? "" : "; ") + text; }
  void raise(const std::string& where) const {
    if (!text_.empty()) fail(ErrorKind::input, where, ": ", text_);
  }

 private:
  std::string text_;
};

class Reader {
 public:
  Reader(const TensorFile& state, const std::string& name, const ForeignOptions& options)
      : name_(name), options_(options) {
    for (const auto& [key, tensor] : state.tensors) {
      // Older GATConv names its one projection after the source; newer ones do not.
      const auto old = prefix_of(key, "lin_src.weight");
      tensors_.emplace(old ? *old + "lin.weight" : key, &tensor);
    }
    find_kind();
  }

  const Kind& kind() const { return *kind_; }

  std::vector<ForeignLayer> layers() {
    std::vector<std::string> prefixes;
    for (const auto& [key, tensor] : tensors_) {
      if (const auto prefix = prefix_of(key, kind_->names[0].theirs)) prefixes.push_back(*prefix);
    }
    std::ranges::sort(prefixes, natural_less);
    std::vector<ForeignLayer> layers;
    if (kind_ == &supergat_sd() && options_.heads.size() != prefixes.size()) {
      fail(ErrorKind::input, name_, ": expected a number of heads for each of ", prefixes.size(), " layers, found ",
           options_.heads.size());
    }
    for (std::size_t k = 0; k < prefixes.size(); ++k) {
      layers.push_back(layer(prefixes[k], k, k + 1 == prefixes.size()));
    }
    for (const auto& [key, tensor] : tensors_) {
      if (!taken_.contains(key)) faults_.add("surplus tensor '" + graphs::quote_for_message(key) + "'");
    }
    faults_.raise(name_);
    return layers;
  }

 private:
  void find_kind() {
    const auto is_sd = [&](const auto& entry) { return prefix_of(entry.first, "lin.weight").has_value(); };
    if (options_.attention == "sd" && std::ranges::any_of(tensors_, is_sd)) kind_ = &supergat_sd();
    if (kind_) return;
    for (const Kind& kind : kinds()) {
      for (const auto& [key, tensor] : tensors_) {
        if (prefix_of(key, kind.names[0].theirs)) kind_ = &kind;
      }
      if (kind_) return;
    }
    fail(ErrorKind::input, name_,
         ": expected a state dict with tensors att_src, att, att_l (PyG), attn_l or attn (DGL), found none");
  }

  const StoredTensor* find(const std::string& key, bool optional) {
    const auto found = tensors_.find(key);
    if (found == tensors_.end()) {
      if (!optional) faults_.add("missing tensor '" + key + "'");
      return nullptr;
    }
    taken_.insert(key);
    if (found->second->dtype == Dtype::i64) {
      faults_.add("tensor '" + key + "': expected floating-point numbers, found I64");
      return nullptr;
    }
    return found->second;
  }

  bool has_shape(const std::string& key, const StoredTensor& tensor,
                 const std::vector<std::uint64_t>& shape) {
    if (tensor.shape == shape) return true;
    faults_.add("tensor '" + key + "': expected " + shape_text(shape) + ", found " +
                shape_text(tensor.shape));
    return false;
  }

  // Heads and channels of a layer, from its first tensor.
  bool read_size(ForeignLayer& layer, std::size_t k) {
    const std::string first = layer.prefix + kind_->names[0].theirs;
    const StoredTensor* tensor = find(first, false);
    if (!tensor) return false;
    const std::vector<std::uint64_t>& shape = tensor->shape;
    if (kind_ == &supergat_sd()) {
      layer.heads = options_.heads[k];
      if (shape.size() == 2 && layer.heads > 0 && shape[0] > 0 && shape[0] % layer.heads == 0) {
        layer.channels = shape[0] / layer.heads;
        return true;
      }
      faults_.add("tensor '" + first + "': expected a multiple of " + std::to_string(layer.heads) + " rows, found " +
                  shape_text(shape));
      return false;
    }
    if (shape.size() == 3 && shape[0] == 1 && !tensor->bytes.empty()) {
      layer.heads = shape[1];
      layer.channels = shape[2];
      return true;
    }
    faults_.add("tensor '" + first + "': expected 1 x heads x channels, found " + shape_text(shape));
    return false;
  }

  ForeignLayer layer(const std::string& prefix, std::size_t k, bool is_last) {
    ForeignLayer layer;
    layer.prefix = prefix;
    if (!read_size(layer, k)) return layer;
    const std::uint64_t all = layer.heads * layer.channels;
    for (const Name& n : kind_->names) {
      const std::string key = prefix + n.theirs;
      const StoredTensor* tensor = find(key, n.optional);
      if (!tensor) continue;
      std::vector<float>& matrix = layer.matrices[n.ours];
      if (n.shape == Name::vectors && has_shape(key, *tensor, {1, layer.heads, layer.channels}))
        matrix = numbers_of(*tensor);
      if (n.shape == Name::wide_bias && has_shape(key, *tensor, {all})) matrix = numbers_of(*tensor);
      if (n.shape == Name::projection) {
        if (layer.in == 0 && tensor->shape.size() == 2) layer.in = tensor->shape[1];
        if (has_shape(key, *tensor, {all, layer.in})) matrix = transposed(numbers_of(*tensor), all, layer.in);
      }
      if (n.shape == Name::bias) matrix = bias(key, *tensor, layer, is_last);
    }
    return layer;
  }

  // Heads of an inner layer stand side by side; those of the last are averaged, and their biases with them.
  std::vector<float> bias(const std::string& key, const StoredTensor& tensor, const ForeignLayer& layer,
                          bool is_last) {
    const std::uint64_t all = layer.heads * layer.channels;
    const bool of_all = !is_last || kind_->framework == Framework::dgl;
    if (!has_shape(key, tensor, {of_all ? all : layer.channels})) return {};
    const std::vector<float> values = numbers_of(tensor);
    if (!is_last || !of_all) return values;
    std::vector<float> mean(layer.channels);
    for (std::size_t c = 0; c < layer.channels; ++c) {
      double sum = 0;
      for (std::size_t h = 0; h < layer.heads; ++h) sum += values[h * layer.channels + c];
      mean[c] = float(sum / double(layer.heads));
    }
    return mean;
  }

  std::string name_;
  const ForeignOptions& options_;
  std::map<std::string, const StoredTensor*> tensors_;
  std::set<std::string> taken_;
  const Kind* kind_ = nullptr;
  Faults faults_;
};

ModelConfig config_of(const std::vector<ForeignLayer>& layers, const Kind& kind, const std::string& name,
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
  Reader reader(state, name, options);
  const std::vector<ForeignLayer> layers = reader.layers();
  ModelCard card{config_of(layers, reader.kind(), name, options), reader.kind().title, "none"};
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
      kinds(), [&](const Kind& k) { return k.model == c.layer && k.framework == framework; });
  const char* title = framework == Framework::pyg ? "PyG" : "DGL";
  if (found == kinds().end())
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
    const auto name = std::ranges::find_if(found->names, [&](const Name& n) { return n.ours == ours; });
    const std::vector<Real> values = parameters.value(p).to_host();
    std::vector<float> numbers(values.begin(), values.end());
    StoredTensor tensor;
    const std::size_t heads = heads_of(c, k), channels = channels_of(c, k), all = heads * channels;
    if (name->shape == Name::projection) {
      numbers = transposed(numbers, entry.rows, entry.cols);
      tensor.shape = {entry.cols, entry.rows};
    } else if (name->shape == Name::vectors) {
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
