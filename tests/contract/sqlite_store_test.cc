// What SQLite adds to the contract: settings, versions of the schema, damage, and disks that fail.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "adapter/store_sqlite/connection.h"
#include "adapter/store_sqlite/search_connection.h"
#include "failing_disk.h"
#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using store_sqlite::Connection;
using store_sqlite::SqliteStore;
using ::testing::HasSubstr;

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> opened() {
    auto store = SqliteStore::open(path);
    EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
    return store.ok() ? std::move(store).value() : nullptr;
  }
  std::string refusal() {
    const auto store = SqliteStore::open(path);
    return store.ok() ? "opened" : std::string(name_of(store.error().code)) + ": " + store.error().message;
  }
  void run(std::string_view sql) {
    auto connection = Connection::open(path, Connection::Use::Write).value();
    const auto done = connection.execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  testing_ground::ScratchFolder folder;
  const std::string path = folder / "registry.db";
};

TEST_F(Sqlite, a_connection_has_the_settings_that_keep_acknowledged_writes) {
  auto connection = Connection::open(path, Connection::Use::Write).value();
  EXPECT_EQ(connection.text("PRAGMA journal_mode").value(), "wal");
  EXPECT_EQ(connection.integer("PRAGMA synchronous").value(), 2);
  EXPECT_EQ(connection.integer("PRAGMA foreign_keys").value(), 1);
  EXPECT_EQ(connection.integer("PRAGMA trusted_schema").value(), 0);
  EXPECT_EQ(connection.integer("PRAGMA cell_size_check").value(), 1);
  EXPECT_EQ(connection.integer("SELECT sqlite_version() >= '3.51.3'").value(), 1);
}

TEST_F(Sqlite, a_search_that_takes_too_many_steps_is_refused) {
  constexpr std::string_view kLong =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) FROM n";
  auto connection = Connection::open(path, Connection::Use::Write).value();
  {
    const store_sqlite::StepLimit limit(connection, 2);
    const auto refused = connection.integer(kLong);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(limit.instead_of(refused.error()).code, ErrorCode::Overloaded);
  }
  const store_sqlite::StepLimit enough(connection);
  EXPECT_EQ(connection.integer(kLong).value(), 1'000'000);
  EXPECT_EQ(enough.instead_of(not_found("another failure")).code, ErrorCode::NotFound);
}

TEST_F(Sqlite, the_reading_connection_cannot_write) {
  opened();
  auto reader = Connection::open(path, Connection::Use::Read).value();
  EXPECT_FALSE(reader.execute("DELETE FROM model").ok());
}

TEST_F(Sqlite, the_file_and_its_log_are_readable_by_their_owner_alone) {
  const auto store = opened();
  ASSERT_TRUE(store->commit({{model_record("fraud"), 0}}, {}).ok());
  for (const std::string& file : {path, path + "-wal"}) {
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << file;
  }
}

TEST_F(Sqlite, a_newer_schema_is_refused_and_says_what_to_do) {
  opened();
  run("PRAGMA user_version = 99");
  EXPECT_THAT(refusal(), HasSubstr("InvalidInput"));
  EXPECT_THAT(refusal(), HasSubstr("schema version 99, this program knows versions up to"));
}

TEST_F(Sqlite, another_programs_database_is_refused) {
  run("CREATE TABLE theirs (x)");
  EXPECT_THAT(refusal(), HasSubstr("another program's database"));
}

TEST_F(Sqlite, a_file_that_is_no_database_is_corrupt) {
  std::ofstream(path) << std::string(8192, 'x');
  EXPECT_THAT(refusal(), HasSubstr("Corrupt"));
  EXPECT_THAT(refusal(), HasSubstr(path));
}

