// What PostgreSQL adds to the contract: settings, several servers, damage, values it does not keep, secrets.
#include <gmock/gmock.h>

#include <thread>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using store_postgres::PostgresStore;
using store_postgres::Settings;
using ::testing::HasSubstr;
using ::testing::Not;

class Postgres : public ::testing::Test {
 protected:
  std::unique_ptr<PostgresStore> opened() {
    auto store = PostgresStore::open(settings);
    EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
    return store.ok() ? std::move(store).value() : nullptr;
  }
  static std::string refusal(const Settings& of) {
    const auto store = PostgresStore::open(of);
    return store.ok() ? "opened" : std::string(name_of(store.error().code)) + ": " + store.error().message;
  }
  std::string failure_of(const std::string& sql) {
    try {
      server.execute(settings, sql);
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return "done";
  }

  testing_ground::PostgresServer& server = testing_ground::PostgresServer::shared();
  Settings settings = server.fresh();
};

TEST_F(Postgres, a_newer_schema_is_refused_and_says_what_to_do) {
  opened();
  server.execute(settings, "UPDATE schema_part SET version = 99");
  EXPECT_THAT(refusal(settings), HasSubstr("InvalidInput: the database postgresql://slipway_test@"));
  EXPECT_THAT(refusal(settings), HasSubstr("registry has schema version 99, this program knows versions up to"));
}

TEST_F(Postgres, servers_that_start_together_make_the_tables_once) {
  std::atomic<int> ready = 0;
  std::vector<std::thread> starts;
  for (int i = 0; i < 6; ++i) starts.emplace_back([&] { ready += PostgresStore::open(settings).ok() ? 1 : 0; });
  for (std::thread& start : starts) start.join();
  EXPECT_EQ(ready, 6);
}

TEST_F(Postgres, of_two_servers_one_wins_every_race_for_an_alias) {
  const auto first = opened(), second = opened();
  std::atomic<int> winners = 0;
  for (std::uint64_t round = 0; round < 20; ++round) {
    std::vector<std::thread> racers;
    for (PostgresStore* store : {first.get(), second.get(), first.get(), second.get()}) {
      racers.emplace_back([&, store] {
        const ports::AliasRecord record{name("fraud"), alias("champion"), round + 1};
        if (store->commit({{record, round}}, {event("fraud", "alias")}).ok()) ++winners;
      });
    }
    for (std::thread& racer : racers) racer.join();
  }
  EXPECT_EQ(winners, 20);
  EXPECT_EQ(second->aliases(name("fraud")).value()[0].revision, 20U);
}

TEST_F(Postgres, the_history_of_several_servers_is_one_chain_without_gaps) {
  const auto first = opened(), second = opened();
  std::vector<std::thread> writers;
  for (PostgresStore* store : {first.get(), second.get(), first.get(), second.get()}) {
    writers.emplace_back([store] {
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(store->commit({}, {event("fraud", "push")}).ok());
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto trail = second->trail(0, 1000).value();
  ASSERT_EQ(trail.size(), 100U);
  Digest previous;
  for (std::size_t i = 0; i < trail.size(); ++i) {
    EXPECT_EQ(trail[i].sequence, i + 1);
    EXPECT_EQ(trail[i].hash, model::chained(trail[i], previous));
    previous = trail[i].hash;
  }
}

TEST_F(Postgres, what_is_append_only_cannot_be_rewritten) {
  const auto store = opened();
  ASSERT_TRUE(store->commit({{head_record(1), 0}}, {event("fraud", "push")}).ok());
  for (const char* table : {"event", "audit_head", "evidence", "signature"}) {
    for (const std::string& sql : {"DELETE FROM " + std::string(table), "TRUNCATE " + std::string(table)}) {
      EXPECT_THAT(failure_of(sql), HasSubstr("never changed or erased")) << sql;
    }
  }
}

TEST_F(Postgres, a_value_outside_its_rules_is_corrupt_and_not_believed) {
  const auto store = opened();
  ASSERT_TRUE(store->commit({{desired_record("production", "fraud", 1), 0}}, {}).ok());
  server.execute(settings, "UPDATE desired_share SET basis_points = 5000");
  const auto desired = store->desired("production");
  ASSERT_FALSE(desired.ok());
  EXPECT_EQ(desired.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(desired.error().message, HasSubstr("sum to 10000"));
}

TEST_F(Postgres, texts_that_it_does_not_keep_are_refused_and_hurt_no_neighbour) {
  const auto store = opened();
  auto nul = event("fraud", "push");
  nul.reason = std::string("a\0b", 3);
  auto no_text = event("fraud", "push");
  no_text.reason = "\xFF\xFE";
  for (const model::Event& bad : {nul, no_text}) {
    const auto refused = store->commit({}, {bad});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidInput) << refused.error().message;
  }
  auto quoted = event("fraud", "push");
  quoted.reason = "'; DROP TABLE event; -- ? $1 \\ \"";
  ASSERT_TRUE(store->commit({}, {quoted}).ok());
  EXPECT_EQ(store->history("", 0, 1).value()[0].reason, quoted.reason);
}

TEST_F(Postgres, a_number_beyond_its_columns_is_refused) {
  const auto refused = opened()->commit({{model_record("fraud", UINT64_MAX), 0}}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidInput);
}

TEST_F(Postgres, a_refusal_among_many_leaves_the_others_as_they_are) {
  const auto store = opened();
  std::atomic<int> made = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 16; ++i) {
    writers.emplace_back([&, i] {
      const std::uint64_t expected = i % 2 == 0 ? 0 : 7;
      if (store->commit({{model_record("m" + std::to_string(i)), expected}}, {}).ok()) ++made;
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(made, 8);
  EXPECT_EQ(store->models("", 100).value().size(), 8U);
}

TEST_F(Postgres, a_place_that_cannot_be_reached_is_named_without_its_password) {
  settings.url = "postgresql://eva:hun%27ter2@/registry?host=/nonexistent/folder&password=hun%27ter2";
  settings.patience = Duration{0};
  const std::string message = refusal(settings);
  EXPECT_THAT(message,
              HasSubstr("Unavailable: cannot reach the database postgresql://eva@/nonexistent/folder/registry"));
  EXPECT_THAT(message, Not(HasSubstr("ter2")));
}

TEST_F(Postgres, what_is_no_url_is_refused_and_not_shown) {
  settings.url = "postgresql://eva:hunter2@host:port:port/x?nonsense=1";
  EXPECT_THAT(refusal(settings), HasSubstr("InvalidInput: expected a PostgreSQL database such as postgresql://"));
  EXPECT_THAT(refusal(settings), Not(HasSubstr("hunter2")));
}

TEST(PostgresUrl, another_machine_is_reached_by_tls_unless_the_url_says_otherwise) {
  ::unsetenv("PGSSLMODE");
  const auto parameters = [](const char* url) { return store_postgres::read_target({.url = url}).value().parameters; };
  EXPECT_THAT(parameters("postgresql://eva@db.example.com/x"), HasSubstr("sslmode='require'"));
  EXPECT_THAT(parameters("postgresql://eva@localhost,10.0.0.7/x"), HasSubstr("sslmode='require'"));
  EXPECT_THAT(parameters("postgresql://eva@db/x?sslmode=verify-full"), HasSubstr("sslmode='verify-full'"));
  for (const char* near : {"postgresql://eva@/x?host=/run/postgresql", "postgresql://eva@localhost/x", "dbname=x"}) {
    EXPECT_THAT(parameters(near), Not(HasSubstr("sslmode"))) << near;
  }
}

TEST(PostgresUrl, tells_whether_it_holds_a_password) {
  EXPECT_TRUE(store_postgres::names_a_password("postgresql://eva:secret@host/x").value());
  EXPECT_TRUE(store_postgres::names_a_password("host=h password=secret").value());
  EXPECT_FALSE(store_postgres::names_a_password("postgresql://eva@host/x?sslmode=verify-full").value());
}

}  // namespace
}  // namespace slipway::contract
