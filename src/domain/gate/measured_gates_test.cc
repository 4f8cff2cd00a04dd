// The gates that decide on samples: latency, behaviour, robustness, fairness, calibration.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "domain/gate/gates.h"
#include "domain/stats/random.h"

namespace slipway::gate {
namespace {

using enum Outcome;
using namespace std::chrono_literals;

// n times, evenly from `from` to twice as much, in microseconds.
std::vector<double> times(std::size_t n, double from) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(from + from * static_cast<double>(i) / static_cast<double>(n));
  return values;
}

Verdict latency(const LatencyBudget& budget, std::vector<double> candidate, std::vector<double> live = {},
                bool has_live = false) {
  return judge_latency({{budget}}, {{{budget.rows, std::move(candidate), std::move(live)}}, has_live});
}

TEST(Latency, passes_or_fails_by_the_interval_of_its_quantile) {
  const LatencyBudget budget{.quantile = 0.5, .budget = 160us};  // the median of times() is 1.5 times its argument
  EXPECT_EQ(latency(budget, times(1'000, 100)).outcome, Pass);
  EXPECT_EQ(latency(budget, times(1'000, 106)).outcome, Inconclusive);
  EXPECT_EQ(latency(budget, times(1'000, 120)).outcome, Fail);
}

TEST(Latency, a_budget_that_is_reached_is_kept) {
  const std::vector<double> same(100, 160.0);
  EXPECT_EQ(latency({.quantile = 0.5, .budget = 160us}, same).outcome, Pass);
  EXPECT_EQ(latency({.quantile = 0.5, .budget = 159us}, same).outcome, Fail);
}

TEST(Latency, too_few_executions_for_a_p99_say_how_many_are_missing) {
  const LatencyBudget budget{.quantile = 0.99, .budget = 1ms};
  const Verdict few = latency(budget, times(100, 100));
  EXPECT_EQ(few.outcome, Inconclusive);
  EXPECT_NE(few.reason.find("199 more needed"), std::string::npos) << few.reason;
  EXPECT_EQ(latency(budget, times(299, 100)).outcome, Pass);
  EXPECT_EQ(latency(budget, times(298, 100)).outcome, Inconclusive);
}

TEST(Latency, many_slow_executions_fail_however_few_there_are_for_a_bound) {
  EXPECT_EQ(latency({.quantile = 0.99, .budget = 50us}, times(100, 100)).outcome, Fail);
}

TEST(Latency, is_held_against_the_live_version_by_both_intervals) {
  const LatencyBudget budget{.quantile = 0.5, .ratio_to_live = 1.1};
  EXPECT_EQ(latency(budget, times(1'000, 100), times(1'000, 100), true).outcome, Pass);
  EXPECT_EQ(latency(budget, times(1'000, 130), times(1'000, 100), true).outcome, Fail);
  EXPECT_EQ(latency(budget, times(20, 100), times(20, 100), true).outcome, Inconclusive);
  EXPECT_EQ(latency(budget, times(1'000, 100), {}, true).outcome, Inconclusive);
  EXPECT_EQ(latency(budget, times(1'000, 100), {}, false).outcome, Pass);
}

TEST(Latency, what_was_not_measured_or_is_no_time_is_inconclusive) {
  const LatencyPolicy policy{{{.rows = 8, .budget = 1ms}}};
  EXPECT_EQ(judge_latency(policy, {}).outcome, Inconclusive);
  EXPECT_EQ(judge_latency(policy, {{{1, times(500, 1), {}}}}).outcome, Inconclusive);
  EXPECT_EQ(judge_latency(policy, {{{8, {std::nan("")}, {}}}}).outcome, Inconclusive);
  EXPECT_EQ(judge_latency({}, {}).outcome, Inconclusive);
}

TEST(Behaviour, failures_are_bounded_and_the_first_is_told) {
  const auto judged = [](double most, std::uint64_t failures, std::uint64_t cases) {
    return judge_behaviour({.most_failing = most},
                           {{{"typo", BehaviourKind::Invariance, cases, failures, "row 3: 1 became 0"}}});
  };
  EXPECT_EQ(judged(0.05, 0, 59).outcome, Pass);
  EXPECT_EQ(judged(0.05, 0, 58).outcome, Inconclusive);
  EXPECT_NE(judged(0.05, 0, 58).reason.find("59 cases without a failure would pass"), std::string::npos);
  EXPECT_EQ(judged(0.05, 30, 100).outcome, Fail);
  EXPECT_EQ(judged(0, 1, 1'000).outcome, Fail);
  EXPECT_NE(judged(0, 1, 1'000).reason.find("row 3: 1 became 0"), std::string::npos);
  EXPECT_EQ(judge_behaviour({}, {}).outcome, Inconclusive);
}

TEST(Robustness, a_crash_fails_whatever_rate_is_allowed) {
  const auto judged = [](RobustnessResult result) {
    return judge_robustness({.most_failing = 0.1}, {{std::move(result)}}).outcome;
  };
  EXPECT_EQ(judged({.cases = 200}), Pass);
  EXPECT_EQ(judged({.cases = 200, .crashes = 1}), Fail);
  EXPECT_EQ(judged({.cases = 200, .refused = 200}), Pass);
  EXPECT_EQ(judged({.cases = 200, .not_finite = 50}), Fail);
  EXPECT_EQ(judged({.cases = 200, .beyond_bound = 18}), Inconclusive);
  EXPECT_EQ(judged({.cases = 20}), Inconclusive);
  EXPECT_EQ(judge_robustness({}, {}).outcome, Inconclusive);
}

FairnessGroup group(std::string name, std::uint64_t rows, std::uint64_t positive) {
  return {std::move(name), rows, positive, rows / 2, positive / 2, rows - rows / 2, positive - positive / 2};
}

TEST(Fairness, gaps_are_judged_by_intervals_over_all_pairs) {
  const auto judged = [](const FairnessPolicy& policy, std::uint64_t rows, std::uint64_t first, std::uint64_t second) {
    return judge_fairness(policy, {{{group("a", rows, first), group("b", rows, second)}}}).outcome;
  };
  const FairnessPolicy parity{.parity_difference = 0.1}, ratio{.parity_ratio = 0.8};
  const FairnessPolicy opportunity{.opportunity_difference = 0.1}, odds{.odds_difference = 0.1};
  for (const FairnessPolicy& policy : {parity, ratio, opportunity, odds}) {
    EXPECT_EQ(judged(policy, 10'000, 5'000, 5'050), Pass);
    EXPECT_EQ(judged(policy, 10'000, 5'000, 2'500), Fail);
    EXPECT_EQ(judged(policy, 200, 100, 94), Inconclusive);
  }
  EXPECT_EQ(judged({}, 10'000, 5'000, 5'000), Inconclusive);
}

TEST(Fairness, small_or_missing_groups_are_told_and_inconclusive) {
  const FairnessPolicy policy{.parity_difference = 0.5};
  const Verdict small = judge_fairness(policy, {{{group("a", 5'000, 100), group("b", 99, 2)}}});
  EXPECT_EQ(small.outcome, Inconclusive);
  EXPECT_EQ(small.reason, "group 'b': expected at least 100 rows, found 99: 1 more needed");
  EXPECT_EQ(judge_fairness(policy, {{{group("a", 5'000, 100), group("b", 100, 2)}}}).outcome, Pass);
  EXPECT_EQ(judge_fairness(policy, {{{group("a", 5'000, 100)}}}).outcome, Inconclusive);
  EXPECT_EQ(judge_fairness(policy, {}).outcome, Inconclusive);
}

TEST(Fairness, groups_without_positives_leave_opportunity_open) {
  FairnessGroup without = group("b", 1'000, 100);
  without.positives = without.true_positives = 0;
  EXPECT_EQ(judge_fairness({.opportunity_difference = 0.5}, {{{group("a", 1'000, 100), without}}}).outcome,
            Inconclusive);
}

// Probabilities that are `tilt` too high, n of them.
CalibrationMeasurement forecasts(std::size_t n, double tilt) {
  stats::Xoshiro256 random(11);
  CalibrationMeasurement measured;
  for (std::size_t i = 0; i < n; ++i) {
    const double truth = 0.1 + 0.6 * random.unit();
    measured.probabilities.push_back(truth + tilt);
    measured.outcomes.push_back(random.unit() < truth ? 1 : 0);
  }
  return measured;
}

TEST(Calibration, errors_are_judged_by_their_intervals) {
  const CalibrationPolicy policy{.ece = 0.1};
  const Resampling resampling{.resamples = 300};
  EXPECT_EQ(judge_calibration(policy, forecasts(3'000, 0), resampling).outcome, Pass);
  EXPECT_EQ(judge_calibration(policy, forecasts(3'000, 0.2), resampling).outcome, Fail);
  EXPECT_EQ(judge_calibration(policy, forecasts(150, 0.06), resampling).outcome, Inconclusive);
  EXPECT_EQ(judge_calibration({.brier = 0.3}, forecasts(1'000, 0), resampling).outcome, Pass);
  EXPECT_EQ(judge_calibration({.brier = 0.1}, forecasts(1'000, 0), resampling).outcome, Fail);
}

TEST(Calibration, a_calibrated_model_does_not_fail_for_want_of_rows) {
  for (const std::size_t rows : {100U, 200U, 500U}) {
    const Verdict verdict = judge_calibration({.ece = 0.01}, forecasts(rows, 0), {.resamples = 300});
    EXPECT_EQ(verdict.outcome, Inconclusive) << rows << ": " << verdict.reason;
  }
}

TEST(Calibration, tells_the_parts_of_the_brier_score) {
  const Verdict verdict = judge_calibration({.brier = 0.3}, forecasts(500, 0), {.resamples = 200});
  ASSERT_EQ(verdict.evidence.size(), 4U);
  EXPECT_EQ(verdict.evidence[1].subject, "reliability");
}

TEST(Calibration, too_few_or_bad_rows_are_inconclusive) {
  const CalibrationPolicy policy{.ece = 0.5};
  EXPECT_EQ(judge_calibration(policy, forecasts(99, 0), {}).outcome, Inconclusive);
  EXPECT_NE(judge_calibration(policy, forecasts(99, 0), {}).reason.find("1 more needed"), std::string::npos);
  EXPECT_EQ(judge_calibration(policy, forecasts(100, 0), {.resamples = 200}).outcome, Pass);
  EXPECT_EQ(judge_calibration(policy, {}, {}).outcome, Inconclusive);
  EXPECT_EQ(judge_calibration(policy, {{0.5, 2}, {1, 0}}, {}).outcome, Inconclusive);
  EXPECT_EQ(judge_calibration(policy, {{0.5}, {1, 0}}, {}).outcome, Inconclusive);
}

}  // namespace
}  // namespace slipway::gate
