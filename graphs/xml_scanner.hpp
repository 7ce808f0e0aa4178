// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gnn::graphs {

/// Walks over the tags of an XML text and refuses what a reader of data needs not: document types (and with
/// them entities), depth over 64, control bytes, other encodings than UTF-8. All members throw Error(input):
/// "FILE:LINE:COLUMN: expected X, found 'Y'".
class XmlScanner {
 public:
  XmlScanner(std::string_view text, const std::string& file);

  /// Goes to the next tag. False: the text ends, with every element closed and one root.
  bool next();

  bool opens() const { return opens_; }    ///< `<name ...>` or `<name .../>`
  bool closes() const { return closes_; }  ///< `</name>` or `<name .../>`
  const std::string& name() const { return name_; }
  std::size_t depth() const {
    return open_.size();
  }  ///< of open elements, the one that this tag opens among them
  const std::vector<std::string>& open() const { return open_; }  ///< names, from the root on

  /// The attribute's value with its references resolved, or nullptr.
  const std::string* attribute(std::string_view name) const;
  const std::string& needed_attribute(std::string_view name) const;  ///< throws when it is missing

  std::size_t begin() const { return begin_; }  ///< byte of the tag's '<'
  std::size_t end() const { return at_; }       ///< byte behind its '>'

  std::string place(std::size_t at) const;                                    ///< "FILE:LINE:COLUMN"
  [[noreturn]] void refuse(std::size_t at, const std::string& wanted) const;  ///< found what stands there
  [[noreturn]] void refuse(std::size_t at, const std::string& wanted, const std::string& found) const;

 private:
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void pass(std::string_view end, const std::string& what);
  void read_text();
  void read_tag();
  void read_attributes();
  std::string read_name(const std::string& what);
  std::string resolved(std::size_t from, std::size_t to) const;
  std::size_t skip_blanks();

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, begin_ = 0;
  bool opens_ = false, closes_ = false, pop_ = false, has_root_ = false;
  std::string name_;
  std::vector<std::string> open_;
  std::vector<std::pair<std::string, std::string>> attributes_;
};

}  // namespace gnn::graphs
