#include "domain/access/name_pattern.h"

#include <gtest/gtest.h>

namespace slipway::access {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  return NamePattern::parse(pattern).value().matches(name);
}

TEST(NamePattern, a_star_stands_for_any_characters_and_nothing_else_does) {
  struct Row {
    const char* pattern;
    const char* name;
    bool expected;
  };
  const Row rows[] = {
      {"fraud", "fraud", true},
      {"fraud", "fraud2", false},
      {"fraud", "Fraud", false},
      {"fraud", "", false},
      {"*", "", true},
      {"*", "anything at all", true},
      {"team-a-*", "team-a-", true},
      {"team-a-*", "team-a-x", true},
      {"team-a-*", "team-b-x", false},
      {"team-a-*", "team-a", false},
      {"*-prod", "x-prod", true},
      {"*-prod", "x-prod-", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "axbybc", true},
      {"a*b*c", "axbyb", false},
      {"a?c", "abc", false},
      {"a.c", "abc", false},
      {"[a]", "a", false},
      {"*ab", "aab", true},
      {"*aab", "aaab", true},
      {"**", "x", true},
      {"日*", "日本語", true},
  };
  for (const Row& row : rows) EXPECT_EQ(matches(row.pattern, row.name), row.expected) << row.pattern << " " << row.name;
}

TEST(NamePattern, the_worst_pattern_costs_little) {
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*b", std::string(255, 'a')));
}

TEST(NamePattern, what_no_name_can_be_is_no_pattern) {
  for (const std::string& text : {std::string(), std::string("a/b"), std::string("a:1"), std::string("a\n"),
                                  std::string("\xFF"), std::string(256, 'a'), std::string(9, '*')}) {
    EXPECT_FALSE(NamePattern::parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace slipway::access
