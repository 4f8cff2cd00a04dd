// Tokens: given out once, known by hash, refused when expired or revoked.
#include <gmock/gmock.h>

#include "house.h"
#include "service/registry/token_table.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Tokens : public House {
 protected:
  Tokens() { restart_with_table(); }
  void restart_with_table() { EXPECT_TRUE(table.refresh().ok()); }
  registry::Registry::NewToken given(std::string_view called, std::optional<Duration> lifetime = {}) {
    auto token = registry->create_token(called, access::Role::Operator, lifetime, eva).value();
    EXPECT_TRUE(table.refresh().ok());
    return token;
  }
  std::string asked(std::string_view secret) {
    const auto principal = table.authenticate(secret, clock.wall_now(), false);
    return principal.ok() ? principal->name : outcome(principal);
  }
  registry::TokenTable table{metadata};
};

TEST_F(Tokens, a_token_is_a_prefix_and_256_random_bits_stored_as_a_hash) {
  const auto token = given("ci");
  EXPECT_THAT(token.secret, MatchesRegex("slw_[0-9a-f]{64}"));
  EXPECT_EQ(token.record.hash, sha256(as_bytes(token.secret)));
  EXPECT_NE(given("ci2").secret, token.secret);
  EXPECT_EQ(token_changes, 2);
}

TEST_F(Tokens, its_secret_opens_as_its_name_and_role) {
  const auto token = given("ci");
  const auto principal = table.authenticate(token.secret, clock.wall_now(), true);
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->name, "ci");
  EXPECT_EQ(principal->role, access::Role::Operator);
  EXPECT_TRUE(principal->from_loopback);
}

TEST_F(Tokens, anything_else_is_denied) {
  const auto token = given("ci");
  std::string other = token.secret;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& secret : {std::string(), std::string("slw_"), other, token.secret + "0", token.record.id}) {
    EXPECT_EQ(asked(secret), "Denied") << secret;
  }
}

TEST_F(Tokens, an_expired_token_is_denied_from_that_moment_on) {
  const auto token = given("ci", std::chrono::hours(1));
  clock.advance(std::chrono::minutes(59));
  EXPECT_EQ(asked(token.secret), "ci");
  clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(asked(token.secret), "Denied");
  EXPECT_THAT(message(table.authenticate(token.secret, clock.wall_now(), false)), HasSubstr("expired at 20"));
}

TEST_F(Tokens, a_revoked_token_is_denied) {
  const auto by_name = given("one");
  const auto by_id = given("two");
  ASSERT_TRUE(registry->revoke_token("one", eva).ok());
  ASSERT_TRUE(registry->revoke_token(by_id.record.id, eva).ok());
  ASSERT_TRUE(table.refresh().ok());
  EXPECT_EQ(asked(by_name.secret), "Denied");
  EXPECT_EQ(asked(by_id.secret), "Denied");
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(outcome(registry->revoke_token("one", eva)), "NotFound");
}

TEST_F(Tokens, names_are_taken_once_and_must_print) {
  given("ci");
  EXPECT_EQ(outcome(registry->create_token("ci", access::Role::Viewer, {}, eva)), "Conflict");
  EXPECT_EQ(outcome(registry->create_token("", access::Role::Viewer, {}, eva)), "InvalidInput");
  EXPECT_EQ(outcome(registry->create_token("a\nb", access::Role::Viewer, {}, eva)), "InvalidInput");
  EXPECT_EQ(outcome(registry->create_token("a", access::Role::Viewer, Duration(0), eva)), "InvalidInput");
}

TEST_F(Tokens, an_admin_token_is_made_when_none_opens_as_admin) {
  given("admin");  // an operator's
  std::string kept;
  const auto keep = [&](const std::string& secret) -> Result<void> {
    EXPECT_EQ(asked(secret), "Denied") << "it opens nothing before it is kept";
    kept = secret;
    return {};
  };
  ASSERT_TRUE(registry->ensure_admin_token(keep).ok());
  ASSERT_TRUE(table.refresh().ok());
  EXPECT_EQ(asked(kept), "admin-2");
  EXPECT_EQ(table.authenticate(kept, clock.wall_now(), false)->role, access::Role::Admin);
  const std::string first = kept;
  ASSERT_TRUE(registry->ensure_admin_token(keep).ok());
  EXPECT_EQ(kept, first) << "one is enough";
}

TEST_F(Tokens, an_admin_secret_that_cannot_be_kept_opens_nothing) {
  const auto full = registry->ensure_admin_token([](const std::string&) { return Result<void>(overloaded("full")); });
  EXPECT_EQ(outcome(full), "Overloaded");
  ASSERT_TRUE(table.refresh().ok());
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(Tokens, the_history_knows_who_gave_it_but_not_the_secret) {
  const auto token = given("ci");
  const auto event = registry->history("", 0, 1).value()[0];
  EXPECT_EQ(event.action, "token");
  EXPECT_EQ(event.subject, "token ci");
  EXPECT_EQ(event.to, "operator");
  EXPECT_EQ(event.actor, "eva");
}

}  // namespace
}  // namespace slipway::registry_scenarios
