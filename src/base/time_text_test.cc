#include "base/time_text.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(WallTime, is_read_as_rfc_3339_writes_it) {
  const auto read = [](std::string_view text) { return parse_rfc3339(text).value().time_since_epoch().count(); };
  EXPECT_EQ(read("2023-11-14T22:13:20.000007Z"), 1'700'000'000'000'007);
  EXPECT_EQ(read("2023-11-14t23:13:20+01:00"), 1'700'000'000'000'000);
  EXPECT_EQ(read("2023-11-14T16:43:20.5-05:30"), 1'700'000'000'500'000);
  EXPECT_EQ(read("1969-12-31T23:59:59.999999999Z"), -1);
  EXPECT_EQ(read("2024-02-29T00:00:00Z"), 1'709'164'800'000'000);
}

TEST(WallTime, refuses_what_is_no_time) {
  for (const char* text : {"", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z", "2023-11-14T24:00:00Z",
                           "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "-023-11-14T22:13:20Z",
                           "2023-11-14T22:13:20+1:00", "1700000000", "2023-13-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text).ok()) << text;
  }
}

}  // namespace
}  // namespace slipway
