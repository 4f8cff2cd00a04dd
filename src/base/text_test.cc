#include "base/text.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, accepts_every_length_up_to_the_last_code_point) {
  for (const std::string_view text :
       {""sv, "a"sv, "\0"sv, "é"sv, "日本"sv, "🙂"sv, "\xF4\x8F\xBF\xBF"sv, "\xED\x9F\xBF"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, refuses_what_has_a_second_spelling_or_none) {
  const std::string_view rows[] = {
      "\x80",              // a continuation alone
      "\xC0\x80",          // overlong NUL
      "\xC1\xBF",          // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // above U+10FFFF
      "\xF5\x80\x80\x80",  // no such lead
      "\xFF",
      "\xC3",
      "\xE2\x82",
      "\xF0\x9F\x99",
      "a\xC3(",
  };
  for (const std::string_view text : rows) EXPECT_FALSE(is_valid_utf8(text)) << printable(text);
}

TEST(ControlCharacters, are_c0_del_and_c1_and_nothing_else) {
  for (const std::string_view text : {"\0"sv, "a\x1F"sv, "\x7F"sv, "\xC2\x80"sv, "\xC2\x9F"sv, "\n"sv}) {
    EXPECT_TRUE(has_control_characters(text)) << printable(text);
  }
  for (const std::string_view text : {""sv, " ~"sv, "\xC2\xA0"sv, "é"sv, "🙂"sv}) {
    EXPECT_FALSE(has_control_characters(text)) << text;
  }
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, escapes_what_json_forbids_and_keeps_the_rest) {
  EXPECT_EQ(json("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json("\n\t\r\x01\x7F"), R"("\n\t\r\u0001\u007f")");
  EXPECT_EQ(json("é🙂/"), "\"é🙂/\"");
  EXPECT_EQ(json("\0"sv), R"("\u0000")");
}

TEST(JsonString, replaces_what_is_no_text) {
  EXPECT_EQ(json("a\xFF\xC3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Printable, shows_bytes_that_do_not_print) {
  EXPECT_EQ(printable("a\n\xFF\xC2\x85é"), "a\\x0a\\xff\\xc2\\x85é");
}

TEST(Printable, is_cut_at_a_character_not_inside_one) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("aé🙂b", 2), "aé...");
}

}  // namespace
}  // namespace slipway
