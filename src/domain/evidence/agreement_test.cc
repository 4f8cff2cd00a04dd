// Agreement: what it says of two versions that answered the same requests.
#include "domain/evidence/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domain/stats/distribution.h"
#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using testing::HasSubstr;

EvidencePlan plan_of(PairMetricPlan metric) {
  EvidencePlan plan;
  if (metric.name.empty()) metric.name = "shadow";
  plan.agreement.metrics = {std::move(metric)};
  plan.agreement.alpha_share = 0.999;  // these plans have nothing else to spend it on
  return plan;
}

PairObservation pair_of(double control, double candidate) {
  PairObservation pair;
  pair.answers.emplace();
  pair.answers->control.values[0] = control;
  pair.answers->candidate.values[0] = candidate;
  return pair;
}

PairObservation label_of(bool control, bool candidate) {
  PairObservation pair;
  pair.labelled.emplace(PairObservation::Labelled{.label = 1});
  pair.labelled->control.values[0] = control ? 1.2 : 2;
  pair.labelled->candidate.values[0] = candidate ? 0.9 : 0;
  return pair;
}

// Pairs made of a seed until there is a verdict; 0 if there never is.
template <class Next>
int pairs_until_verdict(Agreement& agreement, Next&& next, int most) {
  for (int i = 1; i <= most; ++i) {
    PairObservation pair = next(i);
    pair.t = 0.01 * i;
    agreement.observe(pair);
    if (agreement.verdict() != Verdict::Inconclusive) return i;
  }
  return 0;
}

TEST(Agreement, passes_a_version_that_always_agrees_after_few_hundred_pairs) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Class})).value();
  const int pairs = pairs_until_verdict(agreement, [](int i) { return pair_of(i % 7, i % 7); }, 2'000);
  EXPECT_EQ(agreement.verdict(), Verdict::Pass);
  EXPECT_GT(pairs, 299);
  EXPECT_LT(pairs, 450);
  EXPECT_TRUE(agreement.judge().may_advance);
}

TEST(Agreement, fails_a_version_that_disagrees_too_often_and_says_how_often) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Class})).value();
  stats::Xoshiro256 random(1);
  pairs_until_verdict(agreement, [&](int) { return pair_of(1, random.unit() < 0.04 ? 2 : 1); }, 5'000);
  const Judgement judgement = agreement.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Fail);
  EXPECT_THAT(judgement.reason, HasSubstr("shadow disagrees: e-value of harm"));
  EXPECT_THAT(judgement.reason, HasSubstr("share of pairs that differ"));
  EXPECT_TRUE(judgement.findings.at(0).effect_interval->contains(0.04));
}

TEST(Agreement, holds_and_says_how_many_pairs_are_missing) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Class})).value();
  EXPECT_THAT(agreement.judge().reason, HasSubstr("expected at least 30 pairs, found 0"));
  pairs_until_verdict(agreement, [](int) { return pair_of(1, 1); }, 100);
  const Judgement judgement = agreement.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Inconclusive);
  EXPECT_THAT(judgement.reason, HasSubstr("shadow is not yet shown to agree: e-value"));
  EXPECT_NEAR(static_cast<double>(judgement.missing.requests), 250, 60);
  EXPECT_NEAR(*judgement.missing.about_seconds, 2.5, 0.6);
}

TEST(Agreement, one_difference_ends_a_comparison_of_one_model_in_two_forms) {
  Agreement agreement =
      Agreement::create(plan_of({.source = PairSource::Numeric, .tolerance = {.absolute = 1e-6, .relative = 1e-4}}))
          .value();
  EXPECT_EQ(pairs_until_verdict(agreement, [](int i) { return pair_of(i, i * 1.00005); }, 200), 0);
  agreement.observe(pair_of(1, 1.01));
  const Judgement judgement = agreement.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Fail);
  EXPECT_THAT(judgement.reason, HasSubstr("outputs differ where none may; 201 pairs"));
  EXPECT_THAT(judgement.reason, HasSubstr("worst difference 0.01 (1.01 for 1)"));
}

