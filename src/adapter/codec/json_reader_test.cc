#include "adapter/codec/json_reader.h"

#include <gtest/gtest.h>

namespace slipway::codec {
namespace {

// "" when the whole text is one JSON value, else the error.
std::string refusal(std::string_view text) {
  Arena arena;
  JsonReader reader(text, arena);
  reader.skip();
  reader.finish();
  return reader.failed() ? reader.error().message : "";
}
std::string read_string(std::string_view text) {
  Arena arena;
  JsonReader reader(text, arena);
  const auto read = reader.string();
  return read ? std::string(*read) : "error: " + reader.error().message;
}

TEST(JsonReader, accepts_what_json_is) {
  for (const std::string_view text :
       {"{}", "[]", "null", "true", "false", "-1.5e3", "\"x\"", " [ 1 , {\"a\" : [ ] , \"b\":null} ] \n",
        "[NaN,-Infinity]", "\xEF\xBB\xBF{}", "{\"a\":1,\"a\":2}", "[[[[[[[[]]]]]]]]", "\"\\u00e4\\ud83d\\ude00\\/\""}) {
    EXPECT_EQ(refusal(text), "") << text;
  }
}

TEST(JsonReader, refuses_what_json_is_not_and_tells_where) {
  struct Row {
    std::string_view text, error;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"", "expected a JSON value, found the end of the text at $, byte 0"},
           {"{\"a\":[1,2,}", "expected a JSON value, found '}' at $.a[2], byte 10"},
           {"{\"a\":1,}", "expected a key in quotes, found '}' at $, byte 7"},
           {"{\"a\" 1}", "expected ':' at $.a, byte 5"},
           {"{a:1}", "expected a key in quotes, found 'a' at $, byte 1"},
           {"[1 2]", "expected ',' or ']' at $[0], byte 3"},
           {"[,1]", "expected a JSON value, found ',' at $[0], byte 1"},
           {"{\"a\":1", "expected ',' or '}' at $.a, byte 6"},
           {"[1] x", "expected the end of the text after the JSON value, found more at $, byte 4"},
           {"[tru]", "expected a JSON value at $[0], byte 1"},
           {"[01]", "expected a number as JSON writes it at $[0], byte 1"},
           {"\"abc", "expected a closing quote, found the end of the text at $, byte 0"},
           {"{\"a b\":{\"c\":[{},[\"x\\q\"]]}}",
            "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u, found another escape at $[\"a b\"].c[1][0], byte "
            "19"},
           {"\"\\ud800\"", "expected a pair of surrogates, found one alone at $, byte 1"},
           {"\"\\u12x4\"", "expected four hexadecimal digits after \\u at $, byte 1"},
           {"\"\xC0\x80\"", "expected UTF-8, found other bytes in a string at $, byte 0"},
       }) {
    EXPECT_EQ(refusal(row.text), row.error);
  }
  EXPECT_NE(refusal(std::string_view("\"a\0b\"", 5)), "");
}

TEST(JsonReader, bounds_depth_in_values_nobody_reads_too) {
  const std::string fits = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(refusal(fits), "");
  EXPECT_NE(refusal("[" + fits + "]").find("at most 64 levels"), std::string::npos);
  EXPECT_NE(refusal(std::string(1'000'000, '[')).find("at most 64 levels"), std::string::npos);
}

TEST(JsonReader, a_path_of_any_length_is_told_in_a_few_words) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "{\"a long key that leads " + std::to_string(i) + "\":";
  const std::string error = refusal(text + "x");
  EXPECT_LT(error.size(), 500U);
  EXPECT_NE(error.find("expected a JSON value, found 'x' at $[\"a long key that leads 0\"]"), std::string::npos);
  EXPECT_NE(error.find("[\"a long key that leads 59\"], byte"), std::string::npos);
}

TEST(JsonReader, reads_strings_with_every_escape) {
  EXPECT_EQ(read_string("\"plain\""), "plain");
  EXPECT_EQ(read_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(read_string(R"("a long text before it \u00e4\u20ac\ud83d\ude00 and behind")"),
            "a long text before it \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 and behind");
  EXPECT_EQ(read_string(R"("a\u0000b")"), std::string("a\0b", 3));
  EXPECT_EQ(read_string("\"\xC3\xA4 is fine\""), "\xC3\xA4 is fine");
}

TEST(JsonReader, says_which_kind_it_found_instead) {
  Arena arena;
  JsonReader reader("{\"a\":[17]}", arena);
  ASSERT_TRUE(reader.enter_object());
  ASSERT_EQ(reader.next_key(), "a");
  ASSERT_TRUE(reader.enter_array());
  ASSERT_TRUE(reader.next_element());
  EXPECT_FALSE(reader.string());
  EXPECT_EQ(reader.error().message, "expected a string, found the number 17 at $.a[0], byte 6");
  EXPECT_FALSE(reader.next_element());
  EXPECT_FALSE(reader.enter_object());
}

}  // namespace
}  // namespace slipway::codec
