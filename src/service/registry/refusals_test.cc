#include "service/registry/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::registry {
namespace {

using testing::HasSubstr;

WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(1'795'000'000 + seconds));
}

TEST(Refusals, an_attempt_becomes_an_event_that_says_who_what_and_why) {
  Refusals refusals;
  refusals.note({"ci", "fraud", "PUT /api/v1/serving/fraud", "the role viewer does not grant 'deploy'"}, at(0));
  const auto events = refusals.take(at(1));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].actor, "ci");
  EXPECT_EQ(events[0].action, "refuse");
  EXPECT_EQ(events[0].model, "fraud");
  EXPECT_EQ(events[0].subject, "PUT /api/v1/serving/fraud");
  EXPECT_EQ(events[0].at, at(0));
  EXPECT_TRUE(refusals.take(at(2)).empty());
}

TEST(Refusals, the_same_attempt_again_is_counted) {
  Refusals refusals;
  for (int i = 0; i < 1000; ++i) refusals.note({"ci", "", "GET /api/v1/tokens", "no"}, at(0));
  const auto events = refusals.take(at(1));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].reason, "no (1000 times)");
}

TEST(Refusals, the_same_attempt_at_another_model_is_another_one) {
  Refusals refusals;
  for (const char* model : {"fraud", "wine"}) refusals.note({"ci", model, "version 1 to production", "no"}, at(0));
  EXPECT_EQ(refusals.take(at(1)).size(), 2U);
}

TEST(Refusals, a_flood_of_different_attempts_is_bounded_and_counted) {
  Refusals refusals;
  std::size_t written = 0;
  std::uint64_t counted = 0;
  constexpr int kMinutes = 10;
  for (int second = 0; second < kMinutes * 60; ++second) {
    for (int i = 0; i < 500; ++i) {
      refusals.note({"anonymous", "", "GET /" + std::to_string(second * 1000 + i), "no"}, at(second));
    }
    for (const auto& event : refusals.take(at(second))) {
      ++written;
      const bool is_count = event.actor == "slipway";
      counted += is_count ? std::stoull(event.subject) : 1;
    }
  }
  EXPECT_LE(written, 100U + kMinutes * 10);
  EXPECT_GT(counted, kMinutes * 60 * 500U - 40'000);  // the rest is still to be told
  EXPECT_LE(counted, kMinutes * 60 * 500U);
}

TEST(Refusals, what_comes_from_outside_is_made_printable_and_short) {
  Refusals refusals;
  refusals.note({"a\xFF", "", "GET /" + std::string(5000, 'x') + "\n", "why"}, at(0));
  const auto events = refusals.take(at(0));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].actor, "a\\xff");
  EXPECT_LT(events[0].subject.size(), 250U);
}

TEST(Refusals, what_could_not_be_written_is_counted_again) {
  Refusals refusals;
  refusals.note({"ci", "", "GET /a", "no"}, at(0));
  refusals.give_back(refusals.take(at(0)));
  const auto events = refusals.take(at(1));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0].subject, HasSubstr("1 more"));
}

}  // namespace
}  // namespace slipway::registry
