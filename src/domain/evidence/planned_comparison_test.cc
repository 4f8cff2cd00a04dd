// PlannedComparison: a test with planned looks errs and finds as it was planned, and only at its looks.
#include "domain/evidence/planned_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domain/evidence/evidence.h"
#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using stats::Arm;
using testing::HasSubstr;

EvidencePlan test_of(std::optional<double> margin, std::uint64_t units = 4'000) {
  EvidencePlan plan;
  plan.metrics = {{.name = "conversion",
                   .source = Source::Outcome,
                   .direction = Direction::SmallerIsWorse,
                   .margin_difference = margin}};
  plan.looks.emplace(LookPlan{.units = units, .looks = 10});
  return plan;
}

struct Course {
  double control = 0.2, candidate = 0.2;
  std::uint64_t units = 0;  // until the verdict; 0: none
  Verdict verdict = Verdict::Inconclusive;
};

// Labels of units that convert at these rates, until there is a verdict or the last look is over.
Course followed(Evidence evidence, Course course, std::uint64_t seed) {
  stats::Xoshiro256 random(seed);
  for (std::uint64_t i = 1; i <= evidence.plan().looks->units; ++i) {
    const Arm arm = random.unit() < 0.5 ? Arm::Candidate : Arm::Control;
    const double rate = arm == Arm::Candidate ? course.candidate : course.control;
    evidence.observe({.t = static_cast<double>(i), .arm = arm, .outcome = random.unit() < rate ? 1 : 0});
    course.verdict = evidence.verdict();
    if (course.verdict == Verdict::Inconclusive) continue;
    course.units = i;
    break;
  }
  return course;
}

struct Tally {
  int passed = 0, failed = 0, off_looks = 0;
};

Tally tally(const EvidencePlan& plan, const Course& course, int runs) {
  const Evidence fresh = Evidence::create(plan).value();
  Tally tally;
  for (int run = 0; run < runs; ++run) {
    const Course ended = followed(fresh, course, 1'000 + static_cast<std::uint64_t>(run));
    tally.passed += ended.verdict == Verdict::Pass ? 1 : 0;
    tally.failed += ended.verdict == Verdict::Fail ? 1 : 0;
    tally.off_looks += ended.units % (plan.looks->units / plan.looks->looks) != 0 ? 1 : 0;
  }
  return tally;
}

TEST(PlannedTest, declares_a_winner_or_loser_among_equals_as_often_as_planned_and_only_at_its_looks) {
  const Tally equal = tally(test_of(std::nullopt), {}, 1'000);
  EXPECT_LE(equal.passed + equal.failed, 64);  // 97.5 % quantile of 50 in 1,000
  EXPECT_GE(equal.passed + equal.failed, 37);  // and the 2.5 % one: it spends what it has
  EXPECT_EQ(equal.off_looks, 0);
}

// Two rates that a test of 4,000 units tells apart with 80 %: 0.2 and 0.2368.
TEST(PlannedTest, has_nearly_the_power_of_one_look_at_the_end) {
  const Tally better = tally(test_of(std::nullopt), {.candidate = 0.2368}, 400);
  EXPECT_GE(better.passed, 288);  // 2.5 % quantile of 0.77 of 400
  EXPECT_EQ(better.failed, 0);
  const Tally worse = tally(test_of(std::nullopt), {.control = 0.2368}, 400);
  EXPECT_GE(worse.failed, 288);
}

TEST(PlannedTest, passes_what_is_worse_by_the_margin_as_seldom_as_beta_says) {
  const Tally at_margin = tally(test_of(0.04), {.control = 0.24, .candidate = 0.2}, 400);
  EXPECT_LE(at_margin.passed, 29);
  const Tally equal = tally(test_of(0.04), {}, 400);
  EXPECT_GE(equal.passed, 340);
}

TEST(PlannedTest, tells_the_next_look_and_what_the_last_one_found) {
  const EvidencePlan plan = test_of(0.01, 1'000);
  Evidence evidence = Evidence::create(plan).value();
  EXPECT_THAT(evidence.judge().reason, HasSubstr("look 1 of 10 comes at 100 units, found 0"));
  for (int i = 0; i < 250; ++i) {
    evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .outcome = i % 4 < 2 ? 1 : 0});
  }
  const Judgement judgement = evidence.judge();
  EXPECT_THAT(judgement.reason, HasSubstr("conversion is not decided: look 2 of 10 at 200 of 1000 units"));
  EXPECT_EQ(judgement.missing.requests, 50U);
  EXPECT_EQ(judgement.findings.at(0).effect, 0);
  EXPECT_TRUE(judgement.findings.at(0).effect_interval->contains(0));
  for (int i = 250; i < 2'000; ++i) {
    evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .outcome = i % 4 < 2 ? 1 : 0});
  }
  EXPECT_THAT(evidence.judge().reason, HasSubstr("stays undecided: look 10 of 10 at 1000 of 1000 units"));
}

