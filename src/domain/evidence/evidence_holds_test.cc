// Evidence: units, fuses and limits; and that it says nothing where nothing can be known.
#include "domain/evidence/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domain/evidence/made_up_traffic.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using stats::Arm;
using testing::HasSubstr;

TEST(Evidence, a_unit_is_bet_on_once_at_its_first_error) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.metrics[0].minimum_sample = 1;
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 500; ++i) {
    evidence.observe({.t = 1.0 * i, .unit = 7, .arm = Arm::Candidate, .p = 0.05, .error = i % 2 == 1});
  }
  evidence.observe({.unit = 8, .arm = Arm::Control, .p = 0.05, .error = false});
  const Judgement judgement = evidence.judge();
  EXPECT_EQ(judgement.findings.at(0).candidate, (ArmCount{.units = 1, .events = 1}));
  const std::vector<stats::ArmEvents> one{{0.05, 1, 1}};
  EXPECT_NEAR(judgement.findings.at(0).log_harm, stats::log_evidence_of_harm(one).value(), 1e-12);
}

TEST(Evidence, a_full_table_of_units_holds) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence evidence = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 1'001; ++unit) {
    evidence.observe({.unit = unit, .arm = unit % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_THAT(evidence.judge().reason, HasSubstr("the table of units is full with 1000: 1 observations were left out"));
  EXPECT_FALSE(evidence.judge().may_advance);
}

TEST(Evidence, a_split_that_is_not_the_logged_one_holds) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  Traffic traffic(7);
  traffic.share = 0.5;
  for (int i = 0; i < 30'000; ++i) {
    Observation observation = traffic.next();
    observation.p = 0.4;
    evidence.observe(observation);
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("units do not go to the arms as logged (at the answer"));
}

TEST(Evidence, the_fuse_blows_without_a_comparison) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  for (int i = 0; i < 19; ++i) evidence.observe({.arm = Arm::Candidate, .p = 1, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  evidence.observe({.arm = Arm::Candidate, .p = 1, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("fuse: at least 11 of 20"));
  EXPECT_LT(false_alarm_probability(SeverityFuse{}, 0.05), 1e-6);
}

TEST(Evidence, one_user_does_not_blow_the_fuse_and_many_do) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 100; ++i) evidence.observe({.unit = 7, .arm = Arm::Candidate, .p = 0.05, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  for (std::uint64_t unit = 100; unit < 120; ++unit) {
    evidence.observe({.unit = unit, .arm = Arm::Candidate, .p = 1, .error = true});
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
}

TEST(Evidence, the_fuse_blows_though_units_are_not_known) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence full = Evidence::create(plan).value(), anonymous = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 1'000; ++unit) full.observe({.unit = unit, .error = false});
  for (std::uint64_t i = 0; i < 20; ++i) {
    full.observe({.unit = 2'000 + i, .arm = Arm::Candidate, .error = true});
    anonymous.observe({.arm = Arm::Candidate, .error = true});
  }
  EXPECT_EQ(full.verdict(), Verdict::Fail);
  EXPECT_EQ(anonymous.verdict(), Verdict::Fail);
}

TEST(Evidence, units_without_a_chance_leave_room_in_the_table) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence evidence = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 2'000; ++unit) {
    evidence.observe({.unit = unit, .arm = Arm::Candidate, .p = 1, .error = false});
    evidence.observe({.unit = unit + 2'000, .p = 0, .error = unit % 2 == 0});
  }
  EXPECT_TRUE(evidence.judge().holds.empty());
  for (std::uint64_t unit = 10'001; unit <= 11'000; ++unit) {
    evidence.observe({.unit = unit, .arm = unit % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_TRUE(evidence.judge().holds.empty());
  EXPECT_EQ(evidence.judge().findings.at(0).control.units, 500U);
}

TEST(Evidence, no_chance_and_no_number_are_no_evidence) {
  EvidencePlan plan;
  plan.metrics = {{.name = "score", .source = Source::Prediction, .direction = Direction::EitherWay}};
  Evidence evidence = Evidence::create(plan).value();
  for (const double p : {0.0, 1.0, -1.0, std::nan("")}) {
    evidence.observe({.arm = Arm::Candidate, .p = p, .error = false, .predictions = {1, 1, 1, 1}});
  }
  EXPECT_EQ(evidence.judge().findings.at(0).candidate.units, 0U);
  for (int i = 0; i < 1'000; ++i) {
    evidence.observe({.t = 1.0 * i, .arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_THAT(evidence.judge().reason, HasSubstr("score: 100 % of the values are no numbers in range"));
}

TEST(Evidence, a_limit_without_its_source_holds_and_a_broken_one_rolls_back) {
  EvidencePlan plan = errors_plan();
  plan.limits = {{.name = "queue_depth", .server = "main", .query = "sum(depth)", .least = -1, .most = 100}};
  Evidence evidence = Evidence::create(plan).value();
  EXPECT_THAT(evidence.judge().reason, HasSubstr("queue_depth: main gives no value"));
  EXPECT_FALSE(evidence.may_advance());
  evidence.limit(0, 100);
  EXPECT_TRUE(evidence.judge().holds.empty());
  evidence.limit(0, std::nullopt);
  EXPECT_EQ(evidence.judge().holds.size(), 1U);
  evidence.limit(0, 101);
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
  EXPECT_EQ(evidence.judge().reason, "queue_depth: 101 is more than 100 (asked of main: not randomised, only a fuse)");
  evidence.limit(0, -2);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("-2 is less than -1"));
}

}  // namespace
}  // namespace slipway::evidence
