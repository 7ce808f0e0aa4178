// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <datasets/normalise.hpp>
#include <gnn/layers/gat.hpp>
#include <graphs/build_csr.hpp>

namespace gnn::inline GNN_PRECISION {

struct LayerKind;

/// What a node's labels are: one of the classes, or any number of them (multi-label).
enum class Task { single_label, multi_label };

/// What is done to features: nothing, each node's divided by their sum, or each column shifted and scaled to mean 0 and
/// deviation 1 on the training nodes.
enum class Normalise { none, row, standard };

/// A node type and a relation of a typed graph, as far as a model's shape depends on them.
struct NodeTypeShape {
  std::string name;
  std::size_t nodes = 0;  ///< counts only where a type without features has a trained row for each node
  std::size_t features = 0;
};
struct RelationShape {
  std::string name, source, target;
};

/// Everything that fixes a model's shape and arithmetic, and what is done to the data before it: what a checkpoint must
/// hold to be used on other data.
struct ModelConfig {
  std::string layer = "gat";
  const LayerKind* kind = nullptr;  ///< of a layer from outside the library; null: the one that `layer` names
  std::size_t in = 0;       ///< features of the data
  std::size_t classes = 0;  ///< columns of the logits
  Task task = Task::single_label;
  std::size_t layers = 2;
  std::vector<std::size_t> hidden = {8};  ///< channels of a head, for each layer that gives no logits; one number serves all
  std::vector<std::size_t> heads = {8};   ///< the same
  std::size_t out_heads = 1;              ///< heads of a last layer that gives the logits; they are averaged
  double dropout = 0.6;
  double attention_dropout = 0.6;
  double feature_dropout = 0;
  bool mask_per_head = false;
  double negative_slope = 0.2;
  bool score_bias = false;
  Residual residual = Residual::none;
  bool residual_inner = false;  ///< not in the first and the last layer
  bool residual_bias = false;   ///< a linear residual has a bias of its own

  // GATv2.
  bool share_weights = false;    ///< one projection for both ends of an edge
  bool projection_bias = false;  ///< a bias in each projection
  bool output_bias = true;       ///< a bias behind the sum

  // SuperGAT.
  std::string attention = "mx";  ///< go, dp, sd or mx
  double edge_loss = 4;          ///< factor of the loss of the edges
  double negative_ratio = 0.5;   ///< edges drawn that are none, for each edge that counts in the loss
  double edge_ratio = 0.8;       ///< share of the edges that count in the loss

  // AERO-GNN and DAGNN.
  std::size_t hops = 10;
  double decay = 1;               ///< AERO-GNN's lambda
  std::size_t mlp_layers = 2;     ///< dense maps in front
  bool add_dropout = false;       ///< AERO-GNN: dropout before the classifier, too
  std::string attention_mode = "sum";  ///< AERO-GNN: sum (inside ELU, as its authors' program) or concat (as the paper)

  // LATTE.
  std::size_t order = 2;       ///< longest metapath, in relations
  std::string variant = "2020";
  double proximity = 0;        ///< factor of the loss of the edges
  double edge_negatives = 5;   ///< edges drawn that are none, for each edge, in that loss
  bool sampled_joins = false;  ///< draw the edges of longer metapaths anew in each step
  std::vector<NodeTypeShape> node_types;     ///< of the graph the model is for; empty: a plain graph
  std::vector<RelationShape> relations;
  std::string target;                        ///< the node type that is classified

  // What stands around a stack of layers.
  /// Width of a dense map without bias, with ReLU, in front of the first layer; 0: none. Its weights start as normal
  /// numbers: on one-hot features it is a sum of embeddings.
  std::size_t encoder = 0;
  bool linear_head = false;  ///< a dense map without bias behind the last layer, which then is as wide as the others

  Initialisation initialisation = Initialisation::glorot;
  Normalise normalise = Normalise::none;
  datasets::ColumnScale feature_scale;  ///< of Normalise::standard: taken from the training nodes, as many as `in`
  /// add: drop the graph's own and add one to every node; fill: add one to every node without.
  graphs::SelfLoops self_loops = graphs::SelfLoops::add;

  std::vector<std::string> class_names;  ///< empty, or one a class
};

/// Throws Error(usage), naming the option, when the numbers do not describe a model.
void validate(const ModelConfig& config);

// The shape of layer k, from 0; k < config.layers. Heads stand side by side unless the layer gives the logits, and there is
// an activation behind every layer but the last.
bool gives_logits(const ModelConfig& config, std::size_t k);  ///< the last layer, when no linear head follows
std::size_t width_into(const ModelConfig& config, std::size_t k);  ///< columns that it reads
std::size_t width_behind(const ModelConfig& config, std::size_t k);  ///< columns that it gives
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