TEST(PlannedTest, counts_only_units_of_its_share_and_usable_ones) {
  Evidence evidence = Evidence::create(test_of(0.01)).value();
  for (int i = 0; i < 9; ++i) evidence.observe({.p = 0.1, .outcome = 1});
  EXPECT_EQ(evidence.judge().findings.at(0).control.units, 0U);
  for (int i = 0; i < 50; ++i) {
    evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .outcome = i % 5 == 0 ? 7 : 1});
  }
  EXPECT_EQ(evidence.judge().findings.at(0).control.units, 20U);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("conversion: 20 % of the values are no numbers in range"));
}

TEST(PlannedTest, errors_are_bet_on_all_the_while) {
  EvidencePlan plan = test_of(0.01);
  plan.metrics.push_back({.name = "errors", .margin_ratio = 2});
  Evidence evidence = Evidence::create(plan).value();
  stats::Xoshiro256 random(3);
  for (int i = 0; i < 3'000 && evidence.verdict() == Verdict::Inconclusive; ++i) {
    const Arm arm = random.unit() < 0.5 ? Arm::Candidate : Arm::Control;
    evidence.observe({.arm = arm, .error = random.unit() < (arm == Arm::Candidate ? 0.2 : 0.02)});
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("errors is worse: e-value"));
}

TEST(PlannedTest, goes_on_from_its_state) {
  const EvidencePlan plan = test_of(0.05);
  Evidence whole = Evidence::create(plan).value();
  stats::Xoshiro256 random(4);
  const auto next = [&] {
    return Observation{.arm = random.unit() < 0.5 ? Arm::Candidate : Arm::Control, .outcome = random.unit()};
  };
  for (int i = 0; i < 1'000; ++i) whole.observe(next());
  Evidence resumed = Evidence::restore(plan, whole.state()).value();
  for (int i = 0; i < 2'000; ++i) {
    const Observation observation = next();
    whole.observe(observation), resumed.observe(observation);
  }
  EXPECT_EQ(resumed.state(), whole.state());
  EXPECT_EQ(resumed.judge(), whole.judge());
}

// Where nothing else is asked, a step is not left before the test that it is for has said what it can.
TEST(PlannedTest, alone_in_its_plan_has_power_only_when_it_is_over) {
  Evidence evidence = Evidence::create(test_of(0.01, 1'000)).value();
  EXPECT_FALSE(evidence.may_advance());
  const auto serve = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .outcome = i % 4 < 2 ? 1 : 0});
    }
  };
  serve(0, 999);
  EXPECT_FALSE(evidence.may_advance());
  EXPECT_FALSE(evidence.judge().has_power);
  serve(999, 1'000);
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  EXPECT_TRUE(evidence.may_advance()) << "undecided, and no unit more will decide it";
}

TEST(PlannedTest, beside_metrics_that_are_bet_on_leaves_power_to_them) {
  EvidencePlan plan = test_of(0.01, 100'000);
  plan.metrics.push_back({.name = "errors", .margin_difference = 0.05});
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 5'000; ++i) {
    evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .error = i % 1'000 < 2});
  }
  EXPECT_TRUE(evidence.may_advance()) << evidence.judge().reason;
}

TEST(PlannedTest, a_state_with_looks_that_its_units_do_not_fill_is_refused) {
  const EvidencePlan plan = test_of(0.05, 1'000);
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 250; ++i) {
    evidence.observe({.arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .outcome = i % 4 < 2 ? 1 : 0});
  }
  const std::vector<std::byte> state = evidence.state();
  ASSERT_TRUE(Evidence::restore(plan, state).ok());
  // The last seven words are of the comparison: look, worse, safe, unusable, Z, effect, half of the interval.
  constexpr std::size_t kLook = 7 * 8, kWorse = 6 * 8, kUnits = 10 * 8;
  for (const std::size_t word : {kLook, kWorse, kUnits}) {
    auto changed = state;
    changed[changed.size() - word] = std::byte{11};
    EXPECT_EQ(Evidence::restore(plan, changed).error().code, ErrorCode::Corrupt) << word;
  }
}

TEST(PlannedTest, that_cannot_be_is_refused) {
  const auto message = [](auto&& change) {
    EvidencePlan plan = test_of(0.01);
    change(plan);
    const auto checked = check(plan);
    return checked.ok() ? std::string("ok") : checked.error().message;
  };
  EXPECT_EQ(message([](auto&) {}), "ok");
  EXPECT_THAT(message([](auto& plan) { plan.looks->units = 5; }), HasSubstr("units: expected 100 to"));
  EXPECT_THAT(message([](auto& plan) { plan.looks->looks = 21; }), HasSubstr("looks: expected 1 to 20, found 21"));
  EXPECT_THAT(message([](auto& plan) { plan.looks->share = 1; }), HasSubstr("share: expected"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics = {{.name = "errors"}}; }),
              HasSubstr("expected a metric of outcomes or amounts"));
}

}  // namespace
}  // namespace slipway::evidence
