// The gates on hold-out data: quality and slices. And the plan as a whole.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "domain/gate/gates.h"
#include "domain/stats/random.h"

namespace slipway::gate {
namespace {

using enum Outcome;

constexpr Resampling kQuick{.seed = 1, .resamples = 300};

// n rows of two classes; the candidate is right where `candidate` of 100 rows in a row are, so the live version.
Predicted right_in(const HoldOut& data, std::size_t percent) {
  Predicted predicted;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const std::uint32_t truth = data.truth_classes[row];
    const bool is_right = row * 37 % 100 < percent;
    predicted.classes.push_back(is_right ? truth : 1 - truth);
    const double positive = predicted.classes.back() == 1 ? 0.8 : 0.2;
    predicted.probabilities.insert(predicted.probabilities.end(), {1 - positive, positive});
  }
  return predicted;
}

HoldOut classified(std::size_t rows, std::size_t candidate, std::optional<std::size_t> live = std::nullopt) {
  HoldOut data;
  for (std::size_t row = 0; row < rows; ++row) data.truth_classes.push_back(row / 3 % 2);
  data.candidate = right_in(data, candidate);
  if (live) data.live = right_in(data, *live);
  data.has_live = live.has_value();
  return data;
}

HoldOut numbers(std::size_t rows, double candidate_error, double live_error) {
  HoldOut data{.task = Task::Regression};
  stats::Xoshiro256 random(5);
  data.live.emplace();
  data.has_live = true;
  for (std::size_t row = 0; row < rows; ++row) {
    const double truth = 10 * random.unit();
    data.truth_values.push_back(truth);
    data.candidate.values.push_back(truth + candidate_error * (random.unit() - 0.5));
    data.live->values.push_back(truth + live_error * (random.unit() - 0.5));
  }
  return data;
}

Verdict quality(const QualityRule& rule, HoldOut data) {
  return judge_quality({.rules = {rule}}, {std::move(data)}, kQuick);
}

TEST(Quality, a_threshold_is_met_by_the_interval_and_not_by_the_value) {
  for (const Metric metric :
       {Metric::Accuracy, Metric::F1, Metric::Precision, Metric::Recall, Metric::Auroc, Metric::AveragePrecision}) {
    const QualityRule rule{.metric = metric, .threshold = 0.8};
    EXPECT_EQ(quality(rule, classified(2'000, 90)).outcome, Pass) << name_of(metric);
    EXPECT_EQ(quality(rule, classified(2'000, 60)).outcome, Fail) << name_of(metric);
    EXPECT_EQ(quality(rule, classified(100, 82)).outcome, Inconclusive) << name_of(metric);
  }
}

TEST(Quality, where_less_is_better_the_threshold_is_the_most) {
  for (const Metric metric : {Metric::LogLoss, Metric::Brier}) {
    EXPECT_EQ(quality({.metric = metric, .threshold = 0.5}, classified(2'000, 95)).outcome, Pass) << name_of(metric);
    EXPECT_EQ(quality({.metric = metric, .threshold = 0.1}, classified(2'000, 60)).outcome, Fail) << name_of(metric);
  }
  for (const Metric metric : {Metric::Rmse, Metric::Mae}) {
    EXPECT_EQ(quality({.metric = metric, .threshold = 1.0}, numbers(500, 1, 1)).outcome, Pass) << name_of(metric);
    EXPECT_EQ(quality({.metric = metric, .threshold = 0.1}, numbers(500, 1, 1)).outcome, Fail) << name_of(metric);
  }
  EXPECT_EQ(quality({.metric = Metric::RSquared, .threshold = 0.9}, numbers(500, 1, 1)).outcome, Pass);
}

TEST(Quality, inconclusive_says_how_many_rows_would_decide) {
  const Verdict verdict = quality({.metric = Metric::Accuracy, .threshold = 0.8}, classified(100, 82));
  EXPECT_NE(verdict.reason.find("rows in all would decide it"), std::string::npos) << verdict.reason;
}

TEST(Quality, better_needs_a_gain_above_zero) {
  const QualityRule rule{.metric = Metric::Accuracy, .live = Against::Better};
  EXPECT_EQ(quality(rule, classified(2'000, 90, 80)).outcome, Pass);
  EXPECT_EQ(quality(rule, classified(2'000, 80, 90)).outcome, Fail);
  EXPECT_EQ(quality(rule, classified(2'000, 85, 85)).outcome, Inconclusive);
}

TEST(Quality, not_worse_allows_for_the_margin) {
  for (const Metric metric : {Metric::Accuracy, Metric::F1, Metric::Auroc}) {
    const QualityRule rule{.metric = metric, .live = Against::NotWorse, .margin = 0.05};
    EXPECT_EQ(quality(rule, classified(2'000, 85, 85)).outcome, Pass) << name_of(metric);
    EXPECT_EQ(quality(rule, classified(2'000, 70, 85)).outcome, Fail) << name_of(metric);
    EXPECT_EQ(quality(rule, classified(100, 80, 85)).outcome, Inconclusive) << name_of(metric);
  }
  const QualityRule error{.metric = Metric::Rmse, .live = Against::NotWorse, .margin = 0.1};
  EXPECT_EQ(quality(error, numbers(500, 1, 1)).outcome, Pass);
  EXPECT_EQ(quality(error, numbers(500, 3, 1)).outcome, Fail);
}

TEST(Quality, the_first_version_has_nothing_to_be_held_against_but_a_gap_is_no_first_version) {
  const QualityRule rule{.metric = Metric::Accuracy, .live = Against::NotWorse, .margin = 0.05};
  HoldOut data = classified(500, 80);
  EXPECT_EQ(quality(rule, data).outcome, Pass);
  data.has_live = true;
  EXPECT_EQ(quality(rule, data).outcome, Inconclusive);
}

TEST(Quality, few_rows_without_a_mistake_are_not_proof) {
  const QualityRule rule{.metric = Metric::F1, .threshold = 0.95};
  EXPECT_EQ(quality(rule, classified(60, 100)).outcome, Inconclusive);
  EXPECT_EQ(quality(rule, classified(2'000, 100)).outcome, Pass);
}

TEST(Quality, bad_evaluation_data_is_inconclusive_and_bad_answers_fail) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const QualityRule rule{.metric = Metric::Rmse, .threshold = 1.0};
  HoldOut data = numbers(100, 1, 1);
  data.truth_values[3] = kNone;
  EXPECT_EQ(quality(rule, data).outcome, Inconclusive);
  data = numbers(100, 1, 1);
  data.candidate.values[3] = kNone;
  EXPECT_EQ(quality(rule, data).outcome, Fail);
  EXPECT_NE(quality(rule, data).reason.find("row 3"), std::string::npos);
  data = numbers(100, 1, 1);
  data.candidate.values.pop_back();
  EXPECT_EQ(quality(rule, data).outcome, Inconclusive);
  EXPECT_EQ(quality(rule, numbers(29, 1, 1)).outcome, Inconclusive);
  EXPECT_EQ(quality(rule, HoldOut{}).outcome, Inconclusive);
  EXPECT_EQ(quality(rule, classified(100, 90)).outcome, Inconclusive);  // no metric of a classification
}

TEST(Quality, one_class_gives_auroc_no_value_and_no_pass) {
  HoldOut data = classified(100, 90);
  data.truth_classes.assign(100, 1);
  EXPECT_EQ(quality({.metric = Metric::Auroc, .threshold = 0.1}, data).outcome, Inconclusive);
}

TEST(Quality, the_same_seed_gives_the_same_evidence) {
  const QualityRule rule{.metric = Metric::F1, .threshold = 0.8};
  EXPECT_EQ(quality(rule, classified(500, 82)).reason, quality(rule, classified(500, 82)).reason);
}

Slice slice(std::string name, std::uint32_t from, std::uint32_t to) {
  Slice made{std::move(name), {}};
  for (std::uint32_t row = from; row < to; ++row) made.rows.push_back(row);
  return made;
}

// 2000 rows with 90 % right, of which the first 400 have only `percent`.
HoldOut with_a_weak_part(std::size_t percent) {
  HoldOut data = classified(2'000, 90);
  const Predicted weak = right_in(data, percent);
  std::copy_n(weak.classes.begin(), 400, data.candidate.classes.begin());
  return data;
}

TEST(Slices, the_worst_slice_decides_and_comes_first) {
  const SlicesPolicy policy{.threshold = 0.75};
  const auto judged = [&](std::size_t percent) {
    return judge_slices(policy, {with_a_weak_part(percent), {slice("rest", 400, 2'000), slice("weak", 0, 400)}},
                        kQuick);
  };
  EXPECT_EQ(judged(88).outcome, Pass);
  EXPECT_EQ(judged(50).outcome, Fail);
  EXPECT_EQ(judged(76).outcome, Inconclusive);
  EXPECT_EQ(judged(50).evidence.front().subject, "slice weak");
}

TEST(Slices, a_gap_is_held_against_the_other_rows) {
  const SlicesPolicy policy{.gap = 0.1};
  const auto judged = [&](std::size_t percent, std::uint32_t to) {
    return judge_slices(policy, {with_a_weak_part(percent), {slice("weak", 0, to)}}, kQuick).outcome;
  };
  EXPECT_EQ(judged(90, 400), Pass);
  EXPECT_EQ(judged(60, 400), Fail);
  EXPECT_EQ(judged(82, 100), Inconclusive);
}

TEST(Slices, small_empty_or_impossible_slices_are_told_and_inconclusive) {
  const auto judged = [](std::vector<Slice> slices) {
    return judge_slices({.threshold = 0.1}, {classified(200, 90), std::move(slices)}, kQuick);
  };
  EXPECT_EQ(judged({slice("a", 0, 30)}).outcome, Pass);
  EXPECT_EQ(judged({slice("a", 0, 29)}).outcome, Inconclusive);
  EXPECT_NE(judged({slice("a", 0, 29)}).reason.find("1 more needed"), std::string::npos);
  EXPECT_EQ(judged({slice("a", 150, 250)}).outcome, Inconclusive);
  EXPECT_EQ(judged({{"twice", std::vector<std::uint32_t>(50, 7)}}).outcome, Inconclusive);
  EXPECT_EQ(judged({}).outcome, Inconclusive);
}

TEST(Plan, gates_without_measurements_are_inconclusive_and_say_why) {
  Plan plan;
  plan.interface.emplace();
  plan.size.emplace();
  plan.fairness.emplace();
  Measurements measured;
  measured.size = SizeMeasurement{mebibytes(1), 1, mebibytes(1)};
  measured.missing["interface"] = "the gate process ended";
  const std::vector<GateVerdict> verdicts = judge(plan, measured);
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].gate, "interface");
  EXPECT_EQ(verdicts[0].verdict.reason, "not measured: the gate process ended");
  EXPECT_EQ(verdicts[1].verdict.outcome, Inconclusive);
  EXPECT_EQ(verdicts[2].verdict.outcome, Pass);
  EXPECT_EQ(overall(verdicts), Inconclusive);
  EXPECT_EQ(overall(judge({}, measured)), Inconclusive);
}

TEST(Plan, every_gate_of_a_full_plan_is_asked_and_none_passes_unmeasured) {
  Plan plan{InterfacePolicy{}, LoadPolicy{},        GoldenPolicy{},     DeterminismPolicy{}, LatencyPolicy{},
            MemoryPolicy{},    QualityPolicy{},     SlicesPolicy{},     BehaviourPolicy{},   RobustnessPolicy{},
            FairnessPolicy{},  CalibrationPolicy{}, RegressionPolicy{}, SchemaPolicy{},      ModelCardPolicy{},
            LicencePolicy{},   SigningPolicy{},     SizePolicy{}};
  const std::vector<GateVerdict> verdicts = judge(plan, {});
  EXPECT_EQ(verdicts.size(), 18U);
  for (const GateVerdict& one : verdicts) EXPECT_EQ(one.verdict.outcome, Inconclusive) << one.gate;
}

TEST(Plan, values_that_mean_nothing_are_refused_by_gate_and_key) {
  const auto refused = [](auto change) {
    Plan plan;
    change(plan);
    const Result<void> checked = check(plan);
    return checked.ok() ? std::string() : checked.error().message;
  };
  EXPECT_EQ(refused([](Plan&) {}), "");
  EXPECT_NE(refused([](Plan& p) { p.quality = QualityPolicy{}; }).find("gates.quality"), std::string::npos);
  EXPECT_NE(refused([](Plan& p) { p.latency = LatencyPolicy{{{.quantile = 1.0}}}; }).find("quantile"),
            std::string::npos);
  EXPECT_NE(refused([](Plan& p) { p.behaviour = BehaviourPolicy{.confidence = 0.4}; }).find("confidence"),
            std::string::npos);
  EXPECT_NE(refused([](Plan& p) { p.schema = SchemaPolicy{.most_missing = 2}; }).find("most_missing"),
            std::string::npos);
  EXPECT_NE(refused([](Plan& p) { p.resamples = 10; }).find("resamples"), std::string::npos);
  for (const auto& make : std::vector<void (*)(Plan&)>{
           [](Plan& p) { p.slices.emplace(); }, [](Plan& p) { p.fairness.emplace(); },
           [](Plan& p) { p.calibration.emplace(); }, [](Plan& p) { p.memory.emplace(); },
           [](Plan& p) { p.licence.emplace(); }, [](Plan& p) { p.latency = LatencyPolicy{{{.quantile = 0.5}}}; }}) {
    EXPECT_NE(refused(make).find("expected at least one of"), std::string::npos);
  }
}

}  // namespace
}  // namespace slipway::gate
