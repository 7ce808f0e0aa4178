// SPDX-License-Identifier: Apache-2.0
#include "network_case.hpp"

#include <algorithm>
#include <stdexcept>

#include "case_loss.hpp"

namespace gnn::test {

NetworkCase::NetworkCase(Context& ctx, const Json& file)
    : ctx_(ctx), file_(file), config_(need(file, "config")) {
  nodes_ = need(file, "num_nodes").get<std::size_t>();
  const Numbers x = read_numbers(need(file, "x"), "x");
  if (x.shape.size() != 2) throw std::runtime_error("x: expected a list of rows");
  x_ = read_matrix(need(file, "x"), nodes_, x.shape[1], "x");
}

void NetworkCase::set_graph(const graphs::EdgeList& edges) {
  adjacency_ = Adjacency(ctx_.pool(), graphs::Csr::from_edges(edges, &position_));
}

void NetworkCase::check_names(const std::vector<std::string>& names) const {
  for (const auto& [name, value] : need(file_, "params").items()) {
    if (std::ranges::find(names, name) == names.end())
      throw std::runtime_error("params: '" + name + "' is not one of this network's");
  }
}

Comparison NetworkCase::run(const Layer& layer, const ReadParameter& read,
                            const std::vector<std::string>& names) {
  check_names(names);
  const auto& entries = parameters_.entries();
  parameters_.initialise(ctx_, 0);
  for (std::size_t p = 0; p < entries.size(); ++p)
    parameters_.value(p).copy_from(read(need(file_, "params"), entries[p]).values);

  Tape tape(ctx_);
  const Var x = tape.leaf(upload(ctx_, x_));
  const Var y = layer.forward(tape, parameters_, adjacency_, x).y;
  const Matrix output{y.rows(), y.cols(), y.value().to_host()};
  const CaseLoss loss = case_loss(file_, output);
  tape.backward(y, upload(ctx_, loss.gradient));

  Comparison result;
  result.compare("output", output.values,
                 read_matrix(need(file_, "output"), nodes_, output.cols, "output").values, forward_tolerance);
  if (file_.contains("loss") && !file_["loss"].is_null())
    result.compare("loss", loss.value, file_["loss"].get<double>(), forward_tolerance, loss.magnitude);
  const Json& grads = need(file_, "grads");
  const std::vector<Real> dx = tape.grad(x).to_host();
  const double scale = std::max(largest(parameters_.gradients().to_host()), largest(dx));
  for (std::size_t p = 0; p < entries.size(); ++p) {
    result.compare("gradient of " + entries[p].name, parameters_.gradient(p).to_host(),
                   read(grads, entries[p]).values, deep_gradient_tolerance, scale);
  }
  result.compare("gradient of x", dx, read_matrix(need(grads, "x"), nodes_, x_.cols, "grads.x").values,
                 deep_gradient_tolerance, scale);
  compare_metrics(result, file_, output);
  return result;
}

}  // namespace gnn::test
