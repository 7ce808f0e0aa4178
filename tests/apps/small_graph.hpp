// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <datasets/npy_writer.hpp>

#include "program.hpp"

/// A small graph in all the forms that users have it in, written by the tests.
namespace gnn::apps::test {

inline constexpr int num_people = 30;

/// A ring with chords, each edge once, the smaller end first.
inline std::vector<std::pair<int, int>> small_edges() {
  std::vector<std::pair<int, int>> edges;
  for (int i = 0; i < num_people; ++i) {
    for (const int step : {1, 7}) {
      const int j = (i + step) % num_people;
      edges.emplace_back(std::min(i, j), std::max(i, j));
    }
  }
  return edges;
}

/// "p07": sorted as the numbers are.
inline std::string person(int i) {
  return (i < 10 ? "p0" : "p") + std::to_string(i);
}

inline const char* group_of(int i) {
  constexpr const char* groups[] = {"red", "green", "blue"};
  return groups[i % 3];
}

/// One edge a line, the two ends with `between` between them.
inline std::string edge_lines(const std::string& between, bool names = false, int first = 0) {
  std::string text;
  for (const auto& [a, b] : small_edges()) {
    text += (names ? person(a) : std::to_string(a + first)) + between +
            (names ? person(b) : std::to_string(b + first)) + "\n";
  }
  return text;
}

/// Two features and a group for each node, by number or name.
inline std::string people(bool names) {
  std::string text = "id,age,height,group\n";
  for (int i = 0; i < num_people; ++i) {
    text += (names ? person(i) : std::to_string(i)) + "," + std::to_string(20 + i) + "," +
            std::to_string(i % 3) + ".5," + group_of(i) + "\n";
  }
  return text;
}

inline void write(const Program& program, const std::string& name, const std::string& bytes) {
  fs::create_directories((program.folder() / name).parent_path());
  std::ofstream(program.folder() / name, std::ios::binary) << bytes;
}

/// The options of the graph whose nodes are numbers, after writing its files.
inline std::vector<std::string> small_graph(const Program& program) {
  write(program, "follows.csv", edge_lines(","));
  write(program, "people.csv", people(false));
  return {"--edges",  "follows.csv", "--features",  "people.csv",
          "--labels", "people.csv",  "--label-col", "group"};
}

/// The same graph with names of nodes.
inline std::vector<std::string> named_graph(const Program& program) {
  write(program, "follows.tsv", edge_lines("\t", true));
  write(program, "people.csv", people(true));
  return {"--edges",    "follows.tsv", "--ids",      "string",      "--features",
          "people.csv", "--labels",    "people.csv", "--label-col", "group"};
}

/// A short training with these options of data, with `more` behind.
inline std::vector<std::string> train_on(const std::vector<std::string>& data,
                                         const std::vector<std::string>& more) {
  return joined(joined({"train", "--threads", "1", "--epochs", "5", "--progress", "never"}, data), more);
}

/// The arguments with an empty cache, whatever the machine has.
inline std::vector<std::string> no_cache(const std::vector<std::string>& arguments) {
  return joined(arguments, {"--cache-dir", "cache"});
}

/// A folder "typed" of papers, which have classes, and authors; neither has features.
inline void write_typed_set(const Program& program) {
  std::string links = "paper,author\n", labels = "node,class,split\n";
  for (int i = 0; i < 12; ++i) {
    links += std::to_string(i) + "," + std::to_string(i % 4) + "\n";
    labels += std::to_string(i) + "," + std::to_string(i % 2) +
              (i < 6   ? ",train\n"
               : i < 9 ? ",val\n"
                       : ",test\n");
  }
  write(program, "typed/paper-author.csv", links);
  write(program, "typed/paper-labels.csv", labels);
}

}  // namespace gnn::apps::test
