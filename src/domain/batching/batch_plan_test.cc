#include "domain/batching/batch_plan.h"

#include <gtest/gtest.h>

namespace slipway::batching {
namespace {

using namespace std::chrono_literals;
using model::Execution;

model::Cost cost(Duration fixed, Duration per_row) {
  return {fixed, per_row};
}

TEST(BatchPlan, places_by_cost_with_hysteresis_unless_the_manifest_says) {
  struct Row {
    Duration one;
    Execution asked;
    Placement now, expected;
  };
  for (const Row& row : {Row{90us, Execution::Auto, Placement::Inline, Placement::Inline},
                         Row{120us, Execution::Auto, Placement::Inline, Placement::Inline},
                         Row{131us, Execution::Auto, Placement::Inline, Placement::Queued},
                         Row{90us, Execution::Auto, Placement::Queued, Placement::Queued},
                         Row{74us, Execution::Auto, Placement::Queued, Placement::Inline},
                         Row{1s, Execution::Inline, Placement::Queued, Placement::Inline},
                         Row{1us, Execution::Queue, Placement::Inline, Placement::Queued}}) {
    EXPECT_EQ(next_placement(cost(0us, row.one), row.asked, row.now), row.expected) << row.one.count();
  }
}

TEST(BatchPlan, a_version_whose_batches_pay_stays_on_the_loop_for_longer) {
  struct Row {
    Duration fixed, per_row;
    Placement now, expected;
  };
  for (const Row& row : {Row{260us, 10us, Placement::Inline, Placement::Inline},     // 24 rows in a tick
                         Row{320us, 10us, Placement::Inline, Placement::Queued},     // too long alone
                         Row{170us, 10us, Placement::Queued, Placement::Inline},     // 33 rows
                         Row{200us, 10us, Placement::Queued, Placement::Queued},     // not yet
                         Row{100us, 40us, Placement::Queued, Placement::Queued},     // 10 rows, 11 are asked for
                         Row{90us, 60us, Placement::Inline, Placement::Queued},      // 6 rows, 7 are asked for
                         Row{100us, 90us, Placement::Inline, Placement::Queued}}) {  // 4 rows: a batch is no gain
    EXPECT_EQ(next_placement(cost(row.fixed, row.per_row), Execution::Auto, row.now), row.expected)
        << row.fixed.count() << " + " << row.per_row.count();
  }
}

TEST(BatchPlan, first_placement_is_inline_for_the_quick_and_for_those_whose_batches_pay) {
  EXPECT_EQ(first_placement(cost(0us, 100us), Execution::Auto), Placement::Inline);
  EXPECT_EQ(first_placement(cost(0us, 101us), Execution::Auto), Placement::Queued);
  EXPECT_EQ(first_placement(cost(100us, 50us), Execution::Auto), Placement::Inline);  // eight rows in a tick
  EXPECT_EQ(first_placement(cost(100us, 51us), Execution::Auto), Placement::Queued);
  EXPECT_EQ(first_placement(cost(240us, 10us), Execution::Auto), Placement::Inline);
  EXPECT_EQ(first_placement(cost(241us, 10us), Execution::Auto), Placement::Queued);
}

TEST(BatchPlan, a_queued_version_borrows_a_loop_that_has_neither_a_second_core_nor_other_work) {
  EXPECT_EQ(budget_on_loop(Execution::Auto, {1, 1, kLoneAfter}), kLoneBudget);
  EXPECT_EQ(budget_on_loop(Execution::Auto, {1, 1, kLoneAfter - 1ns}), 0us);
  EXPECT_EQ(budget_on_loop(Execution::Auto, {2, 1, 1h}), 0us);
  EXPECT_EQ(budget_on_loop(Execution::Auto, {1, 2, 1h}), 0us);
  EXPECT_EQ(budget_on_loop(Execution::Queue, {1, 1, 1h}), 0us);
}

TEST(BatchPlan, best_batch_ends_where_doubling_gains_less_than_five_percent) {
  EXPECT_EQ(best_batch(cost(1ms, 1ms), 64), 9U);
  EXPECT_EQ(best_batch(cost(6us, 100ns), 64), 64U);
  EXPECT_EQ(best_batch(cost(0us, 1ms), 64), 1U);
  EXPECT_EQ(best_batch(cost(1ms, 0us), 0), 65'536U);
}

TEST(BatchPlan, rows_within_a_budget_are_at_least_one) {
  EXPECT_EQ(rows_within(cost(100us, 10us), 500us), 40U);
  EXPECT_EQ(rows_within(cost(1ms, 10us), 500us), 1U);
}

TEST(BatchPlan, waits_only_when_arrivals_beat_the_cost_of_waiting) {
  struct Row {
    model::Cost of;
    Waiting waiting;
    bool expected;
  };
  const auto row = [](model::Cost of, std::uint64_t rows, double rate, Duration slack, std::uint64_t best,
                      bool expected) { return Row{of, {rows, rate, slack, best}, expected}; };
  for (const Row& r : {row(cost(6us, 100ns), 1, 100'000, 1s, 64, false),  // the threshold is about 340 k/s
                       row(cost(6us, 100ns), 1, 400'000, 1s, 64, true),
                       row(cost(1ms, 50us), 7, 11'000, 1s, 64, false),  // about 12.3 k/s
                       row(cost(1ms, 50us), 7, 13'000, 1s, 64, true),
                       row(cost(1ms, 50us), 7, 13'000, 1s, 7, false),     // the best batch is there
                       row(cost(1ms, 50us), 7, 13'000, 1ms, 64, false),   // no slack
                       row(cost(100us, 50us), 3, 1e9, 1s, 64, false)}) {  // a <= n·b
    EXPECT_EQ(is_worth_waiting(r.of, r.waiting), r.expected)
        << r.waiting.rows << " rows at " << r.waiting.arrivals_per_second;
  }
}

TEST(BatchPlan, an_estimate_may_not_use_the_last_eighth_of_the_time) {
  EXPECT_EQ(usable(80ms), 70ms);
  EXPECT_EQ(usable(0ms), 0ms);
}

TEST(BatchPlan, arrival_rate_rises_and_fades) {
  ArrivalRate rate;
  TimePoint now{1h};
  for (int i = 0; i < 2000; ++i) rate.observe(now += 1ms, 1);
  EXPECT_NEAR(rate.per_second(now), 1000, 20);
  EXPECT_LT(rate.per_second(now + 1s), 1);
}

TEST(TimeOf, is_linear_and_never_more_than_a_duration_holds) {
  EXPECT_EQ(time_of(cost(10us, 2us), 3, 7), 44us);
  EXPECT_EQ(time_of(cost(0us, 0us), 1, 1), 0us);
  EXPECT_GT(time_of(cost(10us, 2us), 1, std::uint64_t{1} << 62), std::chrono::hours(24 * 300));
}

}  // namespace
}  // namespace slipway::batching
