#include "domain/search/filter.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

namespace slipway::search {
namespace {

constexpr Attribute kAttributes[] = {
    {"name", "name"}, {"created", "created", Type::Number}, {"Created", "created", Type::Number}};
constexpr Rules kRules{.attributes = kAttributes, .metrics = true, .parameters = true, .tags = true};

struct Example final : Row {
  std::map<std::string, double> numbers = {
      {"created", 100}, {"m:auc", 0.95}, {"m:a b", 1}, {"m:nan", std::numeric_limits<double>::quiet_NaN()}};
  std::map<std::string, std::string> texts = {
      {"name", "Fraud model"}, {"p:depth", "3"}, {"t:team", "risk"}, {"t:a.b", "x"}};

  static std::string key_of(const Field& field) {
    constexpr std::string_view kPrefix[] = {"", "m:", "p:", "t:"};
    return std::string(kPrefix[static_cast<int>(field.part)]) + field.key;
  }
  std::optional<double> number(const Field& field) const override {
    const auto found = numbers.find(key_of(field));
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::string_view> text(const Field& field) const override {
    const auto found = texts.find(key_of(field));
    return found == texts.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }
};

bool matches(std::string_view text) {
  const auto filter = Filter::parse(text, kRules);
  EXPECT_TRUE(filter.ok()) << text << ": " << (filter.ok() ? "" : filter.error().message);
  return filter.ok() && filter->matches(Example());
}

TEST(Filter, what_is_true_of_a_row_matches) {
  for (const std::string_view text : {"",
                                      "  ",
                                      "name = 'Fraud model'",
                                      "name != 'x'",
                                      "name LIKE 'Fraud%'",
                                      "name ilike 'fraud_MODEL'",
                                      "name IN ('a', 'Fraud model')",
                                      "name NOT IN ('a')",
                                      "attribute.name = \"Fraud model\"",
                                      "created >= 100 and created <= 1e2",
                                      "Created > -1",
                                      "metrics.auc > 0.9 AND params.depth = '3' AND tags.team LIKE 'r%k'",
                                      "metric.`a b` = 1",
                                      "metrics.\"a b\" < 2",
                                      "tags.a.b = 'x'",
                                      "tag.`a.b` = 'x'",
                                      "tags.none IS NULL",
                                      "tags.team IS NOT NULL",
                                      "metrics.auc!=0.5",
                                      "params.depth <> '4'"}) {
    EXPECT_TRUE(matches(text)) << text;
  }
}

TEST(Filter, what_is_false_or_not_there_does_not_match) {
  for (const std::string_view text :
       {"name = 'fraud model'", "name LIKE 'fraud%'", "name LIKE 'Fraud'", "created < 100",
        "metrics.auc > 0.9 AND tags.team = 'x'", "tags.none = 'x'", "tags.none != 'x'", "metrics.none != 1",
        "metrics.nan >= 0", "name NOT IN ('Fraud model')", "tags.team IS NULL"}) {
    EXPECT_FALSE(matches(text)) << text;
  }
}

TEST(Filter, what_is_not_of_the_language_is_refused_with_its_place) {
  for (const std::string_view text : {"name",
                                      "name =",
                                      "name = x",
                                      "name = 'x",
                                      "= 'x'",
                                      "name = 'x' OR name = 'y'",
                                      "(name = 'x')",
                                      "NOT name = 'x'",
                                      "name < 'x'",
                                      "created LIKE '1'",
                                      "created = '1'",
                                      "created = 1x",
                                      "nothing = 'x'",
                                      "metrics. = 1",
                                      "tags.x IN 'a'",
                                      "tags.x IN ('a'",
                                      "tags.x IN ()",
                                      "name = 'x' AND",
                                      "name = 'x' name = 'y'",
                                      "name IS 'x'",
                                      "metrics.auc > nan; DROP",
                                      "foo.x = 'y'"}) {
    const auto filter = Filter::parse(text, kRules);
    ASSERT_FALSE(filter.ok()) << text;
    EXPECT_EQ(filter.error().code, ErrorCode::InvalidInput);
    EXPECT_NE(filter.error().message.find("expected"), std::string::npos) << filter.error().message;
  }
}

TEST(Filter, the_limits_hold) {
  std::string text = "tags.a = '1'";
  for (int i = 0; i < 99; ++i) text += " AND tags.a = '1'";
  EXPECT_TRUE(Filter::parse(text, kRules).ok());
  EXPECT_FALSE(Filter::parse(text + " AND tags.a = '1'", kRules).ok());
  EXPECT_FALSE(Filter::parse("name = '" + std::string(40'000, 'x') + "'", kRules).ok());
  EXPECT_FALSE(Filter::parse("name = '\xff'", kRules).ok());
}

TEST(Filter, a_list_says_what_may_be_asked_of_it) {
  const Rules only_tags{.attributes = kAttributes, .metrics = false, .parameters = false, .tags = true};
  EXPECT_FALSE(Filter::parse("metrics.auc > 1", only_tags).ok());
  EXPECT_TRUE(Filter::parse("tags.auc = '1'", only_tags).ok());
}

TEST(Filter, patterns_match_as_in_sql) {
  struct Case {
    std::string_view text, pattern;
    bool expected;
  };
  for (const auto& [text, pattern, expected] : std::initializer_list<Case>{{"", "", true},
                                                                           {"", "%", true},
                                                                           {"a", "", false},
                                                                           {"abc", "a%c", true},
                                                                           {"abc", "a_c", true},
                                                                           {"abc", "_", false},
                                                                           {"aXbXc", "a%b%c", true},
                                                                           {"mississippi", "%iss%pi", true},
                                                                           {"mississippi", "%iss%pa", false},
                                                                           {"é", "_", true},
                                                                           {"é", "__", false},
                                                                           {"aéb", "%_b", true},
                                                                           {"aé", "a%_", true},
                                                                           {"50%", "50%", true}}) {
    EXPECT_EQ(is_like(text, pattern, false), expected) << text << " LIKE " << pattern;
  }
  EXPECT_FALSE(is_like(std::string(20'000, 'a'), std::string("%a%a%a%a%a%a%a%b"), false));
}

int compared(std::vector<std::string> items, const Row& a, const Row& b) {
  return Order::parse(items, kRules).value().compare(a, b);
}

TEST(Filter, of_several_texts_one_must_do_and_of_the_contrary_none) {
  struct Several final : Row {
    std::optional<double> number(const Field&) const override { return std::nullopt; }
    std::optional<std::string_view> text(const Field&) const override { return std::nullopt; }
    std::vector<std::string> texts(const Field& field) const override {
      return field.key == "alias" ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{};
    }
  };
  constexpr Attribute kSeveral[] = {{"alias", "alias", Type::Texts}, {"none", "none", Type::Texts}};
  const Rules rules{.attributes = kSeveral};
  const auto matches = [&](std::string_view text) { return Filter::parse(text, rules).value().matches(Several()); };
  for (const char* text :
       {"alias = 'b'", "alias != 'c'", "alias NOT IN ('c')", "alias LIKE 'B' AND none IS NULL", "alias IS NOT NULL"}) {
    EXPECT_EQ(matches(text), std::string_view(text).find("LIKE") == std::string_view::npos) << text;
  }
  for (const char* text : {"alias != 'b'", "alias NOT IN ('a', 'c')", "none != 'x'", "none IS NOT NULL"}) {
    EXPECT_FALSE(matches(text)) << text;
  }
}

TEST(Filter, a_tag_may_count_as_something_where_it_is_not) {
  constexpr std::pair<std::string_view, std::string_view> kOtherwise[] = {{"prompt", "false"}};
  const Rules rules{.attributes = kAttributes, .tags_otherwise = kOtherwise};
  EXPECT_TRUE(Filter::parse("tags.prompt != 'true'", rules).value().matches(Example()));
  EXPECT_FALSE(Filter::parse("tags.prompt = 'true'", rules).value().matches(Example()));
  EXPECT_FALSE(Filter::parse("tags.other != 'true'", rules).value().matches(Example()));
}

TEST(Order, rows_are_ordered_by_the_first_field_that_differs) {
  Example a, b;
  b.numbers["created"] = 200;
  b.texts["name"] = "A";
  EXPECT_LT(compared({"created"}, a, b), 0);
  EXPECT_GT(compared({"created DESC"}, a, b), 0);
  EXPECT_LT(compared({"metrics.auc", "name desc", "created"}, b, a) * -1, 0);
  EXPECT_EQ(compared({"metrics.auc ASC"}, a, b), 0);
}

TEST(Order, rows_without_the_field_come_last_either_way) {
  Example a, b;
  b.numbers.erase("m:auc");
  EXPECT_LT(compared({"metrics.auc"}, a, b), 0);
  EXPECT_LT(compared({"metrics.auc DESC"}, a, b), 0);
  EXPECT_GT(compared({"metrics.nan"}, b, a) + 1, 0);
}

TEST(Order, what_is_no_order_is_refused) {
  for (const std::string_view item : {"", "nothing", "created UP", "created ASC name", "metrics.auc,"}) {
    EXPECT_FALSE(Order::parse(std::vector<std::string>{std::string(item)}, kRules).ok()) << item;
  }
  EXPECT_FALSE(Order::parse(std::vector<std::string>(21, "name"), kRules).ok());
}

}  // namespace
}  // namespace slipway::search
