#include "domain/rollout/traffic_text.h"

#include <gtest/gtest.h>

namespace slipway::rollout {
namespace {

TEST(TrafficText, leads_back_to_the_traffic) {
  const Traffic traffics[] = {
      {}, {{{1, model::kWhole}}, {}}, {{{1, {9'900}}, {2, {100}}}, {}}, {{{7, model::kWhole}, {9, {0}}}, {5'000}}};
  for (const Traffic& traffic : traffics) EXPECT_EQ(parse_traffic(text_of(traffic)).value(), traffic);
  EXPECT_EQ(text_of(traffics[3]), "7=10000 9=0 mirrored=5000");
}

TEST(TrafficText, refuses_what_is_none) {
  for (const char* const text : {"1", "1=", "=5", "1=5,2=6", "x=5", "1=5  2=6", "1=-5"}) {
    EXPECT_FALSE(parse_traffic(text)) << text;
  }
}

}  // namespace
}  // namespace slipway::rollout
