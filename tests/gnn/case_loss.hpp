// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "case_file.hpp"

namespace gnn::test {

/// The scalar that a case differentiates, with its gradient for the output, both reckoned here in double from
/// `output`: sum(cotangent * output); or, with labels in the config, the mean cross entropy over train_rows
/// (all rows, when there are none), of softmax for one class a row and of the logistic function for a 0/1
/// list a row.
struct CaseLoss {
  double value = 0;
  double magnitude = 0;  ///< the same sum with every term positive: what rounding errors are relative to
  Matrix gradient;
};

CaseLoss case_loss(const Json& file, const Matrix& output);

/// Compares what `metrics` holds: micro-F1 with its counts, and accuracy. Other entries are ignored.
void compare_metrics(Comparison& result, const Json& file, const Matrix& output);

}  // namespace gnn::test
