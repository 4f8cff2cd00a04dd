// Evidence is brought up to date when it is asked for: how often that is must not show in it.
#include <gtest/gtest.h>

#include "domain/evidence/evidence.h"
#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

EvidencePlan plan_with_slices() {
  return {.metrics = {{.name = "errors", .margin_difference = 0.01},
                      {.name = "latency", .source = Source::Latency, .margin_ratio = 2},
                      {.name = "score", .source = Source::Prediction, .direction = Direction::EitherWay},
                      {.name = "revenue", .source = Source::Amount, .margin_relative = 0.1}},
          .slices = {"s0", "s1", "s2"}};
}

Observation next(stats::Xoshiro256& random) {
  const stats::Arm arm = random.unit() < 0.3 ? stats::Arm::Candidate : stats::Arm::Control;
  return {.arm = arm,
          .p = 0.3,
          .error = random.unit() < (arm == stats::Arm::Candidate ? 0.1 : 0.05),
          .latency_ms = 5 + random.unit(),
          .predictions = {random.unit()},
          .outcome = random.unit(),
          .slices = std::uint64_t{1} << random.below(4)};  // one of them is none of the plan's
}

TEST(Evidence, is_the_same_whether_it_is_asked_after_every_answer_or_once) {
  auto often = Evidence::create(plan_with_slices()).value(), once = often;
  stats::Xoshiro256 random(1);
  for (int i = 0; i < 3'000; ++i) {
    const Observation observation = next(random);
    often.observe(observation);
    (void)often.judge(Detail::Brief);
    once.observe(observation);
  }
  EXPECT_EQ(often.state(), once.state());
  EXPECT_EQ(often.judge(), once.judge());
}

TEST(Evidence, that_was_kept_before_it_was_asked_says_the_same) {
  auto kept = Evidence::create(plan_with_slices()).value();
  stats::Xoshiro256 random(2);
  for (int i = 0; i < 1'000; ++i) kept.observe(next(random));
  auto restored = Evidence::restore(kept.plan(), kept.state()).value();
  for (int i = 0; i < 1'000; ++i) {
    const Observation observation = next(random);
    kept.observe(observation);
    restored.observe(observation);
  }
  EXPECT_EQ(kept.judge(), restored.judge());
}

}  // namespace
}  // namespace slipway::evidence
