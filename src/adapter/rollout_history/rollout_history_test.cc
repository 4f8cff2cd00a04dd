#include "adapter/rollout_history/rollout_history.h"

#include <gtest/gtest.h>

namespace slipway::rollout_history {
namespace {

std::string decision(int number, const std::string& state = "observing", const std::string& more = "") {
  return R"({"number":)" + std::to_string(number) +
         R"(,"at":"2026-11-22T10:00:05.000001Z","actor":"","action":"look","state":")" + state +
         R"(","step":2,"wants":[{"version":1,"share":9900},{"version":2,"share":100}],"mirrored":50,"reason":"r",)" +
         R"("evidence":"{}","program":"0.1.0","basis":"b")" + more + "}";
}

std::string says(const std::string& json) {
  const auto read = read_history(json);
  return read.ok() ? "read" : read.error().message;
}

TEST(RolloutHistory, reads_decisions_oldest_first_with_the_plan_where_it_is_told) {
  const auto read =
      read_history(R"({"rollout":{"plan":"preset: canary"},"decisions":[)" + decision(3) + "," + decision(2) + "]}");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->plan, "preset: canary");
  ASSERT_EQ(read->decisions.size(), 2u);
  const ports::RolloutDecision& first = read->decisions[0];
  EXPECT_EQ(first.number, 2u);
  EXPECT_EQ(first.at.time_since_epoch().count() % 1'000'000, 1);
  EXPECT_EQ(first.state, rollout::State::Observing);
  EXPECT_EQ(first.position, 1u);
  EXPECT_EQ(first.wanted, (rollout::Traffic{{{1, {9'900}}, {2, {100}}}, {50}}));
  EXPECT_EQ(first.basis, "b");
}

TEST(RolloutHistory, of_a_page_alone_knows_no_plan_and_takes_members_it_does_not_know) {
  const auto read = read_history(R"({"decisions":[)" + decision(1, "queued", R"(,"later":1)") + R"(],"next":null})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_FALSE(read->plan);
}

TEST(RolloutHistory, what_is_none_is_refused_with_its_place) {
  EXPECT_NE(says("nonsense").find("expected a JSON object"), std::string::npos);
  EXPECT_NE(says(R"({"decisions":{}})").find("expected a JSON object"), std::string::npos);
  EXPECT_EQ(says(R"({"decisions":[7]})"), "decision 1 of the list: expected an object");
  EXPECT_EQ(says(R"({"decisions":[{}]})").substr(0, 30), "decision 1 of the list, number");
  EXPECT_EQ(says(R"({"decisions":[)" + decision(1, "lost") + "]}"),
            "decision 1 of the list, state: expected a state of rollouts, found \"lost\"");
  EXPECT_EQ(says(R"({"decisions":[)" + decision(4) + "," + decision(4) + "]}"),
            "expected each decision once, found number 4 twice");
}

}  // namespace
}  // namespace slipway::rollout_history
