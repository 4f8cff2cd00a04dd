#include "domain/model/name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::model {
namespace {

using ::testing::HasSubstr;
using namespace std::string_view_literals;

std::string times(std::size_t count, std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(ModelName, is_1_to_255_characters_of_any_script) {
  for (const std::string& text : {std::string("a"), std::string("Fraud detection v2.1"), std::string("日本語"),
                                  std::string("a@b"), std::string(".."), std::string("%2e"), times(255, "é")}) {
    const auto name = ModelName::parse(text);
    ASSERT_TRUE(name.ok()) << text << ": " << name.error().message;
    EXPECT_EQ(name->text(), text);
  }
}

struct Refusal {
  std::string text;
  const char* rule;
};

TEST(ModelName, refuses_by_the_rule_that_is_broken) {
  const Refusal rows[] = {
      {"", "1 to 255 characters"},
      {times(256, "é"), "1 to 255 characters"},
      {"a/b", "characters other than /:"},
      {"a:1", "characters other than /:"},
      {std::string("a\0b"sv), "characters that print"},
      {"a\nb", "characters that print"},
      {"\xC2\x85", "characters that print"},
      {"\xC0\xAE", "valid UTF-8"},  // overlong "."
      {"\xFF", "valid UTF-8"},
  };
  for (const Refusal& row : rows) {
    const auto name = ModelName::parse(row.text);
    ASSERT_FALSE(name.ok()) << row.rule;
    EXPECT_EQ(name.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(name.error().message, HasSubstr(row.rule));
  }
}

TEST(Alias, is_a_short_name_that_is_neither_number_nor_reference) {
  for (const char* text : {"production", "champion", "v2", "2nd", "größe"})
    EXPECT_TRUE(Alias::parse(text).ok()) << text;
  for (const std::string& text : {std::string(), std::string("12"), std::string("a@b"), std::string("a:b"),
                                  std::string("a/b"), times(65, "a"), std::string("a\tb")}) {
    EXPECT_FALSE(Alias::parse(text).ok()) << text;
  }
}

TEST(Environment, is_a_label) {
  for (const std::string& text : {std::string("production"), std::string("eu-west_2"), times(63, "a")}) {
    EXPECT_EQ(parse_environment(text).value(), text);
  }
  for (const std::string& text : {std::string(), std::string("Prod"), std::string("a b"), times(64, "a")}) {
    EXPECT_FALSE(parse_environment(text).ok()) << text;
  }
}

TEST(Version, is_a_plain_number_from_one) {
  EXPECT_EQ(parse_version("1"), 1U);
  EXPECT_EQ(parse_version("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "0", "01", "+1", "-1", "1.0", "1 ", " 1", "0x1", "18446744073709551616", "latest"}) {
    EXPECT_EQ(parse_version(text), std::nullopt) << text;
  }
}

std::string split(std::string_view text, std::string_view model = {}) {
  const auto parsed = parse_reference(text, [&](const ModelName& name) { return name.text() == model; });
  if (!parsed.ok()) return std::string(name_of(parsed.error().code));
  std::string result = "[" + parsed->name.text() + "]";
  if (const auto* number = std::get_if<VersionNumber>(&parsed->which)) result += " number " + std::to_string(*number);
  if (const auto* alias = std::get_if<Alias>(&parsed->which)) result += " alias " + alias->text();
  return result;
}

TEST(Reference, is_split_at_the_last_mark) {
  EXPECT_EQ(split("fraud"), "[fraud]");
  EXPECT_EQ(split("fraud:3"), "[fraud] number 3");
  EXPECT_EQ(split("fraud@champion"), "[fraud] alias champion");
  EXPECT_EQ(split("team@fraud:3"), "[team@fraud] number 3");
  EXPECT_EQ(split("team@fraud@champion"), "[team@fraud] alias champion");
}

TEST(Reference, is_a_name_as_a_whole_where_such_a_model_exists) {
  EXPECT_EQ(split("team@fraud", "team@fraud"), "[team@fraud]");
  EXPECT_EQ(split("team@fraud", "other"), "[team] alias fraud");
}

TEST(Reference, refuses_what_names_nothing) {
  for (const char* text :
       {"", ":3", "@champion", "fraud:", "fraud:0", "fraud:latest", "fraud@", "fraud@3", "a/b", "a:1:2"}) {
    EXPECT_EQ(split(text), "InvalidInput") << text;
  }
}

}  // namespace
}  // namespace slipway::model
