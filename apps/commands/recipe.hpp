// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <apps/cli/settings.hpp>
#include <datasets/dataset.hpp>
#include <gnn/kernels/context.hpp>
#include <gnn/layers/registry.hpp>
#include <gnn/train/trainer.hpp>

/// From settings, which are text, to what the library takes.
namespace gnn::apps {

/// Sets what the preset sets and nobody else gave: the one that --preset names, else the paper's for this
/// model and data set, if known. --preset then holds its name or none. Throws Error(usage) for an unknown
/// preset or one of another model.
void apply_preset(Settings& settings, const std::string& data_name);

/// Runs `work`, whose errors name an option without saying where its value came from: "heads: must be ..." becomes
/// "exp.toml:3:6: model.heads: must be ...".
void with_origin(const Settings& settings, const std::function<void()>& work);

/// The kind of layer that --model names. Throws Error(usage) when this release has none of that name.
const LayerKind& layer_kind(const Settings& settings);

/// Throws Error(usage), naming the option, when the settings do not describe a model.
ModelConfig model_config(const Settings& settings, const datasets::Dataset& data);

/// What --attention auto chose for these data, and why; empty for another model or when the form was named.
std::string attention_note(const Settings& settings, const datasets::Dataset& data);

/// Learning rate and the like, and the seed; all else as the library has it.
TrainOptions optimizer_options(const Settings& settings);

/// The same with epochs and stopping rule.
TrainOptions train_options(const Settings& settings);

/// The device of --device with the workers of --threads. Throws Error(device) when it is not there.
Context make_context(const Settings& settings);

}  // namespace gnn::apps
