// SPDX-License-Identifier: Apache-2.0
#include "case_loss.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <stdexcept>

namespace gnn::test {
namespace {

const Json* find_any(const Json& file, std::initializer_list<const char*> keys) {
  for (const Json* place : {&need(file, "config"), &file}) {
    for (const char* key : keys) {
      if (place->contains(key) && !(*place)[key].is_null()) return &(*place)[key];
    }
  }
  return nullptr;
}

/// The rows that the loss runs over, and for each of them what it should be.
struct Labelled {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> classes;          // one a row
  std::vector<std::vector<double>> targets;  // or a 0/1 list a row
};

Labelled read_labels(const Json& file, const Matrix& output) {
  const Json* labels = find_any(file, {"labels", "targets", "y"});
  if (!labels || !labels->is_array() || labels->empty())
    throw std::runtime_error("has neither a cotangent nor labels");
  Labelled result;
  if (const Json* rows = find_any(file, {"train_rows", "rows"})) {
    result.rows = rows->get<std::vector<std::size_t>>();
  } else {
    result.rows.resize(output.rows);
    std::iota(result.rows.begin(), result.rows.end(), std::size_t(0));
  }
  // Labels stand for the rows of the loss or, when there are as many, for all rows of the output.
  if (labels->size() != result.rows.size() && labels->size() != output.rows) {
    throw std::runtime_error("labels: expected one a row, found " + std::to_string(labels->size()));
  }
  for (std::size_t k = 0; k < result.rows.size(); ++k) {
    if (result.rows[k] >= output.rows)
      throw std::runtime_error("train_rows: row " + std::to_string(result.rows[k]) + " is not there");
    const Json& label = (*labels)[labels->size() == result.rows.size() ? k : result.rows[k]];
    if (label.is_array()) {
      result.targets.push_back(label.get<std::vector<double>>());
      if (result.targets.back().size() != output.cols)
        throw std::runtime_error("labels: rows are not as wide as the output");
    } else {
      result.classes.push_back(label.get<std::size_t>());
      if (result.classes.back() >= output.cols) throw std::runtime_error("labels: a class has no column");
    }
  }
  if (!result.targets.empty() && !result.classes.empty())
    throw std::runtime_error("labels: some are lists, some are not");
  return result;
}

double softplus(double z) {
  return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
}

void add_softmax_loss(const Matrix& output, const Labelled& labelled, CaseLoss& loss) {
  const double share = 1 / double(labelled.rows.size());
  for (std::size_t k = 0; k < labelled.rows.size(); ++k) {
    const Real* row = &output.values[labelled.rows[k] * output.cols];
    Real* gradient = &loss.gradient.values[labelled.rows[k] * output.cols];
    const double most = double(*std::max_element(row, row + output.cols));
    double sum = 0;
    for (std::size_t c = 0; c < output.cols; ++c) sum += std::exp(double(row[c]) - most);
    loss.value += share * (most + std::log(sum) - double(row[labelled.classes[k]]));
    for (std::size_t c = 0; c < output.cols; ++c) {
      gradient[c] += Real(share * (std::exp(double(row[c]) - most) / sum - (c == labelled.classes[k])));
    }
  }
}

void add_logistic_loss(const Matrix& output, const Labelled& labelled, CaseLoss& loss) {
  const double share = 1 / double(labelled.rows.size() * output.cols);
  for (std::size_t k = 0; k < labelled.rows.size(); ++k) {
    for (std::size_t c = 0; c < output.cols; ++c) {
      const double z = double(output.values[labelled.rows[k] * output.cols + c]),
                   target = labelled.targets[k][c];
      loss.value += share * (softplus(z) - target * z);
      loss.gradient.values[labelled.rows[k] * output.cols + c] +=
          Real(share * (1 / (1 + std::exp(-z)) - target));
    }
  }
}

/// "Micro-F1" and "micro_f1" are one name.
std::string plain_name(const std::string& key) {
  std::string name;
  for (const char c : key) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      name += char(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace

CaseLoss case_loss(const Json& file, const Matrix& output) {
  CaseLoss loss{0, 0, {output.rows, output.cols, std::vector<Real>(output.values.size())}};
  if (file.contains("cotangent") && !file["cotangent"].is_null()) {
    loss.gradient = read_matrix(file["cotangent"], output.rows, output.cols, "cotangent");
    for (std::size_t k = 0; k < output.values.size(); ++k) {
      const double term = double(output.values[k]) * double(loss.gradient.values[k]);
      loss.value += term;
      loss.magnitude += std::abs(term);
    }
    return loss;
  }
  const Labelled labelled = read_labels(file, output);
  labelled.targets.empty() ? add_softmax_loss(output, labelled, loss)
                           : add_logistic_loss(output, labelled, loss);
  loss.magnitude = loss.value;
  return loss;
}

void compare_metrics(Comparison& result, const Json& file, const Matrix& output) {
  if (!file.contains("metrics") || !file["metrics"].is_object()) return;
  const Labelled labelled = read_labels(file, output);
  double true_positive = 0, false_positive = 0, false_negative = 0, right = 0;
  for (std::size_t k = 0; k < labelled.rows.size(); ++k) {
    const Real* row = &output.values[labelled.rows[k] * output.cols];
    if (!labelled.classes.empty()) {
      right += std::size_t(std::max_element(row, row + output.cols) - row) == labelled.classes[k];
      continue;
    }
    for (std::size_t c = 0; c < output.cols; ++c) {
      const bool predicted = row[c] > 0, wanted = labelled.targets[k][c] > 0.5;
      true_positive += predicted && wanted;
      false_positive += predicted && !wanted;
      false_negative += !predicted && wanted;
    }
  }
  const double both = 2 * true_positive + false_positive + false_negative;
  for (const auto& metric : file["metrics"].items()) {
    const std::string& key = metric.key();
    const auto& value = metric.value();
    const std::string name = plain_name(key);
    const auto is_one_of = [&](std::initializer_list<const char*> names) {
      return value.is_number() && std::find(names.begin(), names.end(), name) != names.end();
    };
    const auto expect = [&](double actual) {
      result.compare("metrics." + key, actual, value.get<double>(), 1e-10, 1);
    };
    if (is_one_of({"microf1", "f1micro"})) expect(both > 0 ? 2 * true_positive / both : 0);
    if (is_one_of({"tp", "truepositive", "truepositives"})) expect(true_positive);
    if (is_one_of({"fp", "falsepositive", "falsepositives"})) expect(false_positive);
    if (is_one_of({"fn", "falsenegative", "falsenegatives"})) expect(false_negative);
    if (is_one_of({"accuracy", "trainaccuracy"})) expect(right / double(labelled.rows.size()));
  }
}

}  // namespace gnn::test
