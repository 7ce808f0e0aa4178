// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <datasets/formats/tables.hpp>
#include <graphs/error.hpp>
#include <graphs/quote.hpp>

/// What reading a plain and a typed graph of one's own have in common.
namespace gnn::apps {

/// "data/follows.tsv.gz" is called "follows".
inline std::string name_of(const std::filesystem::path& file) {
  std::filesystem::path stem = file.filename();
  if (stem.extension() == ".gz") stem = stem.stem();
  return stem.stem().string();
}

/// work(), whose errors are those of the edges as a whole, which have no lines any more: they get the file's name.
template <class Work>
auto naming(const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.kind(), graphs::quote_for_message(file, 2000) + ": " + error.what(), error.hint());
  }
}

inline void append(std::vector<std::string>& notes, std::vector<std::string> more) {
  for (std::string& note : more) notes.push_back(std::move(note));
}

/// The labels of a data set, plain or typed, become these, with their notes.
template <class Data>
void take_labels(datasets::Labels labels, Data& data) {
  data.labels = std::move(labels.labels);
  data.targets = std::move(labels.targets);
  data.num_classes = labels.num_classes;
  data.class_names = std::move(labels.class_names);
  append(data.notes, std::move(labels.notes));
}

}  // namespace gnn::apps
