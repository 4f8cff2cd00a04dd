#include "domain/rollout/plan.h"

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

using namespace std::chrono_literals;

std::string complaint(const Plan& plan) {
  const auto checked = check(plan);
  return checked ? "" : checked.error().message;
}

TEST(Plan, says_which_stage_goes_wrong_and_how) {
  EXPECT_EQ(complaint({}), "expected 1 to 16 stages, found 0");
  EXPECT_EQ(complaint({{{Canary{.weights = {{1'000}, {500}}}}}}),
            "stage 1 (canary): weight 2: expected more than the 10 % before it, found 5 %; a rollout goes forwards");
  EXPECT_EQ(complaint({{{Canary{.weights = {{2'000}}}}, {Rolling{.parts = 10}}}}),
            "stage 2 (rolling): goes back from 20 % to 10 %; a rollout goes forwards");
  EXPECT_EQ(complaint({{{Canary{.weights = {model::kWhole}}}}}),
            "stage 1 (canary): weight 1: expected less than 100 %, on which nothing could be compared, found 100 %");
  EXPECT_EQ(complaint({{{Canary{.dwell = 5min, .limit = 1min}}}}),
            "stage 1 (canary): step 1: expected a limit of at least its dwell of 300s, found 60s");
  EXPECT_EQ(complaint({{{Canary{.holdback = {6'000}}}}}),
            "stage 1 (canary): holdback: expected 0 % to 50 %, found 60 %");
  EXPECT_EQ(complaint({{{Bandit{.epsilon = 0}}}}),
            "stage 1 (bandit): epsilon: expected between 0 and 1, found 0.000000");
  EXPECT_EQ(complaint({{{Bandit{.update_every = 9s}}}}),
            "stage 1 (bandit): update_every: expected at least 10s, found 9s");
  EXPECT_EQ(complaint({{{Canary{}}}, {.windows = {{100, 100}}}}),
            "expected windows that begin before they end, within one week");
}

TEST(Plan, windows_are_minutes_of_the_week) {
  const std::vector<Window> windows{{0, 60}, {6 * 24 * 60, kMinutesOfWeek}};  // Monday's first hour, Sunday
  EXPECT_TRUE(is_within(windows, kMonday));
  EXPECT_FALSE(is_within(windows, kMonday + 1h));
  EXPECT_TRUE(is_within(windows, kMonday - 1s));
  EXPECT_TRUE(is_within({}, kMonday + 1h)) << "no windows: always";
}

}  // namespace
}  // namespace slipway::rollout
