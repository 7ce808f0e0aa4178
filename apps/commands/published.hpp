// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace gnn::apps {

/// One row of the papers' tables: what to run, and what was published for it.
struct Published {
  std::string_view model, data;
  std::string_view form;      ///< what is special about the row: "MX", "inductive"
  std::string_view settings;  ///< beside model and data, as "preset=supergat/cora-sd inductive=on"
  int runs;
  std::string_view metric;    ///< acc, f1_micro or f1_macro
  std::string_view score;     ///< the published one, in percent; "-" where there is none
  std::string_view source;
};

/// All rows, in the order of the manual.
std::span<const Published> published_rows();

}  // namespace gnn::apps
