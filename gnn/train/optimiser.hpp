// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <gnn/layers/parameters.hpp>

namespace gnn::inline GNN_PRECISION {

/// How weights follow gradients.
struct OptimiserOptions {
  enum Kind {
    adam,   ///< Kingma and Ba 2015, with a coupled L2 term
    adamw,  ///< the same, and weights shrink by a share of their own: Loshchilov and Hutter 2019
    sgd,    ///< weights move against the gradient
  };
  Kind kind = adam;
  double learning_rate = 0.005;
  double l2 = 5e-4;                 ///< coupled: l2 times the weight is added to its gradient
  std::optional<double> l2_conv{};  ///< the same for the parameters of convolutions; none: l2
  bool l2_on_bias = true;           ///< also for biases
  double weight_decay = 0;          ///< adamw: a step takes this share, times the rate, of a weight
  double clip_norm = 0;             ///< longer gradients are cut to this length; 0: never
};

/// Adam's moments, shaped like the parameters.
struct AdamState {
  Tensor m, v;
};

/// Step number `step`, from 1, with the learning rate times rate_factor. Changes the gradients, too.
void update(Context& ctx, const OptimiserOptions& options, double rate_factor, std::int64_t step, const Parameters& parameters,
            const AdamState& state);

/// Calls visit(l2, first, last) for each run of numbers first to last - 1 of `parameters` that share their L2 factor.
void for_each_l2_group(const OptimiserOptions& options, const Parameters& parameters,
                       const std::function<void(double l2, std::size_t first, std::size_t last)>& visit);

/// Throws Error(usage), naming the option, for a value out of range.
void validate(const OptimiserOptions& options);

const char* to_string(OptimiserOptions::Kind kind);
/// Throws Error(usage) for an unknown word.
OptimiserOptions::Kind parse_optimiser(const std::string& text);

}  // namespace gnn::inline GNN_PRECISION
