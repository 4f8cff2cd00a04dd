#include "adapter/api_access/access_gate.h"

#include <gtest/gtest.h>

#include "adapter/store_memory/memory_store.h"

namespace slipway::api_access {
namespace {

using access::Permission;

class AccessGateTest : public testing::Test {
 protected:
  ManualClock clock_;
  store_memory::MemoryStore store_;
  registry::TokenTable tokens_{store_};

  AccessGate gate(access::AnonymousPolicy policy = access::AnonymousPolicy::LoopbackReads) {
    return AccessGate(tokens_, clock_, policy, {"models.example.org"});
  }
};

TEST_F(AccessGateTest, anonymous_callers_predict_on_loopback_and_only_there) {
  const AccessGate g = gate();
  const auto near = g.authenticate("", true);
  const auto far = g.authenticate("", false);
  ASSERT_TRUE(near.ok() && far.ok());
  EXPECT_TRUE(g.allows(*near, Permission::Predict));
  EXPECT_FALSE(g.allows(*near, Permission::Deploy));
  EXPECT_FALSE(g.allows(*far, Permission::Predict));
  EXPECT_TRUE(g.allows(*far, Permission::Public));
}

TEST_F(AccessGateTest, a_wrong_token_is_denied_even_where_anonymous_is_allowed) {
  const auto caller = gate(access::AnonymousPolicy::Everything).authenticate("slw_wrong", true);
  ASSERT_FALSE(caller.ok());
  EXPECT_EQ(caller.error().code, ErrorCode::Denied);
}

TEST_F(AccessGateTest, only_our_own_names_are_accepted_as_host) {
  const AccessGate g = gate();
  for (const char* good :
       {"localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:80", "models.example.org:443"}) {
    EXPECT_TRUE(g.accepts_host(good)) << good;
  }
  for (const char* bad :
       {"", "evil.example", "127.0.0.1.evil.example", "127.evil", "localhost.evil.example", "[::2]", "["}) {
    EXPECT_FALSE(g.accepts_host(bad)) << bad;
  }
}

}  // namespace
}  // namespace slipway::api_access
