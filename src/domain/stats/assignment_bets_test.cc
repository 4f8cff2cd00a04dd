// Processes that bet on the arm of each unit: fair where nothing differs, growing where something does, kept whole.
#include <gtest/gtest.h>

#include <cmath>

#include "domain/stats/difference_process.h"
#include "domain/stats/event_process.h"
#include "domain/stats/kept_state.h"
#include "domain/stats/log_histogram.h"
#include "domain/stats/multiplicity.h"
#include "domain/stats/random.h"
#include "domain/stats/ratio_mismatch.h"
#include "domain/stats/shape_process.h"

namespace slipway::stats {
namespace {

// The mean of E over the arm of one more unit, which has to be E itself.
template <class Process, class Bet>
double mean_over_arms(const Process& process, double rho, Bet&& bet) {
  Process candidate = process, control = process;
  bet(candidate, Arm::Candidate);
  bet(control, Arm::Control);
  const double past = process.log_evidence();
  return rho * std::exp(candidate.log_evidence() - past) + (1 - rho) * std::exp(control.log_evidence() - past);
}

// A course of bets from which the next one is to be fair: every process, whatever it has learnt.
TEST(AssignmentBets, are_fair_after_any_past) {
  Xoshiro256 random(5);
  EventProcess events;
  MarginProcess margin(1.5);
  FrequentEventProcess frequent;
  DifferenceProcess marked({});
  ShapeProcess shape(16);
  RatioMismatch mismatch;
  for (int unit = 0; unit < 400; ++unit) {
    const double rho = unit < 200 ? 0.1 : 0.37, y = random.unit();
    const auto bin = static_cast<std::uint32_t>(random.below(16));
    const auto event = [&](auto& process, Arm arm) { process.event(arm, rho); };
    const auto often = [&](auto& process, Arm arm) { process.unit(arm, rho, y < 0.5, 0.4); };
    const auto value = [&](auto& process, Arm arm) { process.unit(arm, rho, y); };
    const auto binned = [&](auto& process, Arm arm) { process.unit(arm, rho, bin); };
    const auto counted = [&](auto& process, Arm arm) { process.unit(arm, rho); };
    ASSERT_NEAR(mean_over_arms(events, rho, event), 1, 1e-10);
    ASSERT_NEAR(mean_over_arms(frequent, rho, often), 1, 1e-10);
    ASSERT_NEAR(mean_over_arms(marked, rho, value), 1, 1e-10);
    ASSERT_NEAR(mean_over_arms(shape, rho, binned), 1, 1e-10);
    ASSERT_NEAR(mean_over_arms(mismatch, rho, counted), 1, 1e-10);
    const Arm arm = random.unit() < rho ? Arm::Candidate : Arm::Control;
    event(events, arm), event(margin, arm), often(frequent, arm), value(marked, arm), binned(shape, arm);
    counted(mismatch, arm);
  }
}

// The means under the least favourable pair of H0 are 1, and beyond it at most 1.
TEST(AssignmentBets, stay_below_one_all_over_the_null_hypothesis) {
  const double rho = 0.2;
  const auto mean = [&](const Contrast& contrast, double candidate, double control) {
    double sum = 0;
    for (const bool is_candidate : {false, true}) {
      const double rate = is_candidate ? candidate : control, share = is_candidate ? rho : 1 - rho;
      for (const bool y : {false, true}) {
        DifferenceProcess process(contrast);
        process.unit(is_candidate ? Arm::Candidate : Arm::Control, rho, y ? 1 : 0);
        sum += share * (y ? rate : 1 - rate) * std::exp(process.log_evidence());
      }
    }
    return sum;
  };
  EXPECT_NEAR(mean({Side::Above, 1, 0.05}, 0.35, 0.3), 1, 1e-12);
  EXPECT_LT(mean({Side::Above, 1, 0.05}, 0.3, 0.3), 1);
  EXPECT_NEAR(mean({Side::Below, 1, 0.05}, 0.35, 0.3), 1, 1e-12);
  EXPECT_GT(mean({Side::Below, 1, 0.05}, 0.3, 0.3), 1);
  EXPECT_NEAR(mean({Side::Above, 0.98, 0}, 0.294, 0.3), 1, 1e-12);  // H0: two hundredths worse, or more
  EXPECT_GT(mean({Side::Above, 0.98, 0}, 0.3, 0.3), 1);
}

TEST(EventProcess, grows_as_the_counters_say) {
  const std::vector<ArmEvents> steps{{0.05, 4, 30}, {0.5, 41, 70}};
  EventProcess events;
  MarginProcess margin(2);
  for (const ArmEvents& step : steps) {
    for (std::uint64_t i = 0; i < step.all; ++i) {
      events.event(i < step.candidate ? Arm::Candidate : Arm::Control, step.rho);
      margin.event(i < step.candidate ? Arm::Candidate : Arm::Control, step.rho);
    }
  }
  EXPECT_NEAR(events.log_evidence(), log_evidence_of_harm(steps).value(), 1e-11);
  EXPECT_NEAR(margin.log_evidence(), log_evidence_of_no_harm(steps, 2).value(), 1e-11);
}

TEST(EventProcess, with_another_null_ratio_needs_more_than_that) {
  EventProcess strict({{3}}, 2);
  const double rho = 0.3, p0 = rho * 2 / (rho * 2 + 1 - rho);  // the truth: twice as many
  EventProcess candidate = strict, control = strict;
  candidate.event(Arm::Candidate, rho);
  control.event(Arm::Control, rho);
  EXPECT_NEAR(p0 * std::exp(candidate.log_evidence()) + (1 - p0) * std::exp(control.log_evidence()), 1, 1e-12);
}

TEST(EventProcess, growth_is_the_information_of_each_unit) {
  const Growth growth = growth_of_events(2, 0.1);
  const double rate = 1.1, events = events_to_detect(2, 0.1, 0.05).value();
  EXPECT_NEAR(growth.mean, rate * std::log(20) / events, 1e-12);
  EXPECT_NEAR(chance_to_reach(3, 3, 1), 0.5, 1e-12);
  EXPECT_EQ(chance_to_reach(3, 0, 0), 0);
}

TEST(RiskRatio, its_interval_holds_the_true_ratio_at_every_look) {
  Xoshiro256 random(21);
  int missed = 0;
  for (int run = 0; run < 200; ++run) {
    std::vector<ArmEvents> steps{{0.1}, {0.5}};
    bool held = true;
    for (int event = 0; event < 200; ++event) {
      ArmEvents& step = steps[event < 100 ? 0 : 1];
      step.all += 1;
      step.candidate += random.unit() < step.rho * 2 / (step.rho * 2 + 1 - step.rho) ? 1 : 0;
      if (event % 20 == 19) held = held && risk_ratio_interval(steps, 0.05).value().contains(2);
    }
    missed += held ? 0 : 1;
    EXPECT_TRUE(risk_ratio_interval(steps, 0.05).value().contains(risk_ratio_estimate(steps).value()));
  }
  EXPECT_LE(missed, 17);  // 97.5 % quantile of 10 in 200
  EXPECT_NEAR(risk_ratio_estimate(std::vector<ArmEvents>{{0.5, 60, 90}}).value(), 2, 1e-8);
  EXPECT_EQ(risk_ratio_estimate(std::vector<ArmEvents>{{0.5, 0, 9}}).value(), 0);
  EXPECT_FALSE(risk_ratio_estimate({}).ok());
}

TEST(RatioMismatch, counts_at_once_are_counts_one_by_one) {
  RatioMismatch one, many;
  for (int i = 0; i < 300; ++i) one.unit(i < 100 ? Arm::Candidate : Arm::Control, 0.3);
  many.units(Arm::Candidate, 0.3, 100), many.units(Arm::Control, 0.3, 200);
  EXPECT_NEAR(one.log_evidence(), many.log_evidence(), 1e-9);
}

TEST(LogHistogram, edges_hold_their_values_and_quantiles_leave_no_more_above) {
  for (const double value : {0.0, 0.0005, 0x1p-10, 0.9999, 1.0, 1.03, 300.0, 1e6, 0x1p30 - 1}) {
    const std::uint32_t bucket = LogHistogram::bucket_of(value);
    EXPECT_LT(value, LogHistogram::upper_edge(bucket)) << value;
    if (bucket == 0) continue;
    EXPECT_GE(value, LogHistogram::upper_edge(bucket - 1)) << value;
  }
  EXPECT_EQ(LogHistogram::bucket_of(INFINITY), LogHistogram::kBuckets - 1);
  LogHistogram histogram;
  for (int i = 1; i <= 1'000; ++i) histogram.add(LogHistogram::bucket_of(i));
  const std::uint32_t p99 = histogram.quantile_bucket(0.99);
  EXPECT_LE(histogram.share_above(p99), 0.01);
  EXPECT_NEAR(LogHistogram::upper_edge(p99), 990, 32);
}

TEST(RankReference, ranks_ties_in_the_middle) {
  RankReference reference(4);
  for (const double value : {3.0, 1.0, 2.0, 2.0}) reference.add(value);
  EXPECT_TRUE(reference.is_frozen());
  EXPECT_EQ(reference.rank_of(0), 0);
  EXPECT_EQ(reference.rank_of(2), 0.5);
  EXPECT_EQ(reference.rank_of(9), 1);
}

TEST(ShapeProcess, finds_a_change_that_leaves_the_mean_where_it_was) {
  Xoshiro256 random(11);
  ShapeProcess changed(16), same(16);
  for (int unit = 0; unit < 6'000; ++unit) {
    const Arm arm = random.unit() < 0.3 ? Arm::Candidate : Arm::Control;
    const double u = random.unit(), narrow = 0.25 + u / 2;
    changed.unit(arm, 0.3, static_cast<std::uint32_t>(16 * (arm == Arm::Candidate ? narrow : u)));
    same.unit(arm, 0.3, static_cast<std::uint32_t>(16 * u));
  }
  EXPECT_GT(changed.log_evidence(), std::log(1e6));
  EXPECT_LT(same.log_evidence(), std::log(20));
}

TEST(RatioMismatch, finds_a_split_that_is_not_the_logged_one) {
  Xoshiro256 random(12);
  RatioMismatch wrong, right;
  for (int unit = 0; unit < 20'000; ++unit) {
    const double u = random.unit();
    wrong.unit(u < 0.53 ? Arm::Candidate : Arm::Control, 0.5);
    right.unit(u < 0.5 ? Arm::Candidate : Arm::Control, 0.5);
  }
  EXPECT_GT(wrong.log_evidence(), std::log(1000));
  EXPECT_LT(right.log_evidence(), std::log(1000));
}

TEST(Multiplicity, e_values_name_as_many_as_all_of_them_can_carry) {
  const auto logs = [](std::vector<double> values) {
    for (double& value : values) value = std::log(value);
    return values;
  };
  EXPECT_EQ(e_benjamini_hochberg(logs({90, 1, 45, 2}), 0.05), (std::vector<bool>{true, false, true, false}));
  EXPECT_EQ(e_benjamini_hochberg(logs({79, 1, 39, 2}), 0.05), (std::vector<bool>(4, false)));
  EXPECT_TRUE(e_benjamini_hochberg({}, 0.05).empty());
  double sum = 0;
  for (std::uint64_t t = 1; t <= 100'000; ++t) sum += e_lond_level(0.05, t, 0);
  EXPECT_NEAR(sum, 0.05, 1e-5);
}

TEST(KeptState, goes_on_bit_for_bit_and_refuses_what_is_not_its_own) {
  Xoshiro256 random(9);
  ShapeProcess first(8), second(8);
  for (int unit = 0; unit < 100; ++unit) first.unit(Arm::Candidate, 0.4, static_cast<std::uint32_t>(random.below(8)));
  StateWriter writer;
  writer(first);
  const std::vector<std::byte> bytes = writer.take();
  StateReader reader(bytes);
  reader(second);
  ASSERT_TRUE(reader.finish().ok());
  first.unit(Arm::Control, 0.4, 3), second.unit(Arm::Control, 0.4, 3);
  EXPECT_EQ(first.log_evidence(), second.log_evidence());
  ShapeProcess other(9);
  StateReader wrong(bytes);
  wrong(other);
  EXPECT_EQ(wrong.finish().error().code, ErrorCode::Corrupt);
  StateReader cut{std::span<const std::byte>(bytes).first(bytes.size() - 1)};
  cut(second);
  EXPECT_FALSE(cut.finish().ok());
}

}  // namespace
}  // namespace slipway::stats