TEST_F(Sqlite, a_damaged_page_is_found_at_start) {
  {
    const auto store = opened();
    std::vector<ports::Change> changes;
    for (int i = 0; i < 300; ++i) changes.push_back({model_record("model " + std::to_string(i)), 0});
    ASSERT_TRUE(store->commit(changes, {}).ok());
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const off_t size = ::lseek(file, 0, SEEK_END);
  for (off_t page = 4096; page < size; page += 4096) ASSERT_EQ(::pwrite(file, "\xFF\xFF\xFF\xFF", 4, page), 4);
  ::close(file);
  EXPECT_THAT(refusal(), HasSubstr("Corrupt"));
}

TEST_F(Sqlite, a_value_outside_its_rules_is_corrupt_and_not_believed) {
  {
    const auto store = opened();
    ASSERT_TRUE(store->commit({{desired_record("production", "fraud", 1), 0}}, {}).ok());
  }
  run("UPDATE desired_share SET basis_points = 5000");
  const auto desired = opened()->desired("production");
  ASSERT_FALSE(desired.ok());
  EXPECT_EQ(desired.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(desired.error().message, HasSubstr("sum to 10000"));
}

TEST_F(Sqlite, the_history_cannot_be_rewritten) {
  const auto store = opened();
  ASSERT_TRUE(store->commit({}, {event("fraud", "push")}).ok());
  auto connection = Connection::open(path, Connection::Use::Write).value();
  for (const char* sql : {"DELETE FROM event", "UPDATE event SET actor = 'nobody'"}) {
    const auto done = connection.execute(sql);
    ASSERT_FALSE(done.ok()) << sql;
    EXPECT_THAT(done.error().message, HasSubstr("append-only"));
  }
}

TEST_F(Sqlite, evidence_cannot_be_rewritten) {
  opened();
  run("INSERT INTO evidence (model, number, sequence, plan, verdict, created_at, actor, body, body_digest, revision) "
      "VALUES ('fraud', 1, 1, hex(zeroblob(32)), 'pass', 1, 'eva', '{}', hex(zeroblob(32)), 1)");
  auto connection = Connection::open(path, Connection::Use::Write).value();
  for (const char* sql : {"DELETE FROM evidence", "UPDATE evidence SET verdict = 'fail'"}) {
    const auto done = connection.execute(sql);
    ASSERT_FALSE(done.ok()) << sql;
    EXPECT_THAT(done.error().message, HasSubstr("never changed or erased"));
  }
}

TEST_F(Sqlite, signatures_cannot_be_rewritten) {
  opened();
  run("INSERT INTO signature (model, number, digest, bundle, attached_by, at, revision) "
      "VALUES ('fraud', 1, hex(zeroblob(32)), '{}', 'eva', 1, 1)");
  auto connection = Connection::open(path, Connection::Use::Write).value();
  for (const char* sql : {"DELETE FROM signature", "UPDATE signature SET bundle = '[]'"}) {
    const auto done = connection.execute(sql);
    ASSERT_FALSE(done.ok()) << sql;
    EXPECT_THAT(done.error().message, HasSubstr("never changed or erased"));
  }
}

TEST_F(Sqlite, an_unwritable_place_is_named) {
  const auto store = SqliteStore::open(folder / "missing/registry.db");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(store.error().message, HasSubstr("missing/registry.db: No such file or directory"));
}

TEST_F(Sqlite, a_full_disk_refuses_one_write_and_takes_the_next) {
  FailingDisk disk;
  const auto store = opened();
  disk.fail_writes(SQLITE_FULL);
  const auto refused = store->commit({{model_record("fraud"), 0}}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::Overloaded);
  EXPECT_THAT(refused.error().message, HasSubstr("no space left"));
  disk.heal();
  EXPECT_FALSE(store->model(name("fraud")).value());
  EXPECT_TRUE(store->commit({{model_record("fraud"), 0}}, {}).ok());
}

TEST_F(Sqlite, after_a_failed_fsync_nothing_more_is_written_until_a_restart) {
  FailingDisk disk;
  {
    const auto store = opened();
    ASSERT_TRUE(store->commit({{model_record("before"), 0}}, {}).ok());
    disk.fail_syncs();
    const auto refused = store->commit({{model_record("lost"), 0}}, {});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
    disk.heal();
    const auto later = store->commit({{model_record("later"), 0}}, {});
    ASSERT_FALSE(later.ok());
    EXPECT_THAT(later.error().message, HasSubstr("start the server again"));
    EXPECT_TRUE(store->model(name("before")).value());
  }
  EXPECT_TRUE(opened()->commit({{model_record("later"), 0}}, {}).ok());
}

TEST_F(Sqlite, the_oldest_requests_go_when_there_are_too_many) {
  const auto request = [](std::string_view key) {
    return ports::IdempotencyRecord{.key = sha256(as_bytes(key)), .request = {}, .at = at(5)};
  };
  ASSERT_TRUE(opened()->commit({{request("oldest"), 0}, {request("old"), 0}}, {}).ok());
  run("UPDATE sqlite_sequence SET seq = " + std::to_string(ports::kMostIdempotencyRecords) +
      " WHERE name = 'idempotency'");
  const auto store = opened();
  ASSERT_TRUE(store->commit({{request("new"), 0}}, {}).ok());
  EXPECT_FALSE(store->idempotency(sha256(as_bytes("oldest"))).value());
  EXPECT_TRUE(store->idempotency(sha256(as_bytes("old"))).value());
  EXPECT_TRUE(store->idempotency(sha256(as_bytes("new"))).value());
}

}  // namespace
}  // namespace slipway::contract
