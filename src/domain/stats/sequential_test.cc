// Evidence that may be looked at at any time: its known values, and how often it errs where nothing is wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "domain/stats/assignment_process.h"
#include "domain/stats/betting.h"
#include "domain/stats/group_sequential.h"
#include "domain/stats/log_mean.h"
#include "domain/stats/random.h"
#include "domain/stats/risk_ratio.h"

namespace slipway::stats {
namespace {

TEST(RiskRatio, counters_give_what_betting_on_every_error_gives) {
  Xoshiro256 random(1);
  AssignmentProcess process;
  std::vector<ArmEvents> steps{{0.05}, {0.25}, {0.5}};
  for (int event = 0; event < 300; ++event) {
    ArmEvents& step = steps.at(random.below(3));
    const bool is_candidate = random.unit() < step.rho;
    step.all += 1;
    step.candidate += is_candidate ? 1 : 0;
    ASSERT_TRUE(process.bet(is_candidate ? Arm::Candidate : Arm::Control, step.rho, 2).ok());
  }
  EXPECT_NEAR(log_evidence_of_harm(steps, {{2}}).value(), process.log_evidence(), 1e-9);
}

TEST(RiskRatio, steps_may_be_split_and_reordered) {
  const std::vector<ArmEvents> whole{{0.1, 30, 200}, {0.5, 70, 120}};
  const std::vector<ArmEvents> split{{0.5, 50, 60}, {0.1, 30, 200}, {0.5, 20, 60}};
  EXPECT_NEAR(log_evidence_of_harm(whole).value(), log_evidence_of_harm(split).value(), 1e-12);
}

TEST(RiskRatio, nothing_seen_is_no_evidence) {
  EXPECT_EQ(log_evidence_of_harm({}).value(), 0);
  EXPECT_EQ(log_evidence_of_no_harm({}, 2).value(), 0);
}

TEST(RiskRatio, a_billion_events_do_not_overflow) {
  const std::vector<ArmEvents> steps{{0.5, 600'000'000, 1'000'000'000}};
  EXPECT_TRUE(std::isfinite(log_evidence_of_harm(steps).value()));
  EXPECT_GT(log_evidence_of_harm(steps).value(), 1e6);
}

TEST(RiskRatio, evidence_for_and_against_harm_are_one_ratio_read_both_ways) {
  const std::vector<ArmEvents> steps{{0.1, 30, 200}};
  EXPECT_NEAR(log_evidence_of_harm(steps, {{2}}).value(), -log_evidence_of_no_harm(steps, 2).value(), 1e-12);
}

// The mean of E at the true ratio 1 is 1: enumerated over every outcome, so nothing is left to chance.
TEST(RiskRatio, has_mean_one_where_there_is_no_difference) {
  for (const double rho : {0.05, 0.3, 0.5}) {
    double mean = 0;
    constexpr int kEvents = 12;
    double ways = 1;
    for (int k = 0; k <= kEvents; ++k) {
      const double chance = ways * std::pow(rho, k) * std::pow(1 - rho, kEvents - k);
      mean += chance * std::exp(log_evidence_of_harm(std::vector<ArmEvents>{{rho, std::uint64_t(k), kEvents}}).value());
      ways = ways * (kEvents - k) / (k + 1);
    }
    EXPECT_NEAR(mean, 1, 1e-12) << rho;
  }
}

struct Course {
  double ratio;  // the true one
  int alarms = 0, promotions = 0;
};

// 400 courses of 1,000 errors over a ramp, looked at after every error.
Course followed(double ratio, double margin) {
  Course course{ratio};
  Xoshiro256 random(77);
  for (int run = 0; run < 400; ++run) {
    std::vector<ArmEvents> steps{{0.05}, {0.1}, {0.25}, {0.5}};
    bool alarm = false, promotion = false;
    for (int event = 0; event < 1'000; ++event) {
      ArmEvents& step = steps[static_cast<std::size_t>(event) / 250];
      const double weight = step.rho * ratio;
      step.all += 1;
      step.candidate += random.unit() < weight / (weight + 1 - step.rho) ? 1 : 0;
      alarm = alarm || log_evidence_of_harm(steps).value() >= std::log(20);
      promotion = promotion || log_evidence_of_no_harm(steps, margin).value() >= std::log(20);
    }
    course.alarms += alarm ? 1 : 0;
    course.promotions += promotion ? 1 : 0;
  }
  return course;
}

TEST(RiskRatio, errs_in_at_most_one_of_twenty_rollouts_looking_at_every_error) {
  const Course equal = followed(1, 2), harmful = followed(2, 2);
  EXPECT_LE(equal.alarms, 29);  // 97.5 % quantile of 20 in 400
  EXPECT_LE(harmful.promotions, 29);
  EXPECT_GE(harmful.alarms, 390);
  EXPECT_GE(equal.promotions, 390);
}

TEST(RiskRatio, events_to_detect_agree_with_the_drift_of_the_evidence) {
  const double ratio = 2, rho = 0.1, p1 = rho * ratio / (rho * ratio + 1 - rho);
  const double drift = p1 * std::log(p1 / rho) + (1 - p1) * std::log((1 - p1) / (1 - rho));
  EXPECT_NEAR(events_to_detect(ratio, rho, 0.05).value(), std::log(20) / drift, 1e-9);
  EXPECT_FALSE(events_to_detect(1, 0.1, 0.05).ok());
}

TEST(RiskRatio, what_cannot_be_is_refused) {
  EXPECT_FALSE(log_evidence_of_harm(std::vector<ArmEvents>{{0, 1, 2}}).ok());
  EXPECT_FALSE(log_evidence_of_harm(std::vector<ArmEvents>{{1, 1, 2}}).ok());
  EXPECT_FALSE(log_evidence_of_harm(std::vector<ArmEvents>{{0.5, 3, 2}}).ok());
  EXPECT_FALSE(log_evidence_of_harm(std::vector<ArmEvents>{{std::nan(""), 1, 2}}).ok());
  EXPECT_FALSE(log_evidence_of_harm({}, {{}}).ok());
  EXPECT_FALSE(log_evidence_of_harm({}, {{1.0}}).ok());
  EXPECT_FALSE(log_evidence_of_no_harm({}, 1).ok());
}

TEST(AssignmentProcess, swapping_the_arms_mirrors_the_bet) {
  AssignmentProcess one, other;
  ASSERT_TRUE(one.bet(Arm::Candidate, 0.2, 3).ok());
  ASSERT_TRUE(other.bet(Arm::Control, 0.8, 1.0 / 3).ok());
  EXPECT_NEAR(one.log_evidence(), other.log_evidence(), 1e-12);
}

TEST(AssignmentProcess, a_bet_has_mean_one_over_the_arms) {
  for (const double rho : {0.01, 0.3, 0.9}) {
    for (const double g : {0.1, 1.0, 7.0}) {
      AssignmentProcess candidate, control;
      ASSERT_TRUE(candidate.bet(Arm::Candidate, rho, g).ok() && control.bet(Arm::Control, rho, g).ok());
      EXPECT_NEAR(rho * std::exp(candidate.log_evidence()) + (1 - rho) * std::exp(control.log_evidence()), 1, 1e-12);
    }
  }
  AssignmentProcess process;
  EXPECT_FALSE(process.bet(Arm::Control, 0.5, 0).ok());
  EXPECT_FALSE(process.bet(Arm::Control, 1, 2).ok());
  EXPECT_EQ(process.log_evidence(), 0);
}

TEST(TiltProcess, finds_a_shift_of_ranks_and_stays_quiet_without_one) {
  Xoshiro256 random(3);
  TiltProcess shifted(Tilt::TwoSided), same(Tilt::TwoSided), upwards(Tilt::Upwards);
  for (int unit = 0; unit < 5'000; ++unit) {
    const Arm arm = random.unit() < 0.1 ? Arm::Candidate : Arm::Control;
    const double u = random.unit();
    const double low = arm == Arm::Candidate ? u * u : u;  // candidate's ranks are too low
    ASSERT_TRUE(shifted.bet(arm, 0.1, 2 * low - 1).ok());
    ASSERT_TRUE(upwards.bet(arm, 0.1, 2 * low - 1).ok());
    ASSERT_TRUE(same.bet(arm, 0.1, 2 * u - 1).ok());
  }
  EXPECT_GT(shifted.log_evidence(), std::log(1e6));
  EXPECT_LT(same.log_evidence(), std::log(20));
  EXPECT_LT(upwards.log_evidence(), 0);  // lower is no harm where larger is worse
  EXPECT_FALSE(same.bet(Arm::Control, 0.5, 1.01).ok());
}

TEST(Betting, the_interval_holds_the_mean_at_every_look_and_narrows) {
  Xoshiro256 random(8);
  int missed = 0;
  for (int run = 0; run < 200; ++run) {
    BettingInterval betting = BettingInterval::create(0.05, 200).value();
    bool held = true;
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(betting.observe(random.unit() < 0.3 ? 1 : 0).ok());
      held = held && betting.interval().contains(0.3);
    }
    missed += held ? 0 : 1;
    EXPECT_LT(betting.interval().high - betting.interval().low, 0.35);
  }
  EXPECT_LE(missed, 17);  // 97.5 % quantile of 10 in 200
}

TEST(Betting, values_of_little_variance_are_known_sooner) {
  BettingInterval steady = BettingInterval::create(0.05).value(), noisy = BettingInterval::create(0.05).value();
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(steady.observe(0.5 + 0.01 * (i % 2)).ok());
    ASSERT_TRUE(noisy.observe(i % 2).ok());
  }
  EXPECT_LT(steady.interval().high - steady.interval().low, 0.3 * (noisy.interval().high - noisy.interval().low));
}

TEST(Betting, begins_with_everything_and_refuses_what_is_out_of_range) {
  BettingInterval betting = BettingInterval::create(0.05).value();
  EXPECT_EQ(betting.interval(), (Interval{0, 1}));
  for (const double wrong : {-0.01, 1.01, std::nan("")}) EXPECT_FALSE(betting.observe(wrong).ok());
  EXPECT_EQ(betting.count(), 0U);
  EXPECT_FALSE(BettingInterval::create(0).ok());
  EXPECT_FALSE(BettingInterval::create(0.05, 1).ok());
}

// Jennison and Turnbull, "Group Sequential Methods", tables 2.1 and 2.3, two-sided alpha 0.05.
TEST(GroupSequential, constants_are_the_printed_ones) {
  struct Row {
    std::size_t looks;
    double pocock, obrien_fleming;
  };
  for (const auto& [looks, pocock, obrien_fleming] :
       std::vector<Row>{{1, 1.960, 1.960}, {2, 2.178, 1.977}, {5, 2.413, 2.040}, {10, 2.555, 2.087}}) {
    EXPECT_NEAR(boundary_constant(Shape::Pocock, 0.05, looks).value(), pocock, 5.1e-4) << looks;
    EXPECT_NEAR(boundary_constant(Shape::ObrienFleming, 0.05, looks).value(), obrien_fleming, 5.1e-4) << looks;
  }
}

TEST(GroupSequential, boundaries_spend_all_of_alpha_and_no_more) {
  const std::vector<double> shares{0.1, 0.3, 0.35, 0.8, 1};
  for (const Spending spending : {Spending::ObrienFleming, Spending::Pocock}) {
    const std::vector<double> bounds = spending_boundaries(spending, 0.05, shares).value();
    EXPECT_NEAR(crossing_probability(bounds, shares, 0), 0.05, 1e-9);
    const std::vector<double> first(bounds.begin(), bounds.begin() + 2), two(shares.begin(), shares.begin() + 2);
    EXPECT_NEAR(crossing_probability(first, two, 0), spent(spending, 0.05, 0.3), 1e-9);
  }
}

TEST(GroupSequential, one_look_is_the_fixed_test_and_power_grows_with_the_drift) {
  const std::vector<double> once{1};
  const std::vector<double> bounds = spending_boundaries(Spending::Pocock, 0.05, once).value();
  EXPECT_NEAR(bounds[0], 1.959963984540054, 1e-9);
  EXPECT_NEAR(crossing_probability(bounds, once, 1.959963984540054 + 0.8416212335729143), 0.8, 1e-4);
}

TEST(GroupSequential, plans_that_cannot_be_are_refused) {
  const auto refused = [](double alpha, std::vector<double> shares) {
    return !spending_boundaries(Spending::Pocock, alpha, shares).ok();
  };
  EXPECT_TRUE(refused(0, {1}));
  EXPECT_TRUE(refused(0.6, {1}));
  EXPECT_TRUE(refused(0.05, {}));
  EXPECT_TRUE(refused(0.05, {0.5, 0.5}));
  EXPECT_TRUE(refused(0.05, {0.5, 0.505}));
  EXPECT_TRUE(refused(0.05, {0.5, 1.1}));
  EXPECT_TRUE(refused(0.05, std::vector<double>(21, 0.5)));
  EXPECT_FALSE(boundary_constant(Shape::Pocock, 0.05, 0).ok());
}

TEST(LogMean, stands_large_and_small_numbers) {
  EXPECT_NEAR(log_mean(std::vector<double>{2000, 2000}), 2000, 1e-9);
  EXPECT_NEAR(log_mean(std::vector<double>{-3000, 1}), 1 - std::log(2), 1e-12);
  EXPECT_EQ(log_mean(std::vector<double>{-std::numeric_limits<double>::infinity()}),
            -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(log_weighted_sum(std::vector<double>{1000, 5}, std::vector<double>{0, 0.5}), 5 + std::log(0.5), 1e-12);
}

}  // namespace
}  // namespace slipway::stats
