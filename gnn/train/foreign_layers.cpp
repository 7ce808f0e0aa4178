// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/foreign_layers.hpp>

#include <algorithm>
#include <cstring>
#include <set>

#include <graphs/error.hpp>
#include <graphs/quote.hpp>

namespace gnn::inline GNN_PRECISION {
namespace {

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

  const ForeignKind& kind() const { return *kind_; }

  std::vector<ForeignLayer> layers() {
    std::vector<std::string> prefixes;
    for (const auto& [key, tensor] : tensors_) {
      if (const auto prefix = prefix_of(key, kind_->names[0].theirs)) prefixes.push_back(*prefix);
    }
    std::ranges::sort(prefixes, natural_less);
    std::vector<ForeignLayer> layers;
    if (kind_ == &foreign_supergat_sd() && options_.heads.size() != prefixes.size()) {
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
    if (options_.attention == "sd" && std::ranges::any_of(tensors_, is_sd)) kind_ = &foreign_supergat_sd();
    if (kind_) return;
    for (const ForeignKind& kind : foreign_kinds()) {
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
    if (kind_ == &foreign_supergat_sd()) {
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
    for (const ForeignName& n : kind_->names) {
      const std::string key = prefix + n.theirs;
      const StoredTensor* tensor = find(key, n.optional);
      if (!tensor) continue;
      std::vector<float>& matrix = layer.matrices[n.ours];
      if (n.shape == ForeignName::vectors && has_shape(key, *tensor, {1, layer.heads, layer.channels}))
        matrix = numbers_of(*tensor);
      if (n.shape == ForeignName::wide_bias && has_shape(key, *tensor, {all})) matrix = numbers_of(*tensor);
      if (n.shape == ForeignName::projection) {
        if (layer.in == 0 && tensor->shape.size() == 2) layer.in = tensor->shape[1];
        if (has_shape(key, *tensor, {all, layer.in})) matrix = transposed(numbers_of(*tensor), all, layer.in);
      }
      if (n.shape == ForeignName::bias) matrix = bias(key, *tensor, layer, is_last);
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
  const ForeignKind* kind_ = nullptr;
  Faults faults_;
};

}  // namespace

ForeignLayers read_foreign_layers(const TensorFile& state, const std::string& name, const ForeignOptions& options) {
  Reader reader(state, name, options);
  std::vector<ForeignLayer> layers = reader.layers();
  return {&reader.kind(), std::move(layers)};
}

}  // namespace gnn::inline GNN_PRECISION
