// Rollback: back to the last state that was fully live, and back again.
#include <gmock/gmock.h>

#include <sstream>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

class Rollback : public House {
 protected:
  // d2: deploy version 2, and it becomes live. f2: deploy it, and it never does. u: undeploy. r: roll back.
  // x2: remove version 2. |: restart. Returns what is served after each r.
  std::string played(const std::string& story) {
    std::istringstream words(story);
    std::string results;
    for (std::string word; words >> word;) {
      const auto number = static_cast<model::VersionNumber>(word.size() > 1 ? word[1] - '0' : 0);
      if (word[0] == 'd') live(number);
      if (word[0] == 'f') {
        EXPECT_TRUE(deploy(number).ok());
      }
      if (word[0] == 'u') {
        EXPECT_TRUE(registry->undeploy("production", name("fraud"), eva).ok());
      }
      if (word[0] == 'x') {
        EXPECT_EQ(outcome(registry->remove_version(name("fraud"), number, eva)), "ok");
      }
      if (word[0] == '|') restart();
      if (word[0] == 'r') results += (results.empty() ? "" : ", ") + rolled_back();
    }
    return results;
  }
};

struct Story {
  const char* played;
  const char* served;
};

class RollbackStory : public Rollback, public ::testing::WithParamInterface<Story> {};

TEST_P(RollbackStory, ends_where_it_should) {
  given_versions(5);
  EXPECT_EQ(played(GetParam().played), GetParam().served);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RollbackStory,
    ::testing::Values(Story{"d1 d2 d3 r r r", "version 2, version 1, Conflict"},  // walks back to the first
                      Story{"d1 d2 d3 r | r | r", "version 2, version 1, Conflict"}, Story{"d1 r", "Conflict"},
                      Story{"d1 f2 r", "version 1"},     // what never loaded is left
                      Story{"d1 f2 f3 r", "version 1"},  // and is no way back
                      Story{"d1 d2 f3 r r", "version 2, version 1"}, Story{"f1 d2 r", "Conflict"},
                      Story{"d1 d2 r d3 r r",
                            "version 1, version 1, Conflict"},  // a deploy after a rollback goes on from there
                      Story{"d1 d2 d1 r r r", "version 2, version 1, Conflict"},
                      Story{"d1 f2 d1 r", "Conflict"},  // to serve what is served is no way back
                      Story{"d1 d2 u r r", "version 2, version 1"}, Story{"d1 u | r", "version 1"},
                      Story{"d1 d2 d3 x2 r", "version 1"},  // a removed version is passed over
                      Story{"d1 d2 r f3 r", "version 1, version 1"},
                      Story{"d1 d2 d3 d4 d5 r r d5 r r r", "version 4, version 3, version 3, version 2, version 1"}));

TEST_F(Rollback, a_rollback_is_a_new_revision_in_the_history_and_moves_the_production_alias) {
  given_versions(2);
  live(1);
  live(2);
  const auto restored = registry->rollback("production", name("fraud"), eva);
  ASSERT_TRUE(restored.ok());
  EXPECT_EQ(restored->revision, 3U);
  EXPECT_EQ(points_to("production"), "version 1");
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[1].action, "rollback");
  EXPECT_EQ(events[1].from, "version 2");
  EXPECT_EQ(events[1].to, "version 1");
}

TEST_F(Rollback, a_split_comes_back_as_a_whole) {
  given_versions(3);
  const auto canary = model::TrafficSplit::parse({{1, {9'000}}, {2, {1'000}}}).value();
  const auto revision = registry->deploy("production", name("fraud"), canary, {}, eva);
  ASSERT_TRUE(registry->mark_live("production", name("fraud"), *revision).ok());
  live(3);
  const auto restored = registry->rollback("production", name("fraud"), eva);
  ASSERT_TRUE(restored.ok());
  EXPECT_EQ(restored->record.split, canary);
}

TEST_F(Rollback, environments_go_back_each_on_its_own) {
  given_versions(3);
  live(1, "production");
  live(1, "staging");
  live(2, "staging");
  EXPECT_EQ(rolled_back("production"), "Conflict");
  EXPECT_EQ(rolled_back("staging"), "version 1");
}

TEST_F(Rollback, a_report_on_a_revision_that_was_replaced_makes_nothing_live) {
  given_versions(2);
  const auto first = deploy(1);
  live(2);
  ASSERT_TRUE(registry->mark_live("production", name("fraud"), *first).ok());
  EXPECT_EQ(rolled_back(), "Conflict");
}

TEST_F(Rollback, a_model_that_is_not_there_is_not_found) {
  EXPECT_EQ(rolled_back(), "NotFound");
  given_versions(1);
  EXPECT_EQ(rolled_back(), "Conflict");
}

}  // namespace
}  // namespace slipway::registry_scenarios
