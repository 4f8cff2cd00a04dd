// Searches of callers who are limited to some models.
#include <gtest/gtest.h>

#include "domain/access/scope.h"
#include "house.h"

namespace slipway::registry_scenarios {
namespace {

class SearchWithin : public House {
 protected:
  static access::Scope scope(std::string_view pattern) {
    return {.models = {access::NamePattern::parse(pattern).value()}, .permissions = {}, .environments = {}};
  }
  static search::Query first_page(std::size_t limit) {
    return {.filter = {}, .order = {}, .after = {}, .limit = limit};
  }
};

TEST_F(SearchWithin, finds_the_models_it_covers_page_by_page) {
  for (const char* model : {"team-a", "team-b", "team-c"}) pushed("x", model);
  const access::Scope a_and_c{
      .models = {access::NamePattern::parse("team-a").value(), access::NamePattern::parse("team-c").value()},
      .permissions = {},
      .environments = {}};
  search::Query query = first_page(1);
  const auto first = registry->search_models(query, &a_and_c).value();
  ASSERT_TRUE(first.next);
  EXPECT_EQ(first.rows.at(0).record.name.text(), "team-a");
  query.after = first.next;
  const auto second = registry->search_models(query, &a_and_c).value();
  EXPECT_EQ(second.rows.at(0).record.name.text(), "team-c");
  EXPECT_FALSE(second.next);
  const access::Scope none = scope("nobody-*");
  EXPECT_TRUE(registry->search_versions(first_page(10), &none)->rows.empty());
  const access::Scope b = scope("team-b");
  EXPECT_EQ(registry->search_versions(first_page(10), &b)->rows.at(0).version.name.text(), "team-b");
}

TEST_F(SearchWithin, of_more_than_a_thousand_models_is_refused) {
  for (int i = 0; i < 1'001; ++i) {
    ASSERT_TRUE(registry->create_model(name("m" + std::to_string(i)), {}, eva).ok());
  }
  const access::Scope all = scope("m*");
  EXPECT_EQ(outcome(registry->search_models(first_page(10), &all)), "Denied");
  const access::Scope some = scope("m10*");
  EXPECT_EQ(registry->search_models(first_page(1'000), &some)->rows.size(), 12U);
}

}  // namespace
}  // namespace slipway::registry_scenarios
