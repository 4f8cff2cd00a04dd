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

}  // namespace
}  // namespace slipway::model
