// PostgreSQL killed while it is used: what was acknowledged is there, once; what was not can be made again.
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>
#include <thread>

#include "metadata_stores.h"
#include "postgres_relay.h"

namespace slipway::contract {
namespace {

using store_postgres::PostgresStore;

constexpr int kWriters = 8;
constexpr int kBetweenKills = 16;

// The long form, `make rigs-postgres`, has 1,000 writes.
int writes_in_all() {
  const char* given = std::getenv("SLIPWAY_POSTGRES_WRITES");
  return given ? std::atoi(given) : 160;
}

class PostgresOutage : public ::testing::Test {
 protected:
  std::unique_ptr<PostgresStore> opened() {
    auto made = PostgresStore::open(server.fresh());
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
  // As a client does that was told of no outcome: again, until it is told of one. Conflict: it was made before.
  static void write(PostgresStore& store, int number, std::atomic<int>& unknown) {
    auto what = event("fraud", "push");
    what.reason = std::to_string(number);
    while (true) {
      const auto done = store.commit({{model_record("m" + std::to_string(number)), 0}}, {what});
      if (done.ok() || done.error().code == ErrorCode::Conflict) return;
      ASSERT_EQ(done.error().code, ErrorCode::Unavailable) << done.error().message;
      ++unknown;
    }
  }
  testing_ground::PostgresServer server;
};

TEST_F(PostgresOutage, killed_again_and_again_it_loses_no_write_and_makes_none_twice) {
  const auto store = opened();
  ASSERT_TRUE(store);
  const int all = writes_in_all();
  // Writers get ahead of the killer by so much at most: each kill comes amid some writes, whatever the machine's speed.
  std::atomic<int> next = 0, done = 0, unknown = 0, allowed = 2 * kBetweenKills;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      for (int number = next++; number < all; number = next++) {
        while (number >= allowed) std::this_thread::yield();
        write(*store, number, unknown);
        ++done;
      }
    });
  }
  int kills = 0;
  for (int wanted = 1; wanted < all; wanted += kBetweenKills) {
    while (done < wanted) std::this_thread::yield();
    server.kill();
    server.start();
    ++kills;
    allowed += kBetweenKills;
  }
  allowed = all;
  for (std::thread& writer : writers) writer.join();
  std::multiset<std::string> reasons;
  const auto trail = store->trail(0, 100'000).value();
  for (const model::Event& made : trail) reasons.insert(made.reason);
  for (int number = 0; number < all; ++number) EXPECT_EQ(reasons.count(std::to_string(number)), 1U) << number;
  EXPECT_EQ(reasons.size(), static_cast<std::size_t>(all));
  RecordProperty("kills", kills);
  std::printf("%d writes, %d kills, %d told to try again: 0 lost, 0 double where this passes\n", all, kills,
              unknown.load());
}

TEST_F(PostgresOutage, a_commit_whose_answer_was_lost_is_found_and_not_made_again) {
  using Loss = testing_ground::PostgresRelay::Loss;
  testing_ground::PostgresRelay relay(server.folder());
  auto settings = server.fresh();
  settings.url = server.url_by(relay.folder());
  const auto store = PostgresStore::open(settings).value();
  int round = 0;
  for (const Loss loss : {Loss::AfterTheServerMadeIt, Loss::BeforeTheServerHasIt, Loss::AfterTheServerMadeIt}) {
    relay.lose_next_commit(loss);
    const auto done = store->commit({{model_record("m" + std::to_string(++round)), 0}}, {event("fraud", "push")});
    EXPECT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(relay.lost(), round);
    EXPECT_EQ(store->trail(0, 100).value().size(), static_cast<std::size_t>(round));
  }
}

TEST_F(PostgresOutage, after_a_restart_the_next_call_finds_it_again) {
  const auto store = opened();
  ASSERT_TRUE(store->commit({{model_record("fraud"), 0}}, {}).ok());
  for (int i = 0; i < 3; ++i) {
    server.kill();
    server.start();
    const auto read = store->model(name("fraud"));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(*read);
    EXPECT_TRUE(store->commit({{model_record("m" + std::to_string(i)), 0}}, {}).ok());
  }
}

TEST_F(PostgresOutage, one_that_stands_still_holds_nobody_up_for_ever) {
  auto settings = server.fresh();
  settings.patience = Duration{0};
  settings.statement_timeout = std::chrono::seconds(3);  // no statement of a server that works takes as long
  const auto store = PostgresStore::open(settings).value();
  ASSERT_TRUE(store->commit({{model_record("fraud"), 0}}, {}).ok());
  server.stand_still();
  const auto written = store->commit({{model_record("wine"), 0}}, {});
  const auto read = store->model(name("fraud"));
  server.go_on();
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::Unavailable) << written.error().message;
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::Unavailable) << read.error().message;
  settings.statement_timeout = std::chrono::seconds(10);
  EXPECT_TRUE(PostgresStore::open(settings).value()->model(name("fraud")).value());
}

TEST_F(PostgresOutage, one_that_stays_away_is_unavailable_at_once_when_patience_is_over) {
  auto settings = server.fresh();
  settings.patience = Duration{0};
  const auto store = PostgresStore::open(settings).value();
  server.kill();
  for (const Result<void>& refused : {store->commit({{model_record("fraud"), 0}}, {}), [&] {
                                        const auto read = store->model(name("fraud"));
                                        return read.ok() ? Result<void>() : Result<void>(read.error());
                                      }()}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::Unavailable) << refused.error().message;
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("cannot reach the database postgresql://"));
  }
}

}  // namespace
}  // namespace slipway::contract