TEST(Agreement, digests_decide_where_there_are_no_values) {
  const auto verdict_of = [](std::uint64_t control, std::uint64_t candidate) {
    Agreement agreement = Agreement::create(plan_of({.source = PairSource::Numeric})).value();
    PairObservation pair;
    pair.answers.emplace();
    pair.answers->control.outputs = control, pair.answers->candidate.outputs = candidate;
    for (int i = 0; i < 500; ++i) agreement.observe(pair);
    return agreement.verdict();
  };
  EXPECT_EQ(verdict_of(7, 7), Verdict::Pass);
  EXPECT_EQ(verdict_of(7, 8), Verdict::Fail);
}

TEST(Agreement, finds_a_bias_and_passes_none) {
  for (const double bias : {0.0, 0.05}) {
    Agreement agreement = Agreement::create(plan_of({.source = PairSource::Bias, .margin_difference = 0.1})).value();
    stats::Xoshiro256 random(2);
    pairs_until_verdict(
        agreement,
        [&](int) {
          const double x = random.unit();
          return pair_of(x, x + bias + 0.1 * stats::normal_quantile(random.unit() + 0x1p-54));
        },
        3'000);
    EXPECT_EQ(agreement.verdict(), bias > 0 ? Verdict::Fail : Verdict::Pass) << agreement.judge().reason;
    EXPECT_TRUE(agreement.judge().findings.at(0).effect_interval->contains(bias));
  }
}

TEST(Agreement, a_bias_within_its_tolerance_passes) {
  Agreement agreement =
      Agreement::create(plan_of({.source = PairSource::Bias, .margin_difference = 0.2, .tolerance_difference = 0.1}))
          .value();
  pairs_until_verdict(agreement, [](int i) { return pair_of(i % 5, i % 5 + 0.05); }, 3'000);
  EXPECT_EQ(agreement.verdict(), Verdict::Pass);
}

TEST(Agreement, labels_decide_which_of_two_is_right_more_often) {
  for (const bool is_worse : {false, true}) {
    Agreement agreement =
        Agreement::create(plan_of({.source = PairSource::Accuracy, .margin_difference = 0.05})).value();
    pairs_until_verdict(
        agreement,
        [&](int i) {
          if (i % 10 != 0) return label_of(true, true);
          return label_of(is_worse || i % 20 == 0, !is_worse && i % 20 != 0);
        },
        3'000);
    EXPECT_EQ(agreement.verdict(), is_worse ? Verdict::Fail : Verdict::Pass) << agreement.judge().reason;
  }
}

TEST(Agreement, who_failed_is_not_right_and_what_has_no_value_is_not_compared) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Accuracy, .margin_difference = 0.5})).value();
  for (int i = 0; i < 40; ++i) {
    PairObservation pair = label_of(true, true);
    if (i < 4) pair.labelled->candidate.error = true;
    if (i >= 38) pair.labelled->control.values[0] = kAbsent;
    agreement.observe(pair);
  }
  const Finding finding = agreement.judge().findings.at(0);
  EXPECT_EQ(finding.candidate.units, 38U);
  EXPECT_NEAR(*finding.effect, -4.0 / 38, 1e-12);
}

TEST(Agreement, answers_that_both_fail_are_nobodys_error) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Errors})).value();
  PairObservation pair = pair_of(1, 1);
  pair.answers->control.error = pair.answers->candidate.error = true;
  EXPECT_GT(pairs_until_verdict(agreement, [&](int) { return pair; }, 1'000), 0);
  EXPECT_EQ(agreement.verdict(), Verdict::Pass);
  pair.answers->control.error = false;
  for (int i = 0; i < 50; ++i) agreement.observe(pair);
  EXPECT_EQ(agreement.verdict(), Verdict::Fail);
}

TEST(Agreement, tells_another_distribution) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Distribution})).value();
  stats::Xoshiro256 random(3);
  for (int i = 0; i < 2'000 && agreement.verdict() != Verdict::Fail; ++i) {
    PairObservation pair = pair_of(random.unit(), 0);
    pair.answers->candidate.values[0] = 0.5 + (pair.answers->control.values[0] - 0.5) * 0.5;
    agreement.observe(pair);
  }
  EXPECT_EQ(agreement.verdict(), Verdict::Fail);
  EXPECT_THAT(agreement.judge().reason, HasSubstr("largest difference of the shares above a threshold"));
}

