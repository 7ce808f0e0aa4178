// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include <gnn/layers/aero.hpp>

#include "cases.hpp"
#include "network_case.hpp"

namespace gnn::test {
namespace {

/// "edge_att" and "edge_att.3" for row 2 of it: hop `first` is row 0.
Matrix read_hops(const Json& object, const Parameters::Entry& entry, std::size_t first) {
  Matrix all{entry.rows, entry.cols, {}};
  for (std::size_t k = 0; k < entry.rows; ++k) {
    const std::string name = entry.name + "." + std::to_string(first + k);
    const Matrix one = read_matrix(need(object, name), 1, entry.cols, name);
    all.values.insert(all.values.end(), one.values.begin(), one.values.end());
  }
  return all;
}

// The files have an array for each hop, the model one for all.
Matrix read_parameter(const Json& object, const Parameters::Entry& entry) {
  if (entry.name == "edge_att" || entry.name == "hop_att") return read_hops(object, entry, 1);
  if (entry.name == "hop_bias") return read_hops(object, entry, 0);
  if (entry.name.ends_with(".weight"))
    return read_transposed(need(object, entry.name), entry.rows, entry.cols, entry.name);
  Matrix flat = read_matrix(need(object, entry.name), 1, entry.rows * entry.cols, entry.name);
  return {entry.rows, entry.cols, std::move(flat.values)};
}

std::vector<std::string> names_in_file(const Parameters& parameters) {
  std::vector<std::string> names;
  for (const Parameters::Entry& entry : parameters.entries()) {
    if (entry.name != "edge_att" && entry.name != "hop_att" && entry.name != "hop_bias") {
      names.push_back(entry.name);
      continue;
    }
    const std::size_t first = entry.name == "hop_bias" ? 0 : 1;
    for (std::size_t k = 0; k < entry.rows; ++k)
      names.push_back(entry.name + "." + std::to_string(first + k));
  }
  return names;
}

AeroOptions read_options(const Json& file, const Json& config, std::size_t in) {
  AeroOptions o;
  o.in = in;
  o.heads = need(config, "heads").get<std::size_t>();
  o.channels = need(config, "channels_per_head").get<std::size_t>();
  o.hops = need(config, "iterations").get<std::size_t>();
  o.decay = need(config, "lambd").get<double>();
  o.mlp_layers = config.value("mlp_layers", std::size_t(0));
  o.dropout = config.value("dropout", 0.0);
  if (o.dropout != 0) throw std::runtime_error("dropout: expected 0: nothing says what is dropped");
  const std::string mode = config.value("edge_attention_mode", "sum");
  if (mode != "sum" && mode != "concat")
    throw std::runtime_error("edge_attention_mode: '" + mode + "' is unknown");
  o.concat = mode == "concat";
  for (const char* epsilon : {"edge_eps", "decay_eps"}) {
    if (config.value(epsilon, 1e-6) != 1e-6)
      throw std::runtime_error(std::string(epsilon) + ": expected 1e-6");
  }
  const Json& params = need(file, "params");
  if (o.mlp_layers > 0)
    o.classes = read_numbers(need(params, "classifier.weight"), "classifier.weight").shape.at(0);
  return o;
}

/// The numbers of an E x heads list of the file, in the order of the rows by target.
std::vector<Real> in_row_order(const std::vector<Real>& listed, const std::vector<EdgeOffset>& position,
                               std::size_t heads) {
  std::vector<Real> result(listed.size());
  for (std::size_t e = 0; e < position.size(); ++e) {
    for (std::size_t h = 0; h < heads; ++h)
      result[std::size_t(position[e]) * heads + h] = listed[e * heads + h];
  }
  return result;
}

void compare_inside(Comparison& result, const Json& file, const NetworkCase& one, const AeroOptions& o,
                    const std::vector<AeroHop>& hops) {
  const Json inner = file.value("intermediates", Json());
  const std::size_t nodes = one.nodes(), edges = one.position().size();
  const auto compare = [&](const char* key, std::size_t first, std::size_t rows, std::size_t cols,
                           const auto& actual, bool of_edges = false) {
    if (!inner.is_object() || !inner.contains(key) || inner[key].is_null()) return;
    if (inner[key].size() != hops.size() - first)
      throw std::runtime_error(std::string(key) + ": expected a list for every hop");
    for (std::size_t k = first; k < hops.size(); ++k) {
      const std::string name = std::string(key) + " of hop " + std::to_string(k);
      const std::vector<Real> listed = read_matrix(inner[key][k - first], rows, cols, name).values;
      result.compare(name, actual(hops[k]), of_edges ? in_row_order(listed, one.position(), cols) : listed,
                     forward_tolerance);
    }
  };
  compare("H", 0, nodes, o.heads * o.channels, [](const AeroHop& hop) { return hop.h.to_host(); });
  compare("hop_attention", 0, nodes, o.heads, [](const AeroHop& hop) { return hop.gamma.to_host(); });
  compare(
      "normalized_edge_attention", 1, edges, o.heads,
      [](const AeroHop& hop) { return hop.attention.to_host(); }, true);
  compare("degree", 1, nodes, o.heads, [](const AeroHop& hop) {
    std::vector<Real> degree = hop.scale.to_host();
    for (Real& d : degree) d = d > 0 ? 1 / (d * d) : 0;
    return degree;
  });
}

}  // namespace

Comparison run_aero_case(Context& ctx, const Json& file) {
  NetworkCase one(ctx, file);
  const Json& config = one.config();
  const AeroOptions options = read_options(file, config, one.x().cols);
  const Aero network(options, one.parameters(), 0);
  one.set_graph(read_edges(need(file, "edge_index"), NodeId(one.nodes()), "edge_index"));
  Comparison result = one.run(network, read_parameter, names_in_file(one.parameters()));

  if (config.contains("decay") && config["decay"].is_array()) {
    std::vector<Real> decay;
    for (std::size_t k = 0; k <= options.hops; ++k) decay.push_back(Real(aero_decay(options.decay, k)));
    result.compare("decay", decay, read_matrix(config["decay"], options.hops + 1, 1, "decay").values,
                   forward_tolerance);
  }
  Tape tape(ctx, Tape::inference);
  compare_inside(
      result, file, one, options,
      network.inside(tape, one.parameters(), one.adjacency(), tape.constant(upload(ctx, one.x()))));
  return result;
}

}  // namespace gnn::test
