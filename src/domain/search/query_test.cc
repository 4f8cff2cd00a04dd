#include "domain/search/query.h"

#include <gtest/gtest.h>

#include "domain/search/registry_fields.h"

namespace slipway::search {
namespace {

Query query_of(const Asked& asked) {
  return parse_query("versions", asked, kVersionRules, kVersionRules).value();
}
const Asked kAsked{"tags.team = 'risk'", {"metrics.auc DESC", "stage"}, "", 10};

TEST(Query, a_token_stands_for_its_position) {
  const Query query = query_of(kAsked);
  for (const Value& metric : {Value(), Value(0.1), Value(-0.0)}) {
    const Position position{{metric, Value(std::string("vä.l"))}, "a.b é", 7};
    Asked next = kAsked;
    next.page_token = token_of(position, query).value();
    EXPECT_EQ(query_of(next).after, position) << next.page_token;
  }
}

TEST(Query, a_token_of_another_search_is_refused) {
  const Position position{{Value(), Value()}, "a", 7};
  const std::string token = token_of(position, query_of(kAsked)).value();
  Asked other_filter = kAsked, other_order = kAsked;
  other_filter.filter = "tags.team = 'x'";
  other_order.order_by = {"metrics.auc", "stage"};
  for (Asked asked : {other_filter, other_order}) {
    asked.page_token = token;
    const auto refused = parse_query("versions", asked, kVersionRules, kVersionRules);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("page_token: expected one that this server gave"), std::string::npos);
  }
  Asked same = kAsked;
  same.page_token = token;
  EXPECT_FALSE(parse_query("models", same, kVersionRules, kVersionRules).ok());
}

TEST(Query, a_token_that_was_touched_is_refused) {
  const std::string token = token_of({{Value(1.5), Value(std::string("x"))}, "a", 7}, query_of(kAsked)).value();
  for (std::size_t i = 0; i < token.size(); ++i) {
    Asked asked = kAsked;
    asked.page_token = token.substr(0, i) + "!" + token.substr(i + 1);
    EXPECT_FALSE(parse_query("versions", asked, kVersionRules, kVersionRules).ok()) << asked.page_token;
  }
  for (const std::string& wrong : {token + ".", token.substr(0, token.size() - 2), std::string(100'000, '.')}) {
    Asked asked = kAsked;
    asked.page_token = wrong;
    EXPECT_FALSE(parse_query("versions", asked, kVersionRules, kVersionRules).ok());
  }
}

TEST(Query, a_text_too_long_for_a_token_is_refused) {
  const Position position{{Value(), Value(std::string(2'000, 'x'))}, "a", 7};
  const auto token = token_of(position, query_of(kAsked));
  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.error().code, ErrorCode::InvalidInput);
}

TEST(Query, a_field_of_several_texts_orders_nothing) {
  const auto refused = parse_query("versions", {"", {"alias"}, "", 1}, kVersionRules, kVersionRules);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("expected a field of which each has one"), std::string::npos);
}

TEST(Query, positions_are_ordered_as_the_rows_are) {
  const Order order = query_of(kAsked).order;
  const auto at = [](Value metric, std::string name, std::uint64_t number) {
    return Position{{std::move(metric), Value(std::string("validated"))}, std::move(name), number};
  };
  EXPECT_LT(compare(order, at(Value(2.0), "b", 1), at(Value(1.0), "a", 1)), 0);
  EXPECT_LT(compare(order, at(Value(1.0), "b", 1), at(Value(), "a", 1)), 0);
  EXPECT_LT(compare(order, at(Value(1.0), "a", 2), at(Value(1.0), "b", 1)), 0);
  EXPECT_GT(compare(order, at(Value(1.0), "a", 11), at(Value(1.0), "a", 2)), 0);
  EXPECT_EQ(compare(order, at(Value(1.0), "a", 2), at(Value(1.0), "a", 2)), 0);
}

}  // namespace
}  // namespace slipway::search