TEST(Agreement, lost_pairs_and_missing_values_hold) {
  Agreement agreement = Agreement::create(plan_of({.source = PairSource::Class})).value();
  for (int i = 0; i < 500; ++i) agreement.observe(pair_of(1, 1));
  EXPECT_EQ(agreement.verdict(), Verdict::Pass);
  agreement.lost(100);
  EXPECT_EQ(agreement.verdict(), Verdict::Inconclusive);
  EXPECT_THAT(agreement.judge().reason, HasSubstr("100 of 600 pairs were lost, at most 10 % may be"));
  Agreement without = Agreement::create(plan_of({.source = PairSource::Bias, .margin_difference = 0.5})).value();
  for (int i = 0; i < 500; ++i) without.observe(pair_of(i % 10 == 0 ? kAbsent : 1, 1));
  EXPECT_THAT(without.judge().reason, HasSubstr("shadow: 10 % of the pairs have no values to compare"));
}

TEST(Agreement, a_units_pairs_are_one) {
  EvidencePlan plan = plan_of({.source = PairSource::Class});
  plan.unit = Unit::Keyed;
  Agreement agreement = Agreement::create(plan).value();
  for (int i = 0; i < 100; ++i) {
    PairObservation pair = pair_of(1, 2);
    pair.unit = 7;
    agreement.observe(pair);
  }
  EXPECT_EQ(agreement.judge().findings.at(0).candidate.units, 1U);
  for (int i = 0; i < 10; ++i) agreement.observe(pair_of(1, 2));
  EXPECT_THAT(agreement.judge().reason, HasSubstr("10 of 110 observations had no unit key"));
  const Agreement judged = Agreement::restore(plan, agreement.judged_state()).value();
  EXPECT_EQ(judged.judge(), agreement.judge());
  plan.unit = Unit::Either;
  Agreement either = Agreement::create(plan).value();
  for (int i = 0; i < 10; ++i) {
    PairObservation pair = pair_of(1, 1);
    pair.unit = i < 5 ? 7 : 0;
    either.observe(pair);
  }
  EXPECT_EQ(either.judge().findings.at(0).candidate.units, 6U);
}

TEST(Agreement, names_the_slice_that_disagrees) {
  EvidencePlan plan = plan_of({.source = PairSource::Class, .most = 0.05});
  for (int i = 0; i < 10; ++i) plan.slices.push_back("s" + std::to_string(i));
  Agreement agreement = Agreement::create(plan).value();
  for (int i = 0; i < 2'000; ++i) {
    PairObservation pair = pair_of(1, i % 10 == 3 && i % 20 == 3 ? 2 : 1);
    pair.slices = std::uint64_t{1} << (i % 10);
    agreement.observe(pair);
  }
  EXPECT_EQ(agreement.judge().named_slices, (std::vector<std::string>{"shadow in slice s3"}));
}

EvidencePlan everything() {
  EvidencePlan plan;
  plan.slices = {"a", "b"};
  plan.unit = Unit::Keyed;
  for (std::size_t i = 0; i < kPairSourceCount; ++i) {
    const auto source = static_cast<PairSource>(i);
    plan.agreement.metrics.push_back({.name = std::string(name_of(source)), .source = source, .most = 0.4});
  }
  plan.agreement.metrics.push_back(
      {.name = "tolerant", .source = PairSource::Bias, .margin_difference = 0.5, .tolerance_difference = 0.1});
  return plan;
}

