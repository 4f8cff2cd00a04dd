#include "adapter/log_evidence/booking.h"

#include <gtest/gtest.h>

#include <cmath>

namespace slipway::log_evidence {
namespace {

using ports::OutcomeRecord;
using ports::PredictionRecord;

PredictionRecord failed(ErrorCode code) {
  return {.status = static_cast<std::uint8_t>(1 + static_cast<unsigned>(code)),
          .latency = std::chrono::milliseconds(7)};
}

TEST(Booking, an_answer_has_its_latency_and_the_values_that_count) {
  const auto seen = observation_of(PredictionRecord{.draw = {.unit = 9, .by = model::AssignedBy::Unit},
                                                    .value_count = 2,
                                                    .values = {0.5F, 3, 8, 8},
                                                    .at = WallTime(std::chrono::seconds(12)),
                                                    .latency = std::chrono::microseconds(2'500)});
  EXPECT_EQ(seen.error, false);
  EXPECT_EQ(seen.latency_ms, 2.5);
  EXPECT_EQ(seen.t, 12);
  EXPECT_EQ(seen.unit, 9U);
  EXPECT_EQ(seen.predictions[1], 3);
  EXPECT_TRUE(std::isnan(seen.predictions[2]));
  EXPECT_EQ(observation_of(PredictionRecord{.draw = {.unit = 9}}).unit, 0U) << "a random number is no unit's key";
}

TEST(Booking, what_failed_has_no_latency_unless_it_took_too_long) {
  struct Row {
    ErrorCode code;
    bool error, blames_caller, is_late;
  };
  for (const Row row :
       {Row{ErrorCode::Internal, true, false, false}, Row{ErrorCode::Overloaded, true, false, false},
        Row{ErrorCode::InvalidInput, true, true, false}, Row{ErrorCode::Denied, true, true, false},
        Row{ErrorCode::DeadlineExceeded, true, false, true}, Row{ErrorCode::Cancelled, false, false, true}}) {
    const auto seen = observation_of(failed(row.code));
    EXPECT_EQ(seen.error, row.error) << name_of(row.code);
    EXPECT_EQ(seen.blames_caller, row.blames_caller) << name_of(row.code);
    EXPECT_EQ(seen.latency_ms.has_value(), row.is_late) << name_of(row.code);
    EXPECT_TRUE(!row.is_late || std::isinf(*seen.latency_ms));
    EXPECT_TRUE(std::isnan(seen.predictions[0]));
  }
}

TEST(Booking, outcomes_of_a_request_have_one_unit) {
  OutcomeRecord record{.request = model::RequestKey::of("r1"), .value = 4, .at = {}};
  const std::uint64_t unit = unit_of(record);
  EXPECT_NE(unit, 0U);
  record.key = 7;
  EXPECT_EQ(unit_of(record), unit);
  record.draw = {.unit = 3, .by = model::AssignedBy::Unit};
  EXPECT_EQ(unit_of(record), 3U);
  const PredictionRecord prediction{.value_count = 1, .values = {2}};
  EXPECT_EQ(observation_of(record, &prediction).predictions[0], 2);
  EXPECT_EQ(observation_of(record, nullptr).error, std::nullopt);
  EXPECT_EQ(observation_of(record, nullptr).outcome, 4);
}

TEST(Booking, with_one_candidate_the_probability_of_either_arm_gives_the_same_chance) {
  for (const double share : {0.01, 0.05, 0.1, 0.25, 0.3333, 0.99}) {
    EXPECT_EQ(chance_of(0, 1, share, 7, {}, 1), share);
    EXPECT_EQ(chance_of(0, 0, 1 - share, 7, {}, 1), share) << share;
  }
  EXPECT_EQ(chance_of(0, 0, 1.0 / 3, 7, {}, 1), 1 - 1.0 / 3) << "no share that a router of ours draws";
}

TEST(Booking, with_several_candidates_the_chance_is_of_the_two_that_are_compared) {
  const std::vector<ServedShares> served{{4, {5'000, 3'000, 2'000}}, {5, {10'000, 0, 0}}, {6, {0, 5'000, 0}}};
  EXPECT_EQ(chance_of(0, 0, 0.5, 4, served, 2), 0.375);
  EXPECT_EQ(chance_of(1, 2, 0.2, 4, served, 2), 2.0 / 7);
  EXPECT_EQ(chance_of(0, 0, 1, 5, served, 2), 0);
  EXPECT_TRUE(std::isnan(chance_of(1, 0, 1, 6, served, 2)));
  EXPECT_TRUE(std::isnan(chance_of(0, 0, 0.5, 9, served, 2))) << "nobody knows that split";
}

}  // namespace
}  // namespace slipway::log_evidence
