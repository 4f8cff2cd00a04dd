// What a plan's steps take: the least time, what the evidence needs, and what nobody can say.
#include "service/delivery/plan_forecast.h"

#include <gmock/gmock.h>

namespace slipway::delivery {
namespace {

using testing::HasSubstr;

evidence::EvidencePlan errors() {
  evidence::EvidencePlan plan;
  plan.metrics = {{.name = "error_rate", .margin_ratio = 1.5, .margin_difference = 0.005}};
  return plan;
}

PlanForecast forecast_of(const rollout::Strategy& strategy, const Expected& expected) {
  const rollout::Plan plan{.stages = {{.strategy = strategy}}};
  const auto steps = rollout::schedule(plan);
  return forecast(steps, errors(), expected);
}

TEST(PlanForecast, a_step_takes_its_dwell_or_longer_where_the_evidence_needs_it) {
  const auto slow = forecast_of(rollout::Canary{}, {.requests_per_second = 10, .error_rate = 0.005});
  const auto fast = forecast_of(rollout::Canary{}, {.requests_per_second = 100'000, .error_rate = 0.005});
  ASSERT_EQ(slow.steps.size(), fast.steps.size());
  EXPECT_EQ(*fast.steps[0].seconds, 300);
  EXPECT_GT(*slow.steps[0].seconds, 300);
  EXPECT_GT(*slow.seconds, *fast.seconds);
}

TEST(PlanForecast, what_earlier_steps_served_is_not_needed_again) {
  const auto told = forecast_of(rollout::Canary{}, {.requests_per_second = 10, .error_rate = 0.005});
  EXPECT_GT(*told.steps[0].takes->requests, 1'000);
  EXPECT_LT(*told.steps[1].takes->requests, *told.steps[0].takes->requests);
}

TEST(PlanForecast, without_a_rate_there_are_requests_and_no_time) {
  const auto told = forecast_of(rollout::Canary{}, {.error_rate = 0.005});
  EXPECT_TRUE(told.steps[0].takes->requests);
  EXPECT_FALSE(told.steps[0].seconds);
  EXPECT_FALSE(told.seconds);
}

TEST(PlanForecast, steps_that_ask_for_nothing_take_their_time) {
  const auto told = forecast_of(rollout::BlueGreen{}, {});
  EXPECT_EQ(*told.seconds, 60 + 3'600);
  EXPECT_FALSE(told.steps[0].takes);
}

TEST(PlanForecast, promises_nothing_of_worse_versions_where_nothing_is_asked) {
  EXPECT_EQ(forecast_of(rollout::Canary{}, {}).false_promotion, errors().beta);
  EXPECT_FALSE(forecast_of(rollout::BlueGreen{}, {}).false_promotion);
}

TEST(PlanForecast, a_shadow_of_half_of_the_requests_takes_twice_as_many) {
  const auto told = [](std::uint32_t mirrored) {
    evidence::EvidencePlan plan = errors();
    plan.agreement.metrics = {{.name = "class", .source = evidence::PairSource::Class}};
    const rollout::Plan steps{.stages = {{.strategy = rollout::Shadow{.mirrored = {mirrored}}}}};
    return *forecast(rollout::schedule(steps), plan, {.requests_per_second = 1}).steps[0].takes->requests;
  };
  EXPECT_NEAR(told(5'000), 2 * told(10'000), 1);
}

TEST(PlanForecast, what_cannot_be_foretold_says_so) {
  const auto shadow = forecast_of(rollout::Shadow{}, {.requests_per_second = 10});
  EXPECT_THAT(shadow.steps[0].takes->why, HasSubstr("agreement asks nothing"));
  const auto bandit = forecast_of(rollout::Bandit{}, {.requests_per_second = 10});
  EXPECT_THAT(bandit.steps[0].takes->why, HasSubstr("follow the rewards"));
  EXPECT_FALSE(bandit.seconds);
  EXPECT_FALSE(shadow.detections.at(0).chance || bandit.detections.at(0).chance);
}

}  // namespace
}  // namespace slipway::delivery
