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

}  // namespace
}  // namespace slipway::contract
