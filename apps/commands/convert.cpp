// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <apps/commands/command.hpp>
#include <apps/commands/report.hpp>
#include <gnn/train/checkpoint.hpp>
#include <gnn/train/foreign.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {
namespace {

std::vector<std::byte> to_ours(const std::string& path, const Settings& settings) {
  const graphs::MappedFile file(path);
  ForeignOptions options{.attention = settings.text("attention"),
                         .negative_slope = settings.real("negative-slope")};
  if (settings.has("heads")) {
    const std::vector<int> heads = settings.list("heads");
    options.heads.assign(heads.begin(), heads.end());
  }
  if (settings.text("self-loops") != "auto")
    options.self_loops = parse_self_loops(settings.text("self-loops"));
  Context ctx({}, 1);
  const ForeignModel read = model_from_foreign(ctx, read_safetensors(file.bytes(), path), path, options);
  return model_checkpoint(read.model, read.card);
}

std::vector<std::byte> to_theirs(const std::string& path, Framework framework) {
  Context ctx({}, 1);
  const SavedModel saved = load_model(ctx, path);
  return write_safetensors(model_to_foreign(saved.model, framework).file);
}

}  // namespace

int convert(Settings& settings, Output& output) {
  for (const char* name : {"in", "out"}) {
    if (!settings.has(name))
      fail(ErrorKind::usage, "convert: expected two files, the one to read and the one to write");
  }
  const std::string &in = settings.text("in"), &out = settings.text("out"), &to = settings.text("to");
  const std::vector<std::byte> bytes =
      to == "gnn" ? to_ours(in, settings) : to_theirs(in, to == "pyg" ? Framework::pyg : Framework::dgl);
  graphs::write_file_atomically(out, bytes);
  output.note(fmt::format("{} bytes written to {}", grouped(std::int64_t(bytes.size())), out));
  output.event(Event("convert").add("in", in).add("out", out).add("to", to));
  return 0;
}

}  // namespace gnn::apps