TEST(Agreement, goes_on_from_its_state_bit_for_bit) {
  Agreement whole = Agreement::create(everything()).value();
  stats::Xoshiro256 random(4);
  const auto next = [&](std::uint64_t i) {
    PairObservation pair = pair_of(random.unit(), random.unit());
    pair.answers->candidate.error = random.unit() < 0.01;
    pair.labelled = label_of(random.unit() < 0.5, random.unit() < 0.5).labelled;
    pair.unit = i % 2'000 + 1, pair.slices = i % 4, pair.t = static_cast<double>(i);
    return pair;
  };
  for (std::uint64_t i = 0; i < 1'500; ++i) whole.observe(next(i));
  Agreement resumed = Agreement::restore(everything(), whole.state()).value();
  EXPECT_EQ(resumed.judge(), whole.judge());
  for (std::uint64_t i = 1'500; i < 3'000; ++i) {
    const PairObservation pair = next(i);
    whole.observe(pair), resumed.observe(pair);
  }
  EXPECT_EQ(resumed.state(), whole.state());
  EXPECT_EQ(resumed.judge(), whole.judge());
  const auto other = Agreement::restore(plan_of({.source = PairSource::Class}), whole.state());
  EXPECT_EQ(other.error().code, ErrorCode::Corrupt);
}

// 400 shadows of a version that is as good as the old one, every metric at its bound, looked at after every pair.
TEST(Agreement, ends_equal_versions_in_at_most_one_of_twenty_rollouts) {
  EvidencePlan plan;
  plan.agreement.alpha_share = 0.999;
  plan.agreement.metrics = {{.name = "class", .source = PairSource::Class, .most = 0.05},
                            {.name = "bias", .source = PairSource::Bias, .column = 1},
                            {.name = "shape", .source = PairSource::Distribution, .column = 1},
                            {.name = "right", .source = PairSource::Accuracy}};
  stats::Xoshiro256 random(5);
  int failed = 0;
  for (int run = 0; run < 400; ++run) {
    Agreement agreement = Agreement::create(plan).value();
    for (int i = 0; i < 1'000 && agreement.verdict() != Verdict::Fail; ++i) {
      PairObservation pair = pair_of(1, random.unit() < 0.05 ? 2 : 1);
      pair.answers->control.values[1] = random.unit(), pair.answers->candidate.values[1] = random.unit();
      pair.labelled = label_of(random.unit() < 0.8, random.unit() < 0.8).labelled;
      agreement.observe(pair);
    }
    failed += agreement.verdict() == Verdict::Fail ? 1 : 0;
  }
  EXPECT_LE(failed, 29);  // 97.5 % quantile of 20 in 400
}

// One at its bound of what may differ is passed as seldom.
TEST(Agreement, passes_a_version_at_its_bound_in_at_most_one_of_twenty_rollouts) {
  stats::Xoshiro256 random(6);
  int passed = 0;
  for (int run = 0; run < 400; ++run) {
    Agreement agreement = Agreement::create(plan_of({.source = PairSource::Class, .most = 0.05})).value();
    const auto next = [&](int) { return pair_of(1, random.unit() < 0.05 ? 2 : 1); };
    pairs_until_verdict(agreement, next, 1'000);
    passed += agreement.verdict() == Verdict::Pass ? 1 : 0;
  }
  EXPECT_LE(passed, 29);
}

TEST(AgreementPlan, that_cannot_be_is_refused_by_name) {
  const auto message = [](PairMetricPlan metric) {
    const auto created = Agreement::create(plan_of(std::move(metric)));
    return created.ok() ? std::string("ok") : created.error().message;
  };
  EXPECT_EQ(message({}), "ok");
  EXPECT_THAT(message({.most = 0}), HasSubstr("agreement: metric \"shadow\": most: expected a number above 0"));
  EXPECT_THAT(message({.margin_difference = 0.1}), HasSubstr("expected only for bias and accuracy"));
  EXPECT_THAT(message({.tolerance = {.ulps = 1}}), HasSubstr("expected only for values and numeric"));
  EXPECT_THAT(message({.source = PairSource::Bias, .margin_difference = 0.1, .tolerance_difference = 0.2}),
              HasSubstr("no more than the margin"));
  EXPECT_THAT(Agreement::create(EvidencePlan{.metrics = {{.name = "errors"}}}).error().message,
              HasSubstr("expected metrics of pairs, found none"));
}

TEST(AgreementPlan, has_its_own_part_of_alpha) {
  EvidencePlan plan = everything();
  plan.agreement.alpha_share = 0.4;
  EXPECT_DOUBLE_EQ(plan.live_alpha() + plan.shadow_alpha(), plan.alpha);
  EXPECT_NEAR(Agreement::create(plan).value().judge().harm_bar, -std::log(0.02), 1e-12);
  plan.agreement.metrics.clear();
  EXPECT_EQ(plan.live_alpha(), plan.alpha);
}

}  // namespace
}  // namespace slipway::evidence
