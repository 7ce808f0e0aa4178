// SPDX-License-Identifier: Apache-2.0
#include <apps/cli/options.hpp>

#include <algorithm>

namespace gnn::apps {
namespace {

constexpr double largest_int = std::numeric_limits<int>::max();  // what the library counts with

constexpr Limits positive{.low = 0, .low_open = true};
constexpr Limits not_negative{.low = 0};
constexpr Limits unit_interval{.low = 0, .high = 1};
constexpr Limits probability_to_drop{.low = 0, .high = 1, .high_open = true};
constexpr Limits count{.low = 1, .high = largest_int};
constexpr Limits count_or_zero{.low = 0, .high = largest_int};

constexpr bool by_preset = true;
constexpr std::string_view models = "gat|gatv2|supergat|latte|aero|dagnn|gcn|mlp";

// clang-format off
constexpr Option table[] = {
    {"data", Section::data, Kind::text, "", "NAME|FILE|DIR", {}, "a known data set, a file (.gnn, npz, JSON) or a folder of one set"},
    {"edges", Section::data, Kind::text, "", "FILE", {}, "or a graph of your own: its edges, in any of the forms of --format"},
    {"features", Section::data, Kind::text, "", "FILE|none", {}, "CSV, npy, npz, Matrix Market or svmlight, by id or by row; of typed edges TYPE=FILE,TYPE=FILE or the target's"},
    {"labels", Section::data, Kind::text, "", "FILE", {}, "classes of the nodes, CSV or npy"},
    {"split", Section::data, Kind::text, "", "WAY|FILE", {}, "public, random:20/30, ratio:0.6/0.2, kfold:5/0, graph:0.6/0.2, geom:0 or a file; public if there is one, else ratio", by_preset},
    {"split-per-run", Section::data, Kind::toggle, "off", "on|off", {}, "run r takes the r-th split after the one named, or its seed + r", by_preset},
    {"split-seed", Section::data, Kind::integer, "0", "N", not_negative, "seed of the splits that are drawn"},
    {"max-memory", Section::data, Kind::text, "", "SIZE", {}, "refuse what needs more, as 500M or 8G (default 80 % of what is free)"},
    {"target", Section::data, Kind::text, "", "TYPE", {}, "of a typed graph, the node type that is classified (default: the one with labels)"},
    {"merge-types", Section::data, Kind::flag, "off", "", {}, "a typed graph as one plain graph"},

    {"format", Section::own_graph, Kind::choice, "auto", "auto|csv|tsv|space|snap|mtx|metis|graphml|npy|npz", {}, "form of the edges; auto: by content"},
    {"delimiter", Section::own_graph, Kind::text, "auto", "auto|tab|space|C", {}, "between the fields of text"},
    {"header", Section::own_graph, Kind::choice, "auto", "auto|yes|no", {}, "whether the first line names the columns"},
    {"src", Section::own_graph, Kind::text, "", "COL", {}, "column of the source, by name or number from 1"},
    {"dst", Section::own_graph, Kind::text, "", "COL", {}, "column of the target"},
    {"weight", Section::own_graph, Kind::text, "", "COL", {}, "column of the edge's weight"},
    {"type", Section::own_graph, Kind::text, "", "COL", {}, "column of the edge's type"},
    {"ids", Section::own_graph, Kind::choice, "int", "int|string", {}, "nodes are numbers, or names that are numbered in sorted order"},
    {"index-base", Section::own_graph, Kind::choice, "auto", "auto|0|1", {}, "number of the first node; auto: 1 in Matrix Market and METIS, else 0"},
    {"isolated", Section::own_graph, Kind::choice, "error", "error|add", {}, "nodes of features and labels that have no edge"},
    {"num-nodes", Section::own_graph, Kind::integer, "0", "N", {.low = 0, .high = largest_int}, "number of nodes; 0: the largest number + 1"},
    {"relabel", Section::own_graph, Kind::flag, "off", "", {}, "keep only the numbers that occur, in ascending order"},
    {"directed", Section::own_graph, Kind::flag, "off", "", {}, "take edges as written, not in both directions"},
    {"undirected", Section::own_graph, Kind::flag, "off", "", {}, "take edges in both directions: the default"},
    {"duplicates", Section::own_graph, Kind::choice, "merge", "merge|keep|error", {}, "edges that occur more than once; merged weights add up"},
    {"id-col", Section::own_graph, Kind::text, "", "COL|none", {}, "column of the node in features and labels"},
    {"label-col", Section::own_graph, Kind::text, "", "COL", {}, "column of the label"},
    {"label-kind", Section::own_graph, Kind::choice, "auto", "auto|class|multi", {}, "one class a node, or any number of them"},

    {"model", Section::model, Kind::choice, "gat", models, {}, "the kind of network"},
    {"preset", Section::model, Kind::text, "", "NAME|none", {}, "published settings; the ones for this model and data, if known"},
    {"normalize", Section::model, Kind::choice, "none", "none|row|standard", {}, "row: a node's features sum to 1; standard: a column has mean 0, deviation 1", by_preset},
    {"self-loops", Section::model, Kind::choice, "add", "keep|add|remove|fill", {}, "an edge from every node to itself", by_preset},
    {"layers", Section::model, Kind::integer, "2", "N", {.low = 1, .high = 10000}, "number of layers", by_preset},
    {"hidden", Section::model, Kind::integers, "8", "N,N,...", count, "channels of a hidden layer and head", by_preset},
    {"heads", Section::model, Kind::integers, "8", "N,N,...", count, "heads of the hidden layers", by_preset},
    {"out-heads", Section::model, Kind::integer, "1", "N", count, "heads of the last layer", by_preset},
    {"dropout", Section::model, Kind::real, "0.6", "P", probability_to_drop, "dropped part of a layer's input", by_preset},
    {"attn-dropout", Section::model, Kind::real, "0.6", "P", probability_to_drop, "dropped part of the attention weights", by_preset},
    {"feature-dropout", Section::model, Kind::real, "0", "P", probability_to_drop, "dropped part of the projected rows", by_preset},
    {"negative-slope", Section::model, Kind::real, "0.2", "X", unit_interval, "slope of the leaky ReLU in the score", by_preset},
    {"residual", Section::model, Kind::choice, "none", "none|linear|identity", {}, "add a layer's input to its output", by_preset},
    {"residual-layers", Section::model, Kind::choice, "all", "all|inner", {}, "inner: not in the first and the last", by_preset},
    {"residual-bias", Section::model, Kind::toggle, "off", "on|off", {}, "a bias in a linear residual", by_preset},
    {"score-bias", Section::model, Kind::toggle, "off", "on|off", {}, "a bias in each half of the attention score", by_preset},
    {"mask-per-head", Section::model, Kind::toggle, "off", "on|off", {}, "draw the input dropout for each head apart", by_preset},
    {"share-weights", Section::model, Kind::toggle, "off", "on|off", {}, "gatv2: one projection for both ends of an edge", by_preset},
    {"projection-bias", Section::model, Kind::toggle, "off", "on|off", {}, "gatv2: a bias in each projection", by_preset},
    {"output-bias", Section::model, Kind::toggle, "on", "on|off", {}, "gatv2: a bias behind the sum", by_preset},
    {"attention", Section::model, Kind::choice, "auto", "auto|go|dp|sd|mx", {}, "supergat: form of the score; auto: by degree and homophily", by_preset},
    {"edge-loss", Section::model, Kind::real, "4", "L", not_negative, "supergat: factor of the loss of the edges", by_preset},
    {"neg-ratio", Section::model, Kind::real, "0.5", "X", not_negative, "supergat: edges drawn that are none, for each that counts", by_preset},
    {"edge-ratio", Section::model, Kind::real, "0.8", "X", {.low = 0, .high = 1, .low_open = true}, "supergat: share of the edges that count in the loss", by_preset},
    {"hops", Section::model, Kind::integer, "10", "K", count, "aero, dagnn: how far features travel", by_preset},
    {"decay", Section::model, Kind::real, "1", "L", positive, "aero: weight of a hop falls as log(L / hop + 1)", by_preset},
    {"mlp-layers", Section::model, Kind::integer, "2", "N", count, "aero: dense layers in front", by_preset},
    {"add-dropout", Section::model, Kind::toggle, "off", "on|off", {}, "aero: dropout before the classifier, too", by_preset},
    {"attention-mode", Section::model, Kind::choice, "sum", "sum|concat", {}, "aero: how an edge's ends meet in its score", by_preset},
    {"order", Section::model, Kind::integer, "2", "T", {.low = 1, .high = 3}, "latte: longest metapath, in relations", by_preset},
    {"variant", Section::model, Kind::choice, "2020", "2020|2021", {}, "latte: which of its authors' programs", by_preset},
    {"proximity", Section::model, Kind::real, "0", "L", not_negative, "latte: factor of the loss of the edges", by_preset},
    {"edge-negatives", Section::model, Kind::real, "5", "X", not_negative, "latte: edges drawn that are none, for each edge, in that loss", by_preset},
    {"join", Section::model, Kind::choice, "full", "full|sampled", {}, "latte: sampled: draw the edges of metapaths anew in each step", by_preset},
    {"inductive", Section::model, Kind::flag, "off", "", {}, "latte: train without the edges of validation and test nodes"},
    {"encoder", Section::model, Kind::integer, "0", "N", count_or_zero, "width of a dense layer in front of a stack; 0: none", by_preset},
    {"linear-head", Section::model, Kind::toggle, "off", "on|off", {}, "a dense map behind a stack", by_preset},
    {"init", Section::model, Kind::choice, "glorot", "glorot|authors", {}, "first weights", by_preset},

    {"optimizer", Section::optimizer, Kind::choice, "adam", "adam|adamw|sgd", {}, "how weights follow gradients", by_preset},
    {"lr", Section::optimizer, Kind::real, "0.005", "X", positive, "learning rate", by_preset},
    {"l2", Section::optimizer, Kind::real, "0.0005", "X", not_negative, "weight of the squared weights in the loss", by_preset},
    {"l2-conv", Section::optimizer, Kind::real, "", "X", not_negative, "the same for the weights of convolutions (default: as l2)", by_preset},
    {"weight-decay", Section::optimizer, Kind::real, "0", "X", not_negative, "adamw: share of a weight that a step takes, times the rate", by_preset},
    {"clip-norm", Section::optimizer, Kind::real, "0", "X", not_negative, "cut longer gradients to this length; 0: never", by_preset},
    {"schedule", Section::optimizer, Kind::choice, "none", "none|plateau|cosine", {}, "how the learning rate changes", by_preset},
    {"l2-bias", Section::optimizer, Kind::toggle, "on", "on|off", {}, "the same for biases", by_preset},

    {"epochs", Section::stopping, Kind::integer, "1000", "N", count, "train for at most N epochs", by_preset},
    {"monitor", Section::stopping, Kind::choice, "val-loss", "val-loss|val-acc|val-f1", {}, "decides which epoch's weights are kept", by_preset},
    {"stop", Section::stopping, Kind::choice, "patience", "gat|patience|window|relative|none", {}, "rule that ends training early", by_preset},
    {"patience", Section::stopping, Kind::integer, "100", "N", count, "epochs without progress before the stop", by_preset},
    {"stop-window", Section::stopping, Kind::integer, "100", "N", count, "epochs in the mean of --stop window and relative", by_preset},
    {"min-delta", Section::stopping, Kind::real, "0", "X", not_negative, "smallest change that counts as progress", by_preset},
    {"min-delta-acc", Section::stopping, Kind::real, "", "X", not_negative, "--stop relative: the same for the accuracy (default: as min-delta)", by_preset},
    {"ties", Section::stopping, Kind::choice, "first", "first|last", {}, "which of equally good epochs is kept", by_preset},
    {"restore", Section::stopping, Kind::choice, "best", "best|last", {}, "the weights that are tested and saved", by_preset},
    {"batch", Section::optimizer, Kind::integer, "1", "N", count, "graphs a step, for data of many graphs", by_preset},
    {"grid", Section::stopping, Kind::text, "", "KEY=A,B,...", {}, "try each value of that option, with --grid again each pair; one table at the end", false, 0, true},
    {"runs", Section::stopping, Kind::integer, "1", "N", count, "train N times, with seeds seed ... seed+N-1"},

    {"out", Section::output, Kind::text, "", "DIR", {}, "folder of the results (default runs/DATA-MODEL-N)"},
    {"force", Section::output, Kind::flag, "off", "", {}, "overwrite that folder"},
    {"resume", Section::output, Kind::text, "", "DIR", {}, "go on with the training in this folder"},
    {"save-every", Section::output, Kind::integer, "0", "N", count_or_zero, "write a checkpoint every N epochs; 0: best and last only"},
    {"dry-run", Section::output, Kind::flag, "off", "", {}, "print the memory estimate and stop"},
    {"log-every", Section::output, Kind::integer, "10", "N", count, "print a line every N epochs"},

    {"model", Section::saved_model, Kind::text, "", "DIR|FILE", {}, "a saved model: its file or the folder of its run"},

    {"out", Section::prediction, Kind::text, "-", "FILE|-", {}, "FILE.csv, FILE.json or FILE.npz; -: standard output"},
    {"nodes", Section::prediction, Kind::text, "", "FILE", {}, "only the nodes in the first column of this file, in its order"},
    {"probs", Section::prediction, Kind::flag, "off", "", {}, "write the probability of every class too"},

    {"layer", Section::embedding, Kind::integer, "-1", "N", {}, "hidden layer, from 1; negative from the end; 0: the logits"},
    {"out", Section::embedding, Kind::text, "-", "FILE|-", {}, "FILE.npz or FILE.tsv; -: standard output"},

    {"out", Section::explanation, Kind::text, "-", "FILE|-", {}, "FILE.csv; -: standard output"},
    {"node", Section::explanation, Kind::text, "", "ID", {}, "only the edges into this node"},
    {"top", Section::explanation, Kind::integer, "0", "N", count_or_zero, "the N heaviest edges into each node; 0: all"},
    {"head", Section::explanation, Kind::choice, "mean", "mean|all", {}, "one weight an edge, or one for each head"},

    {"model", Section::published, Kind::text, "", "MODEL", {}, "only this model"},
    {"data", Section::published, Kind::text, "", "NAME", {}, "only this data set"},
    {"runs", Section::published, Kind::integer, "0", "N", count_or_zero, "runs of each row; 0: as many as the row says"},
    {"markdown", Section::published, Kind::flag, "off", "", {}, "the table in Markdown"},

    {"self-loops", Section::graph_file, Kind::choice, "keep", "keep|add|remove|fill", {}, "edges from a node to itself"},
    {"out", Section::graph_file, Kind::text, "", "FILE.gnn", {}, "the graph file to write", false, 'o'},
    {"force", Section::graph_file, Kind::flag, "off", "", {}, "overwrite it"},

    {"self-loops", Section::plain, Kind::choice, "keep", "keep|add|remove|fill", {}, "edges from a node to itself"},

    {"out", Section::split_file, Kind::text, "-", "FILE|DIR|-", {}, "FILE.json or FILE.csv; for kfold:K a folder; -: standard output", false, 'o'},
    {"force", Section::split_file, Kind::flag, "off", "", {}, "overwrite what is there"},

    {"epochs", Section::bench, Kind::integer, "50", "N", count, "epochs in one measurement"},
    {"repeats", Section::bench, Kind::integer, "5", "N", count, "measurements; the median is reported"},
    {"ceilings", Section::bench, Kind::flag, "off", "", {}, "measure instead what the device can do at best"},
    {"boost", Section::bench, Kind::integer, "0", "N", count_or_zero, "measure instead Boost.Graph beside the library, on a random graph of N edges"},
    {"signature", Section::bench, Kind::flag, "off", "", {}, "print a number that changes when results change"},

    {"name", Section::known_set, Kind::text, "", "NAME", {}, "a known data set; verify without one: all in the cache"},

    {"in", Section::conversion, Kind::text, "", "FILE", {}, "a state dict, or a saved model"},
    {"out", Section::conversion, Kind::text, "", "FILE", {}, "the file to write"},
    {"to", Section::conversion, Kind::choice, "gnn", "gnn|pyg|dgl", {}, "whose weights to write"},
    {"attention", Section::conversion, Kind::choice, "mx", "mx|sd", {}, "form of a SuperGATConv, which its weights do not tell"},
    {"heads", Section::conversion, Kind::integers, "", "N,N,...", count, "of each layer of a SuperGATConv of form sd"},
    {"negative-slope", Section::conversion, Kind::real, "0.2", "X", unit_interval, "slope of the leaky ReLU in the score"},
    {"self-loops", Section::conversion, Kind::choice, "auto", "auto|keep|add|remove|fill", {}, "edges from a node to itself; auto: PyG adds them, DGL takes the graph as it is"},

    {"shell", Section::shell, Kind::choice, "bash", "bash|zsh|fish", {}, "the shell that completes"},

    {"from", Section::fetch, Kind::text, "", "DIR", {}, "copy the files from this folder instead of the network"},
    {"mirror", Section::fetch, Kind::text, "", "URL", {}, "an address to try before the known ones"},
    {"allow-unverified", Section::fetch, Kind::flag, "off", "", {}, "keep files whose SHA-256 is not known"},

    {"config", Section::global, Kind::text, "", "FILE", {}, "read settings from a TOML file; its keys are the flags"},
    {"device", Section::global, Kind::choice, "auto", "auto|cpu|cuda|cuda:N", {}, "where to compute"},
    {"precision", Section::global, Kind::choice, "fp32", "fp32|tf32", {}, "of dense products on a GPU"},
    {"threads", Section::global, Kind::integer, "0", "N", {.low = 0, .high = 4096}, "processor threads; 0: all"},
    {"seed", Section::global, Kind::integer, "0", "N", not_negative, "seed of every random number"},
    {"data-dir", Section::global, Kind::text, "", "DIR", {}, "folder of data sets in their original files"},
    {"cache-dir", Section::global, Kind::text, "", "DIR", {}, "folder of the cache (default ~/.cache/gnn)"},
    {"offline", Section::global, Kind::flag, "off", "", {}, "never use the network"},
    {"log", Section::global, Kind::choice, "text", "text|json", {}, "results as text, or one JSON object a line"},
    {"progress", Section::global, Kind::choice, "auto", "auto|never|lines", {}, "auto redraws one line on a terminal"},
    {"color", Section::global, Kind::choice, "auto", "auto|always|never", {}, "auto: on a terminal, unless NO_COLOR is set"},
    {"quiet", Section::global, Kind::flag, "off", "", {}, "print results and errors only", false, 'q'},
    {"verbose", Section::global, Kind::flag, "off", "", {}, "print more", false, 'v'},
};
// clang-format on

std::vector<Section> sections_of(std::string_view command) {
  using enum Section;
  if (command == "train") return {data, own_graph, model, optimizer, stopping, output, global};
  if (command == "eval") return {saved_model, data, own_graph, global};
  if (command == "predict") return {saved_model, data, own_graph, prediction, global};
  if (command == "embed") return {saved_model, data, own_graph, embedding, global};
  if (command == "explain") return {saved_model, data, own_graph, explanation, global};
  if (command == "reproduce") return {published, global};
  if (command == "bench") return {data, own_graph, model, optimizer, bench, global};
  if (command == "data info") return {data, own_graph, plain, global};
  if (command == "data import") return {data, own_graph, graph_file, global};
  if (command == "data split") return {data, own_graph, plain, split_file, global};
  if (command == "data fetch") return {known_set, fetch, global};
  if (command == "data verify") return {known_set, global};
  if (command == "convert") return {conversion, global};
  if (command == "completion") return {shell, global};
  if (command == "models show") return {model, global};
  return {global};
}

/// What one command asks about a saved model by a common word: taken for a slip elsewhere, as 'head' for 'heads'.
bool is_shared(const Option& option) {
  using enum Section;
  return option.section != embedding && option.section != explanation && option.section != conversion && option.section != shell;
}

}  // namespace

std::vector<const Option*> options_of(std::string_view command) {
  std::vector<const Option*> options;
  for (Section section : sections_of(command)) {
    for (const Option& option : table) {
      if (option.section == section) options.push_back(&option);
    }
  }
  return options;
}

const Option* find_option(std::span<const Option* const> options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : *found;
}

bool is_option(std::string_view name) {
  return std::ranges::any_of(table, [&](const Option& option) { return option.name == name && is_shared(option); });
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const Option& option : table) {
    if (is_shared(option)) names.push_back(option.name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string_view title(Section section) {
  switch (section) {
    case Section::data:
      return "Data";
    case Section::model:
      return "Model";
    case Section::optimizer:
      return "Optimizer";
    case Section::stopping:
      return "Epochs and stopping";
    case Section::output:
      return "Output";
    case Section::own_graph:
      return "Graph of your own";
    case Section::plain:
      return "Graph";
    case Section::graph_file:
    case Section::split_file:
      return "Output";
    case Section::saved_model:
      return "Model";
    case Section::prediction:
    case Section::embedding:
    case Section::explanation:
      return "Output";
    case Section::published:
      return "Rows";
    case Section::bench:
      return "Measurement";
    case Section::known_set:
      return "Data";
    case Section::fetch:
      return "Source";
    case Section::conversion:
      return "Weights";
    case Section::shell:
      return "Shell";
    case Section::global:
      return "Global";
  }
  return "";
}

std::vector<std::string_view> split_words(std::string_view words, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = words.find(separator);
    parts.push_back(words.substr(0, end));
    if (end == std::string_view::npos) return parts;
    words.remove_prefix(end + 1);
  }
}

}  // namespace gnn::apps
