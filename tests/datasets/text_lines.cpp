// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <datasets/error_text.hpp>
#include <datasets/formats/text_lines.hpp>
#include <datasets/formats/text_numbers.hpp>

using gnn::test::error_text;
using namespace gnn::datasets;
using namespace std::string_literals;

namespace {

/// The fields of all lines, "LINE: [COLUMN]TEXT [COLUMN]TEXT".
std::vector<std::string> all_fields(const std::string& text, char delimiter) {
  TextLines lines(text, "t.csv");
  std::vector<std::string> result;
  std::vector<Field> fields;
  while (lines.next()) {
    lines.split(delimiter, fields);
    std::string& line = result.emplace_back(std::to_string(lines.number()) + ":");
    for (const Field& field : fields)
      line += " [" + std::to_string(field.column) + "]" + std::string(field.text);
  }
  return result;
}

using Lines = std::vector<std::string>;

std::string refusal(const std::string& text) {
  return error_text([&] { all_fields(text, ','); });
}

}  // namespace

TEST_CASE("text lines: LF, CRLF, a mark, comments, blank lines and a missing last line feed change nothing") {
  const Lines expected = {"1: [1]1 [3]2", "2: [1]3 [3]4"};
  CHECK(all_fields("1,2\n3,4\n", ',') == expected);
  CHECK(all_fields("1,2\r\n3,4\r\n", ',') == expected);
  CHECK(all_fields("1,2\n3,4", ',') == expected);
  CHECK(all_fields("\xEF\xBB\xBF"
                   "1,2\n3,4\n",
                   ',') == expected);
  CHECK(all_fields("# a\n\n1,2\n  % b\n3,4\n \n", ',') == Lines{"3: [1]1 [3]2", "5: [1]3 [3]4"});
}

TEST_CASE("text lines: fields keep their column, lose blanks and may be quoted") {
  CHECK(all_fields(" a , b,,c ,", ',') == Lines{"1: [2]a [6]b [8] [9]c [12]"});
  CHECK(all_fields("  a  b\t c ", ' ') == Lines{"1: [3]a [6]b [9]c"});
  CHECK(all_fields("\ta\t\tb c", '\t') == Lines{"1: [1] [2]a [4] [5]b c"});
  CHECK(all_fields(R"("a,b" ,"c""d","")", ',') == Lines{R"(1: [1]a,b [8]c"d [15])"});
  CHECK(all_fields(R"("a b" c)", ' ') == Lines{"1: [1]a b [7]c"});
}

TEST_CASE("text lines: what is no such text is refused with its place") {
  CHECK(refusal("\xFF\xFE"
                "1\0,\0"s) == "3 t.csv:1:1: expected UTF-8 text, found UTF-16");
  CHECK(refusal("\xFE\xFF\0"s) == "3 t.csv:1:1: expected UTF-8 text, found UTF-16");
  CHECK(refusal("1,2\n3,\0\n"s) == "3 t.csv:2:3: expected text, found a NUL byte (\\x00)");
  CHECK(refusal("1\r2\r") ==
        "3 t.csv:1:2: expected lines that end with LF or CRLF, found a lone carriage return (\\x0d)");
  CHECK(refusal("1\n\"2,3\n") == "3 t.csv:2:1: expected a closing quotation mark, found the end of the line");
  CHECK(refusal("\"2\"3,4\n") ==
        "3 t.csv:1:4: expected a delimiter after the closing quotation mark, found '3,4'");
  CHECK(refusal(std::string(65536, 'x')) == "no error");
  CHECK(refusal("\n" + std::string(65537, 'x')) ==
        "3 t.csv:2:65537: expected a line of at most 65536 bytes, found 65537 bytes");
}

TEST_CASE("text lines: the delimiter is told from a line") {
  CHECK(detect_delimiter("a b,c\td", false) == '\t');
  CHECK(detect_delimiter("a b,c;d", true) == ',');
  CHECK(detect_delimiter("a b;c", true) == ';');
  CHECK(detect_delimiter("a b;c", false) == ' ');
  CHECK(detect_delimiter("  a;c  ", false) == ',');
  CHECK(detect_delimiter("\"a,b\" c", false) == ' ');
  CHECK(detect_delimiter("\"a b\"", false) == ',');
}

TEST_CASE("text numbers: floats are decimal, rounded when tiny and refused when huge") {
  const auto kind = [](const char* text) {
    float value = -7;
    return decimal_to_float(text, value);
  };
  const auto value = [](const char* text) {
    float result = -7;
    REQUIRE(decimal_to_float(text, result) == NumberKind::finite);
    return result;
  };
  CHECK(value("-1.5e2") == -150);
  CHECK(value("+.5") == 0.5f);
  CHECK(value("1e-50") == 0);
  CHECK(value("1e-400") == 0);
  CHECK(value(("0." + std::string(400, '0') + "1").c_str()) == 0);
  CHECK(value("1e-40") == 1e-40f);
  CHECK(value("3.4028235e38") == 3.4028235e38f);
  for (const char* text : {"3.5e38", "1e39", "-1e400", "1e99999999999999999999"}) {
    CHECK(kind(text) == NumberKind::too_large);
  }
  CHECK(kind(("00" + std::string(400, '9')).c_str()) == NumberKind::too_large);
  for (const char* text : {"nan", "inf", "-Infinity"}) CHECK(kind(text) == NumberKind::not_finite);
  for (const char* text : {"", "abc", "1x", "0x10", "1,5", "--1", "+-1", "1e", " 1",
                           "\xE2\x88\x92"
                           "1"}) {
    CHECK(kind(text) == NumberKind::no_number);
  }
}

TEST_CASE("text numbers: integers are digits that fit 64 bits") {
  CHECK(decimal_to_integer("007") == 7);
  CHECK(decimal_to_integer("-1") == -1);
  for (const char* text : {"", "1.0", "+1", "9223372036854775808", "0x1", "1 "}) {
    CHECK(decimal_to_integer(text) == std::nullopt);
  }
}
