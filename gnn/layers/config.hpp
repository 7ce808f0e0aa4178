// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <datasets/normalise.hpp>
#include <gnn/layers/gat.hpp>
#include <graphs/build_csr.hpp>

namespace gnn::inline GNN_PRECISION {

/// What a node's labels are: one of the classes, or any number of them (multi-label).
enum class Task { single_label, multi_label };

/// What is done to features: nothing, each node's divided by their sum, or each column shifted and scaled to mean 0 and
/// deviation 1 on the training nodes.
enum class Normalise { none, row, standard };

/// Everything that fixes a model's shape and arithmetic, and what is done to the data before it: what a checkpoint must
/// hold to be used on other data.
struct ModelConfig {
  std::string layer = "gat";
  std::size_t in = 0;       ///< features of the data
  std::size_t classes = 0;  ///< columns of the logits
  Task task = Task::single_label;
  std::size_t layers = 2;
  std::vector<std::size_t> hidden = {8};  ///< channels of a head, for each layer but the last; one number serves all
  std::vector<std::size_t> heads = {8};   ///< for each layer but the last; one number serves all
  std::size_t out_heads = 1;              ///< heads of the last layer, which are averaged
  double dropout = 0.6;
  double attention_dropout = 0.6;
  double feature_dropout = 0;
  bool mask_per_head = false;
  double negative_slope = 0.2;
  bool score_bias = false;
  Residual residual = Residual::none;
  bool residual_inner = false;  ///< not in the first and the last layer
  bool residual_bias = false;   ///< a linear residual has a bias of its own
  Initialisation initialisation = Initialisation::glorot;
  Normalise normalise = Normalise::none;
  datasets::ColumnScale feature_scale;  ///< of Normalise::standard: taken from the training nodes, as many as `in`
  /// add: drop the graph's own and add one to every node.
  graphs::SelfLoops self_loops = graphs::SelfLoops::add;

  std::vector<std::string> class_names;  ///< empty, or one a class
};

/// Throws Error(usage), naming the option, when the numbers do not describe a model.
void validate(const ModelConfig& config);

// The shape of layer k, from 0; k < config.layers.
std::size_t width_into(const ModelConfig& config, std::size_t k);  ///< columns that it reads
std::size_t heads_of(const ModelConfig& config, std::size_t k);
std::size_t channels_of(const ModelConfig& config, std::size_t k);  ///< of each head
Residual residual_of(const ModelConfig& config, std::size_t k);

const char* to_string(Task task);
const char* to_string(Residual residual);
const char* to_string(Initialisation initialisation);
const char* to_string(graphs::SelfLoops self_loops);
const char* to_string(Normalise normalise);
/// Throw Error(usage) for an unknown word.
Task parse_task(const std::string& text);
Residual parse_residual(const std::string& text);
Initialisation parse_initialisation(const std::string& text);
graphs::SelfLoops parse_self_loops(const std::string& text);
Normalise parse_normalise(const std::string& text);

}  // namespace gnn::inline GNN_PRECISION
