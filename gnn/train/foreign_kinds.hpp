// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gnn/train/foreign.hpp>

/// The layers of other frameworks by the names of their tensors: the table of foreign.hpp in a form for programs.
namespace gnn::inline GNN_PRECISION {

/// Which of our matrices a name of theirs is, and its shape there.
struct ForeignName {
  const char* theirs;
  const char* ours;
  enum Shape { projection, wide_bias, vectors, bias } shape;
  bool optional = false;
};

/// One kind of layer of one framework. The first name is the one that tells it from the others.
struct ForeignKind {
  const char* model;
  Framework framework;
  const char* title;
  std::vector<ForeignName> names;
};

const std::vector<ForeignKind>& foreign_kinds();

/// SuperGATConv whose attention is a scaled product alone.
const ForeignKind& foreign_supergat_sd();

/// rows x cols numbers as cols x rows.
std::vector<float> transposed(const std::vector<float>& values, std::size_t rows, std::size_t cols);

/// Collects what is wrong with a file, to say it at once.
class Faults {
 public:
  void add(const std::string& text) { text_ += (text_.empty() ? "" : "; ") + text; }
  /// Throws Error(input) with all of it, if there is any.
  void raise(const std::string& where) const;

 private:
  std::string text_;
};

}  // namespace gnn::inline GNN_PRECISION
