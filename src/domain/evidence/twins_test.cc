#include "domain/evidence/twins.h"

#include <gtest/gtest.h>

#include "domain/stats/kept_state.h"

namespace slipway::evidence {
namespace {

Twin record(std::uint64_t pair, bool is_candidates, double value = 0, double t = 1) {
  Twin twin{.pair = pair, .is_candidates = is_candidates, .t = t, .unit = 7, .answer = {}, .slices = 2};
  twin.answer.values[0] = value;
  return twin;
}

TEST(Twins, the_second_of_a_pair_gives_both_whichever_came_first) {
  Twins twins;
  EXPECT_FALSE(twins.take(record(1, false, 10)));
  EXPECT_FALSE(twins.take(record(2, true, 21)));
  const auto first = twins.take(record(1, true, 11)), second = twins.take(record(2, false, 20));
  ASSERT_TRUE(first && first->answers && second && second->answers);
  EXPECT_EQ(first->answers->control.values[0], 10);
  EXPECT_EQ(first->answers->candidate.values[0], 11);
  EXPECT_EQ(second->answers->control.values[0], 20);
  EXPECT_EQ(second->answers->candidate.values[0], 21);
  EXPECT_EQ(first->unit, 7U);
  EXPECT_EQ(first->slices, 2U);
  EXPECT_EQ(twins.waiting(), 0U);
  EXPECT_EQ(twins.lost(), 0U);
}

TEST(Twins, a_record_that_comes_again_is_no_pair) {
  Twins twins;
  EXPECT_FALSE(twins.take(record(1, false)));
  EXPECT_FALSE(twins.take(record(1, false)));
  EXPECT_TRUE(twins.take(record(1, true)));
  EXPECT_EQ(twins.waiting(), 0U);
}

TEST(Twins, a_number_that_is_given_again_stands_for_the_new_pair) {
  Twins twins;
  for (int i = 0; i < 3; ++i) {
    twins.take(record(1, false, i, i));
    EXPECT_EQ(twins.take(record(1, true, i, i))->answers->control.values[0], i);
  }
  twins.take(record(1, false, 9, 3));
  twins.take(record(2, false, 0, 62));
  EXPECT_TRUE(twins.take(record(1, true, 9, 3)));  // not taken for the one of 0
}

// As with ids that clients use again, once the numbers of pairs have gone round.
TEST(Twins, one_whose_other_half_never_came_is_not_joined_with_a_later_pair_of_its_number) {
  Twins twins;
  twins.take(record(1, false, 7, 0));   // its twin was shed
  twins.take(record(1, false, 8, 20));  // another request of that number
  EXPECT_EQ(twins.take(record(1, true, 8, 20))->answers->control.values[0], 8);
  EXPECT_EQ(twins.lost(), 1U);
  twins.take(record(2, false, 7, 20));
  EXPECT_FALSE(twins.take(record(2, true, 9, 40)));  // the later pair's other half comes first
  EXPECT_EQ(twins.take(record(2, false, 9, 40))->answers->candidate.values[0], 9);
  EXPECT_EQ(twins.lost(), 2U);
  twins.take(record(3, true, 5, 40));
  twins.take(record(3, false, 6, 50));
  EXPECT_EQ(twins.take(record(3, true, 6, 50.5))->answers->candidate.values[0], 6);
  EXPECT_EQ(twins.lost(), 2U) << "nobody was given what the candidate alone said";
  EXPECT_EQ(twins.waiting(), 0U);
}

TEST(Twins, what_waits_too_long_is_given_up_and_counted_if_somebody_was_answered) {
  Twins twins;
  twins.take(record(1, false, 0, 0));
  twins.take(record(2, true, 0, 30));
  twins.take(record(3, false, 0, 61));
  EXPECT_EQ(twins.lost(), 1U);
  EXPECT_EQ(twins.waiting(), 2U);
  twins.take(record(4, false, 0, 91));
  EXPECT_EQ(twins.lost(), 1U);
  EXPECT_EQ(twins.waiting(), 2U);
}

TEST(Twins, no_more_wait_than_there_is_room_for) {
  Twins twins(4);
  for (std::uint64_t pair = 1; pair <= 100; ++pair) twins.take(record(pair, false));
  EXPECT_EQ(twins.waiting(), 4U);
  EXPECT_EQ(twins.lost(), 96U);
  EXPECT_TRUE(twins.take(record(97, true)));
  EXPECT_FALSE(twins.take(record(96, true)));
}

TEST(Twins, pairs_without_end_beside_one_that_waits_take_no_room) {
  Twins twins(4);
  twins.take(record(1'000'000, false));
  for (std::uint64_t pair = 1; pair <= 10'000; ++pair) {
    twins.take(record(pair, false));
    EXPECT_TRUE(twins.take(record(pair, true)));
  }
  EXPECT_EQ(twins.waiting(), 1U);
  EXPECT_TRUE(twins.take(record(1'000'000, true)));
}

TEST(Twins, go_on_from_their_state_and_a_state_of_more_is_cut) {
  Twins twins(8), restored(8), small(2);
  for (std::uint64_t pair = 1; pair <= 6; ++pair) twins.take(record(pair, pair % 2 == 0, static_cast<double>(pair)));
  twins.take(record(3, true));
  stats::StateWriter writer;
  writer(twins);
  const auto bytes = writer.take();
  stats::StateReader reader(bytes), again(bytes);
  reader(restored);
  EXPECT_TRUE(reader.finish().ok());
  EXPECT_EQ(restored.waiting(), 5U);
  EXPECT_EQ(restored.take(record(6, false))->answers->candidate.values[0], 6);
  again(small);
  EXPECT_FALSE(again.finish().ok());
  EXPECT_LE(small.waiting(), 2U);
}

}  // namespace
}  // namespace slipway::evidence
