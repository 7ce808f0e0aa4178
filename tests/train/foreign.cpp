// SPDX-License-Identifier: Apache-2.0
#include <gnn/train/foreign.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>

#include <datasets/from_arrays.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

using namespace gnn;

namespace {

// Theirs are float sums in another order.
constexpr double tolerance = 1e-5;

template <class T>
std::vector<T> values(const StoredTensor& tensor) {
  std::vector<T> list(tensor.bytes.size() / sizeof(T));
  std::memcpy(list.data(), tensor.bytes.data(), tensor.bytes.size());
  return list;
}

/// One file of tests/support/make_foreign.py: a state dict, and what its model gives for a graph.
struct Case {
  explicit Case(const std::string& file)
      : name(file),
        bytes(std::filesystem::path(GNN_SOURCE_DIR) / "tests" / "train" / "foreign" / file.c_str()),
        state(read_safetensors(bytes.bytes(), file)) {
    const auto take = [&](const char* key) {
      const StoredTensor tensor = state.tensors.at(key);
      state.tensors.erase(key);
      return tensor;
    };
    const StoredTensor x = take("test.x");
    const auto source = values<std::int64_t>(take("test.source")),
               target = values<std::int64_t>(take("test.target"));
    logits = values<float>(take("test.logits"));
    const auto num_nodes = NodeId(x.shape[0]);
    data = datasets::make_dataset(
        graphs::csr_from_coo<std::int64_t>(num_nodes, source, target),
        {.features = datasets::features_from_dense(values<float>(x), x.shape[0], x.shape[1])});
  }

  void check_logits(Context& ctx, const ForeignModel& read) const {
    const std::vector<Real> found = read.model.logits(ctx, prepare(ctx, data, read.card.config)).to_host();
    REQUIRE(found.size() == logits.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - logits[i]) < tolerance);
  }

  std::string name;
  graphs::MappedFile bytes;
  TensorFile state;
  datasets::Dataset data;
  std::vector<float> logits;
};

}  // namespace

TEST_CASE("foreign: models of PyG and DGL give their logits here, and come back as they were") {
  for (const char* name : {"pyg_gat", "pyg_gatv2", "pyg_gatv2_shared", "pyg_supergat_mx", "pyg_supergat_sd",
                           "dgl_gat", "dgl_gatv2"}) {
    CAPTURE(std::string(name));
    Context ctx({}, 1);
    const Case test(name + std::string(".safetensors"));
    const bool is_sd = test.name.find("_sd") != test.name.npos;
    const ForeignOptions options{.attention = is_sd ? "sd" : "mx", .heads = {3, 2}};
    const ForeignModel read = model_from_foreign(ctx, test.state, name, options);
    test.check_logits(ctx, read);
    const Framework framework = test.name.starts_with("pyg") ? Framework::pyg : Framework::dgl;
    if (is_sd) {
      CHECK_THROWS_WITH_AS(model_to_foreign(read.model, framework),
                           "convert: SuperGATConv of PyG has no place for another attention than MX", Error);
      continue;
    }
    const ForeignState back = model_to_foreign(read.model, framework);
    const std::vector<std::byte> file = write_safetensors(back.file);
    test.check_logits(ctx, model_from_foreign(ctx, read_safetensors(file, name), name));
    if (test.name == "dgl_gat.safetensors") continue;  // the biases of averaged heads come back as their mean
    for (const auto& [key, tensor] : back.file.tensors) {
      REQUIRE(test.state.tensors.contains(key));
      CHECK(test.state.tensors.at(key).shape == tensor.shape);
      CHECK(values<float>(test.state.tensors.at(key)) == values<float>(tensor));
    }
  }
}

TEST_CASE("foreign: all that is wrong with a state dict stands in one message") {
  Context ctx({}, 1);
  Case test("pyg_gat.safetensors");
  test.state.tensors["conv3.odd"] = test.state.tensors.at("conv1.bias");
  test.state.tensors.erase("conv1.att_dst");
  test.state.tensors.at("conv2.bias").shape = {1, 3};
  CHECK_THROWS_WITH_AS(model_from_foreign(ctx, test.state, "x.safetensors"),
                       "x.safetensors: missing tensor 'conv1.att_dst'; tensor 'conv2.bias': expected 3, "
                       "found 1x3; surplus tensor 'conv3.odd'",
                       Error);
  CHECK_THROWS_WITH_AS(
      model_from_foreign(ctx, TensorFile(), "x"),
      "x: expected a state dict with tensors att_src, att, att_l (PyG), attn_l or attn (DGL), found none",
      Error);
}
