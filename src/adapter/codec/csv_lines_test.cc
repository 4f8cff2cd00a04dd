#include "adapter/codec/csv_lines.h"

#include <gtest/gtest.h>

namespace slipway::codec {
namespace {

std::vector<std::vector<std::string>> lines_of(std::string_view text) {
  Arena arena;
  CsvLines lines(text, arena);
  std::vector<std::vector<std::string>> all;
  std::vector<std::string_view> cells;
  while (*lines.next(cells)) all.emplace_back(cells.begin(), cells.end());
  return all;
}

using Lines = std::vector<std::vector<std::string>>;

TEST(CsvLines, cells_are_read_as_rfc_4180_quotes_them) {
  EXPECT_EQ(lines_of("a,b\r\n1,\"x, \"\"y\"\"\"\n"), (Lines{{"a", "b"}, {"1", "x, \"y\""}}));
  EXPECT_EQ(lines_of("a,\n,b"), (Lines{{"a", ""}, {"", "b"}}));
  EXPECT_EQ(lines_of("\"two\nlines\",b"), (Lines{{"two\nlines", "b"}}));
}

TEST(CsvLines, empty_lines_and_a_byte_order_mark_are_passed_over) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                     "a\n\n\nb\n\n"),
            (Lines{{"a"}, {"b"}}));
  EXPECT_EQ(lines_of(""), Lines{});
}

TEST(CsvLines, a_quote_that_never_ends_and_text_after_one_are_refused_with_the_line) {
  Arena arena;
  std::vector<std::string_view> cells;
  CsvLines open("a\n\"b", arena);
  EXPECT_TRUE(*open.next(cells));
  EXPECT_EQ(open.next(cells).error().message, "line 2: expected a closing quote, found the end of the text");
  CsvLines after("\"a\"b", arena);
  EXPECT_EQ(after.next(cells).error().message, "line 1: expected ',' after a closing quote, found \"b\"");
}

}  // namespace
}  // namespace slipway::codec
