// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/form.hpp>

#include <filesystem>
#include <span>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>
#include <graphs/file.hpp>

namespace gnn::apps {

std::string form_of_output(const Settings& settings, std::initializer_list<const char*> known) {
  const std::string& out = settings.text("out");
  if (out == "-") return out;
  const std::string extension = std::filesystem::path(out).extension().string();
  std::string list;
  for (const char* ending : known) {
    if (extension == ending) return ending;
    list += list.empty() ? "FILE" : ", FILE";
    list += ending;
  }
  fail(ErrorKind::usage, settings.where("out"), ": expected ", list, " or -, found ", datasets::in_quotes(out));
}

void write_text(const std::string& path, const std::string& text) {
  graphs::write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace gnn::apps
