// What the servers on one PostgreSQL database tell each other.
#include <gmock/gmock.h>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using store_postgres::Lease;
using store_postgres::PostgresStore;

class PostgresPeers : public ::testing::Test {
 protected:
  bool takes(PostgresStore& store, Lease lease) { return store.peers().take(lease).value(); }
  void its_leases_end() { server.execute(settings, "UPDATE lease SET expires_at = now() - interval '1 second'"); }

  testing_ground::PostgresServer& server = testing_ground::PostgresServer::shared();
  const store_postgres::Settings settings = server.fresh();
  std::unique_ptr<PostgresStore> first = PostgresStore::open(settings).value();
  std::unique_ptr<PostgresStore> second = PostgresStore::open(settings).value();
};

TEST_F(PostgresPeers, each_sees_what_the_other_changed_of_desired_serving_and_tokens) {
  const auto before = second->peers().marks().value();
  ASSERT_TRUE(first->commit({{model_record("fraud"), 0}}, {}).ok());
  EXPECT_EQ(second->peers().marks().value(), before);
  ASSERT_TRUE(first->commit({{desired_record("production", "fraud", 1), 0}}, {}).ok());
  const auto deployed = second->peers().marks().value();
  EXPECT_GT(deployed.desired, before.desired);
  EXPECT_EQ(deployed.tokens, before.tokens);
  ASSERT_TRUE(first->commit({{token_record("t1", "robot"), 0}}, {}).ok());
  EXPECT_GT(second->peers().marks().value().tokens, before.tokens);
}

TEST_F(PostgresPeers, one_collects_only_while_no_other_holds_or_collects) {
  EXPECT_TRUE(takes(*first, Lease::Holding));
  EXPECT_TRUE(takes(*second, Lease::Holding));
  EXPECT_FALSE(takes(*second, Lease::Collecting));
  ASSERT_TRUE(first->peers().leave(Lease::Holding).ok());
  ASSERT_TRUE(second->peers().leave(Lease::Holding).ok());
  EXPECT_TRUE(takes(*second, Lease::Collecting));
  EXPECT_FALSE(takes(*first, Lease::Collecting));
  EXPECT_FALSE(takes(*first, Lease::Holding));
  ASSERT_TRUE(second->peers().leave(Lease::Collecting).ok());
  EXPECT_TRUE(takes(*first, Lease::Holding));
}

TEST_F(PostgresPeers, one_signs_at_a_time_and_another_takes_over_when_it_has_died) {
  EXPECT_TRUE(takes(*first, Lease::Signing));
  EXPECT_TRUE(takes(*first, Lease::Signing));
  EXPECT_FALSE(takes(*second, Lease::Signing));
  its_leases_end();
  EXPECT_TRUE(takes(*second, Lease::Signing));
  EXPECT_FALSE(takes(*first, Lease::Signing));
}

TEST_F(PostgresPeers, a_lease_that_could_not_be_left_is_not_prolonged_but_left_with_the_next_renewal) {
  ASSERT_TRUE(takes(*first, Lease::Alive));
  ASSERT_TRUE(takes(*first, Lease::Holding));
  server.execute(settings, "ALTER TABLE lease RENAME TO lost");
  EXPECT_FALSE(first->peers().leave(Lease::Holding).ok());
  server.execute(settings, "ALTER TABLE lost RENAME TO lease");
  EXPECT_FALSE(takes(*second, Lease::Collecting));
  ASSERT_TRUE(first->peers().renew().ok());
  EXPECT_TRUE(takes(*second, Lease::Collecting));
  EXPECT_TRUE(second->peers().has_others().value());
}

TEST_F(PostgresPeers, what_is_refused_stays_refused_after_a_renewal) {
  ASSERT_TRUE(takes(*first, Lease::Signing));
  EXPECT_FALSE(takes(*second, Lease::Signing));
  ASSERT_TRUE(second->peers().renew().ok());
  EXPECT_TRUE(takes(*first, Lease::Signing));
  ASSERT_TRUE(first->peers().leave(Lease::Signing).ok());
  EXPECT_TRUE(takes(*second, Lease::Signing));
}

TEST_F(PostgresPeers, the_living_are_known) {
  EXPECT_TRUE(takes(*first, Lease::Alive));
  EXPECT_FALSE(first->peers().has_others().value());
  EXPECT_TRUE(takes(*second, Lease::Alive));
  EXPECT_TRUE(first->peers().has_others().value());
  its_leases_end();
  ASSERT_TRUE(second->peers().renew().ok());  // too late
  EXPECT_FALSE(first->peers().has_others().value());
}

TEST_F(PostgresPeers, a_version_is_refused_when_its_files_were_no_longer_held) {
  first->peers().mean_to_hold();
  ASSERT_TRUE(takes(*first, Lease::Holding));
  EXPECT_TRUE(first->commit({{version_record("fraud", 1), 0}}, {}).ok());
  its_leases_end();
  const auto refused = first->commit({{version_record("fraud", 2), 0}}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("send them again"));
  ASSERT_TRUE(first->peers().leave(Lease::Holding).ok());
  EXPECT_TRUE(first->commit({{version_record("fraud", 2), 0}}, {}).ok());
}

}  // namespace
}  // namespace slipway::contract
