#include "adapter/net/http2_share.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

constexpr std::size_t kMost = 64 << 10;

Http2Share share_after(std::size_t requests, std::size_t bytes_of_each) {
  Http2Share share;
  for (std::size_t i = 0; i < requests; ++i) {
    share.read(bytes_of_each);
    share.request();
  }
  return share;
}

TEST(Http2ShareTest, reads_all_at_first) {
  EXPECT_EQ(Http2Share().room(kMost), kMost);
  EXPECT_EQ(share_after(Http2Share::kRequests - 1, 250).room(kMost), kMost);
}

TEST(Http2ShareTest, reads_a_ticks_worth_of_small_requests) {
  EXPECT_EQ(share_after(1000, 250).room(kMost), 250 * Http2Share::kRequests);
}

TEST(Http2ShareTest, reads_large_requests_as_they_come) {
  EXPECT_EQ(share_after(1000, 100'000).room(kMost), kMost);
}

TEST(Http2ShareTest, reads_never_too_little_to_be_worth_it) {
  EXPECT_EQ(share_after(1000, 20).room(kMost), Http2Share::kLeastBytes);
  EXPECT_EQ(share_after(1000, 20).room(100), 100U);
}

TEST(Http2ShareTest, follows_what_requests_become) {
  Http2Share share = share_after(1000, 20'000);
  for (int i = 0; i < 5000; ++i) {
    share.read(250);
    share.request();
  }
  EXPECT_LT(share.room(kMost), 260 * Http2Share::kRequests);
}

}  // namespace
}  // namespace slipway::net
