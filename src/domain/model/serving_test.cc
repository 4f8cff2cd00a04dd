#include "domain/model/serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::model {
namespace {

using ::testing::HasSubstr;

std::string refusal(std::vector<Share> shares) {
  const auto split = TrafficSplit::parse(std::move(shares));
  return split.ok() ? "ok" : split.error().message;
}

TEST(TrafficSplit, keeps_shares_that_sum_to_the_whole_in_their_order) {
  const auto split = TrafficSplit::parse({{3, {9'999}}, {1, {1}}, {2, {0}}});
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(split->shares()[0].version, 3U);
  EXPECT_EQ(split->shares().size(), 3U);
}

TEST(TrafficSplit, refuses_sums_other_than_the_whole) {
  EXPECT_THAT(refusal({}), HasSubstr("found 0"));
  EXPECT_THAT(refusal({{1, {9'999}}}), HasSubstr("expected shares that sum to 10000 basis points, found 9999"));
  EXPECT_THAT(refusal({{1, {10'000}}, {2, {1}}}), HasSubstr("found 10001"));
  EXPECT_THAT(refusal({{1, {UINT32_MAX}}, {2, {10'001}}}), HasSubstr("found 4294977296"));
}

TEST(TrafficSplit, refuses_a_version_that_occurs_twice) {
  EXPECT_THAT(refusal({{1, {5'000}}, {1, {5'000}}}), HasSubstr("version 1 occurs twice"));
}

TEST(TrafficSplit, all_to_one_is_the_whole) {
  EXPECT_EQ(TrafficSplit::all_to(4), TrafficSplit::parse({{4, kWhole}}).value());
}

TEST(Mirror, the_control_is_the_version_the_rule_names_or_the_one_with_the_largest_share) {
  const auto split = TrafficSplit::parse({{3, {1'000}}, {1, {4'500}}, {2, {4'500}}}).value();
  EXPECT_EQ(control_of(split, {}), 1U);
  EXPECT_EQ(control_of(split, {.control = 2}), 2U);
  EXPECT_EQ(control_of(split, {.control = 9}), 1U);
}

TEST(Mirror, goes_to_another_version_of_the_split_with_some_share) {
  const auto split = TrafficSplit::parse({{1, kWhole}, {2, {}}}).value();
  const auto told = [&](const Mirror& mirror) {
    const auto checked = check(mirror, split, {});
    return checked.ok() ? "ok" : checked.error().message;
  };
  EXPECT_EQ(told({2, {1}}), "ok");
  EXPECT_EQ(told({2, kWhole}), "ok");
  EXPECT_THAT(told({2, {0}}), HasSubstr("mirror.share: expected 1 to 10000 basis points, found 0"));
  EXPECT_THAT(told({2, {10'001}}), HasSubstr("found 10001"));
  EXPECT_THAT(told({3, {1}}), HasSubstr("mirror.to: expected a version of the split, found 3"));
  EXPECT_THAT(told({1, {1}}), HasSubstr("another version than the one that answers, found version 1"));
}

}  // namespace
}  // namespace slipway::model
