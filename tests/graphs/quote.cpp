// SPDX-License-Identifier: Apache-2.0
#include <graphs/quote.hpp>

#include <doctest/doctest.h>

using gnn::graphs::quote_for_message;

TEST_CASE("quote_for_message: plain text and UTF-8 stay as they are") {
  CHECK(quote_for_message("") == "");
  CHECK(quote_for_message("12 abc") == "12 abc");
  CHECK(quote_for_message("\u00e9\u20ac\U0001f600") == "\u00e9\u20ac\U0001f600");
}

TEST_CASE("quote_for_message: control characters are escaped") {
  CHECK(quote_for_message("a\tb\n") == "a\\x09b\\x0a");
  CHECK(quote_for_message(std::string_view("\0\x1b[2J\x7f", 6)) == "\\x00\\x1b[2J\\x7f");
  CHECK(quote_for_message("\xc2\x9b") == "\\xc2\\x9b");  // U+009B starts a terminal command
}

TEST_CASE("quote_for_message: what is not UTF-8 is escaped") {
  CHECK(quote_for_message("\x80") == "\\x80");
  CHECK(quote_for_message("\xff") == "\\xff");
  CHECK(quote_for_message("\xe2\x82") == "\\xe2\\x82");                    // cut short
  CHECK(quote_for_message("\xc3(") == "\\xc3(");                           // no second byte
  CHECK(quote_for_message("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(quote_for_message("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(quote_for_message("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST_CASE("quote_for_message: long text is cut at 80 bytes, between characters") {
  CHECK(quote_for_message(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(quote_for_message(std::string(81, 'a')) == std::string(80, 'a') + "...");
  CHECK(quote_for_message(std::string(79, 'a') + "\u00e9") == std::string(79, 'a') + "...");
  CHECK(quote_for_message(std::string(79, 'a') + "\n") == std::string(79, 'a') + "...");
  CHECK(quote_for_message("abcdef", 3) == "abc...");
}
