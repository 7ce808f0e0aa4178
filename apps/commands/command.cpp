// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/command.hpp>

namespace gnn::apps {
namespace {

constexpr std::string_view train_notes =
    "The test score is read at the kept epoch, never at the best test epoch. With --runs, the std that is\n"
    "printed is the sample one (n-1).\n";

constexpr std::string_view convert_notes =
    "gnn convert state.safetensors model.safetensors            a state dict of GATConv, GATv2Conv or SuperGATConv\n"
    "gnn convert runs/cora-gat-1 state.safetensors --to pyg     and back\n";

constexpr std::string_view completion_notes =
    "gnn completion bash > ~/.local/share/bash-completion/completions/gnn\n"
    "gnn completion fish > ~/.config/fish/completions/gnn.fish\n";

constexpr Command table[] = {
    {"train", "train and test a model; one run or many", "", train_notes, train},
    {"eval", "score a saved model on a split", "", "", eval},
    {"predict", "classes and probabilities for nodes, also of a new graph", "", "", predict},
    {"embed", "node vectors of a chosen layer", "", "", embed},
    {"explain", "attention per edge, layer and head", "", "", explain},
    {"reproduce", "the papers' table: ours beside the published figure", "model data", "", reproduce},
    {"data list", "known data sets: size, task, licence, present or not", "", "", data_list},
    {"data info", "counts, degrees, components, homophily, labels, warnings", "data", "", data_info},
    {"data fetch", "download, verify, cache", "name", "", data_fetch},
    {"data verify", "hash the cache again", "name", "", data_verify},
    {"data import", "any files -> one graph file (.gnn)", "", "", data_import},
    {"data split", "make a split and write it", "data", "", data_split},
    {"models", "the same as models list", "", "", models_list},
    {"models list", "the kinds of networks", "", "", models_list},
    {"models show", "a model's parameters, presets and source paper", "model", "", models_show},
    {"convert", "weights from and to PyG and DGL, saved as safetensors", "in out", convert_notes, convert},
    {"config", "make, show or check a config file", "", "", nullptr},
    {"bench", "time and memory of training, phase by phase", "", "", bench},
    {"doctor", "processor, threads, memory, CUDA, folders, versions", "", "", doctor},
    {"completion", "what a shell needs to complete flags: bash, zsh or fish", "shell", completion_notes, completion},
    {"partition", "parts of a graph for several ranks", "", "", nullptr},
    {"plot", "curves and histograms", "", "", nullptr},
};

}  // namespace

std::span<const Command> commands() {
  return table;
}

}  // namespace gnn::apps
