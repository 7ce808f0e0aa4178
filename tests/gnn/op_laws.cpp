// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "op_checks.hpp"
#include "support/devices.hpp"
#include "support/test_graphs.hpp"

using namespace gnn;
using namespace gnn::test;

namespace {

struct Result {
  Matrix y;
  std::vector<std::vector<Real>> gradients;
};

Result run(Context& ctx, const OpCheck& check, const graphs::Csr& graph) {
  const OpCase op = check.make(ctx, graph);
  Result result{value_of(ctx, op.function, op.inputs), {}};
  const Matrix cotangent = random_matrix(result.y.rows, result.y.cols, 99);
  result.gradients =
      gradients_of(ctx, op.function, op.inputs, cotangent, std::vector<bool>(op.inputs.size(), true));
  return result;
}

}  // namespace

TEST_CASE("ops: every op that a header of autograd declares is in the table of checks") {
  std::set<std::string> declared, checked;
  const std::regex declaration(R"((?:^|\n)Var ([a-z_0-9]+)\()");
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(GNN_SOURCE_DIR) / "gnn/autograd")) {
    if (entry.path().extension() != ".hpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string header = text.str();
    for (std::sregex_iterator op(header.begin(), header.end(), declaration), end; op != end; ++op)
      declared.insert((*op)[1]);
  }
  for (const OpCheck& check : op_checks()) checked.insert(check.op);
  CHECK(declared.size() > 10);
  for (const std::string& op : declared)
    CHECK_MESSAGE(checked.contains(op), op, " has no entry in tests/gnn/op_checks*.cpp");
}

TEST_CASE("ops: every op gives the same bits on 1, 2 and 3 threads") {
  // Large enough for several blocks of rows.
  const graphs::Csr graph = graphs::Csr::from_edges(mixed_edges(6000));
  Context one({}, 1);
  for (const int threads : {2, 3}) {
    Context several({}, threads);
    for (const OpCheck& check : op_checks()) {
      const Result a = run(one, check, graph), b = run(several, check, graph);
      CHECK_MESSAGE(same_bits(a.y.values, b.y.values), check.name(), ": value, ", threads, " threads");
      for (std::size_t k = 0; k < a.gradients.size(); ++k) {
        CHECK_MESSAGE(same_bits(a.gradients[k], b.gradients[k]), check.name(), ": gradient ", k, ", ",
                      threads, " threads");
      }
    }
  }
}

TEST_CASE("ops: every op gives on every device what it gives on the CPU") {
  // Sums of up to 310 numbers in another order.
  const double allowed = tolerance(1e-5, 1e-13);
  const graphs::Csr graph = mixed_graph();
  Context cpu({}, 1);
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const OpCheck& check : op_checks()) {
      const Result expected = run(cpu, check, graph), actual = run(ctx, check, graph);
      CHECK_MESSAGE(relative_error(actual.y.values, expected.y.values) <= allowed, check.name(), ": value, ",
                    to_string(device));
      for (std::size_t k = 0; k < expected.gradients.size(); ++k) {
        CHECK_MESSAGE(relative_error(actual.gradients[k], expected.gradients[k]) <= allowed, check.name(),
                      ": gradient ", k, ", ", to_string(device));
      }
    }
  }
}

TEST_CASE(
    "ops: a graph without edges or without nodes gives finite values and gradients of the right shape") {
  for (const Device device : available_devices()) {
    Context ctx(device, 2);
    for (const NodeId nodes : {5, 0}) {
      for (const OpCheck& check : op_checks()) {
        if (nodes == 0 && check.needs_nodes) continue;
        const Result result = run(ctx, check, graph_without_edges(nodes));
        CHECK_MESSAGE(all_finite(result.y.values), check.name());
        for (const auto& gradient : result.gradients) CHECK_MESSAGE(all_finite(gradient), check.name());
      }
    }
  }
}
