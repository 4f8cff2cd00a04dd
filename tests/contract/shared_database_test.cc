// What a server does when the others on its database change something.
#include "app/shared_database.h"

#include <gmock/gmock.h>

#include <future>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

class SharedDatabase : public ::testing::Test {
 protected:
  testing_ground::PostgresServer& server = testing_ground::PostgresServer::shared();
  const store_postgres::Settings settings = server.fresh();
  std::unique_ptr<store_postgres::PostgresStore> store = store_postgres::PostgresStore::open(settings).value();
  SystemClock clock;
  Log log{{.level = LogLevel::Off}};
  testing_ground::ScratchFolder folder;

  app::SharedDatabase shared_by(store_postgres::PostgresStore& of) {
    return app::SharedDatabase({.peers = of.peers(),
                                .clock = clock,
                                .log = log,
                                .desired_changed = [] {},
                                .tokens_changed = [] { return Result<void>(); }});
  }
};

TEST_F(SharedDatabase, tokens_that_could_not_be_read_are_read_with_a_later_look) {
  std::atomic<int> reads = 0;
  std::promise<void> second_read;
  app::SharedDatabase shared({.peers = store->peers(),
                              .clock = clock,
                              .log = log,
                              .desired_changed = [] {},
                              .tokens_changed = [&]() -> Result<void> {
                                if (++reads == 1) return unavailable("the database went away between two statements");
                                if (reads == 2) second_read.set_value();
                                return {};
                              }});
  shared.start();
  const auto waited = second_read.get_future().wait_for(std::chrono::seconds(60));
  shared.stop();
  EXPECT_EQ(waited, std::future_status::ready);
  EXPECT_EQ(reads, 2);
}

TEST_F(SharedDatabase, a_server_that_was_killed_is_none_of_the_others_for_the_next_one_of_its_data_directory) {
  auto data = data_directory::DataDirectory::open(folder / "data").value();
  const auto killed = store_postgres::PostgresStore::open(settings).value();
  ASSERT_TRUE(shared_by(*killed).sign_in(data).ok());
  ASSERT_TRUE(killed->peers().take(store_postgres::Lease::Alive).value());
  auto shared = shared_by(*store);
  EXPECT_FALSE(shared.is_alone());
  shared.succeed(data);
  EXPECT_TRUE(shared.is_alone());
}

TEST_F(SharedDatabase, a_server_that_hands_over_is_none_of_the_others_for_the_one_that_follows) {
  auto data = data_directory::DataDirectory::open(folder / "data").value();
  const auto old = store_postgres::PostgresStore::open(settings).value();
  const auto third = store_postgres::PostgresStore::open(settings).value();
  ASSERT_TRUE(shared_by(*old).sign_in(data).ok());
  ASSERT_TRUE(old->peers().take(store_postgres::Lease::Alive).value());
  auto shared = shared_by(*store);
  shared.follow(data);
  ASSERT_TRUE(shared.sign_in(data).ok());
  EXPECT_TRUE(shared.is_alone());
  ASSERT_TRUE(third->peers().take(store_postgres::Lease::Alive).value());
  EXPECT_FALSE(shared.is_alone());
}

TEST_F(SharedDatabase, servers_of_other_data_directories_are_others) {
  auto data = data_directory::DataDirectory::open(folder / "data").value();
  const auto other = store_postgres::PostgresStore::open(settings).value();
  ASSERT_TRUE(other->peers().take(store_postgres::Lease::Alive).value());
  auto shared = shared_by(*store);
  shared.succeed(data);
  EXPECT_FALSE(shared.is_alone());
  ASSERT_TRUE(data.write_secret("peer", "nonsense").ok());
  shared.succeed(data);
  EXPECT_FALSE(shared.is_alone());
}

}  // namespace
}  // namespace slipway::contract
