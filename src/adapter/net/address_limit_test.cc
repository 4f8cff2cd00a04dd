#include "adapter/net/address_limit.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "adapter/net/socket.h"

namespace slipway::net {
namespace {

AddressKey v4(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  EXPECT_EQ(inet_pton(AF_INET, text, &address.sin_addr), 1);
  return key_of(reinterpret_cast<const sockaddr&>(address));
}

AddressKey v6(const char* text) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return key_of(reinterpret_cast<const sockaddr&>(address));
}

TEST(AddressLimit, an_address_holds_as_many_as_it_may_and_others_as_many_again) {
  AddressLimit limit(2);
  EXPECT_TRUE(limit.enter(v4("192.0.2.1")));
  EXPECT_TRUE(limit.enter(v4("192.0.2.1")));
  EXPECT_FALSE(limit.enter(v4("192.0.2.1")));
  EXPECT_TRUE(limit.enter(v4("192.0.2.2")));
  limit.leave(v4("192.0.2.1"));
  EXPECT_TRUE(limit.enter(v4("192.0.2.1")));
  EXPECT_FALSE(limit.enter(v4("192.0.2.1")));
}

TEST(AddressLimit, what_runs_on_this_machine_is_not_counted) {
  AddressLimit limit(1);
  sockaddr unix_socket{};
  unix_socket.sa_family = AF_UNIX;
  for (const AddressKey key :
       {v4("127.0.0.1"), v4("127.1.2.3"), v6("::1"), v6("::ffff:127.0.0.1"), key_of(unix_socket)}) {
    EXPECT_EQ(key, AddressKey::Nobody);
    EXPECT_TRUE(limit.enter(key));
    EXPECT_TRUE(limit.enter(key));
  }
}

TEST(AddressLimit, an_ipv6_subscriber_is_one_and_a_mapped_address_is_the_ipv4_one) {
  EXPECT_EQ(v6("2001:db8:1:2::1"), v6("2001:db8:1:2:ffff::9"));
  EXPECT_NE(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1"));
  EXPECT_EQ(v6("::ffff:192.0.2.1"), v4("192.0.2.1"));
}

TEST(AddressLimit, no_ipv6_subscriber_is_counted_with_an_ipv4_address) {
  EXPECT_NE(v6("2001:db8:ffff::1"), v4("184.13.1.32"));
  EXPECT_NE(v6("2001:db8:ffff::1"), v4("32.1.13.184"));
}

TEST(AddressLimit, zero_is_no_limit) {
  AddressLimit limit(0);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(limit.enter(v4("192.0.2.1")));
}

}  // namespace
}  // namespace slipway::net
