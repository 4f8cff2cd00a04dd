// A migration killed at every statement leaves the old schema or the new one, never something between.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "adapter/sql_records/record_reader.h"
#include "adapter/store_sqlite/schema.h"
#include "adapter/store_sqlite/sqlite_store.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using store_sqlite::Connection;
using store_sqlite::migrate;
using store_sqlite::Migration;

// The real schema and two more steps, one of which moves rows.
std::vector<Migration> steps() {
  std::vector<Migration> all(store_sqlite::migrations().begin(), store_sqlite::migrations().end());
  const std::int64_t newest = all.back().version;
  all.push_back({newest + 1,
                 {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
                  "INSERT INTO note (text) SELECT name FROM model",
                  "ALTER TABLE note ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'",
                  "CREATE INDEX note_of_author ON note (author)"}});
  all.push_back({newest + 2, {"UPDATE note SET author = 'somebody'", "DROP INDEX note_of_author"}});
  return all;
}

struct Killer {
  int statements_left;
};

extern "C" int kill_at_statement(unsigned, void* killer, void*, void*) {
  if (--static_cast<Killer*>(killer)->statements_left < 0) ::raise(SIGKILL);
  return 0;
}

// Migrates in a child that is killed before its statement number `allowed`. True: it was not killed any more.
bool survives(const std::string& path, int allowed) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto connection = Connection::open(path, Connection::Use::Write);
    if (!connection.ok()) ::_exit(1);
    Killer killer{allowed};
    sqlite3_trace_v2(connection->handle(), SQLITE_TRACE_STMT, kill_at_statement, &killer);
    ::_exit(migrate(*connection, steps()).ok() ? 0 : 2);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "statement " << allowed << ": status " << status;
  return WIFEXITED(status);
}

// Everything of the schema as one text, with the rows that migrations write.
std::string shape_of(const std::string& path) {
  auto connection = Connection::open(path, Connection::Use::Write).value();
  EXPECT_EQ(connection.text("PRAGMA integrity_check").value(), "ok");
  const std::int64_t version = connection.integer("PRAGMA user_version").value();
  std::string shape = "version " + std::to_string(version) + "\n" +
                      connection
                          .text(
                              "SELECT coalesce(group_concat(sql, ';'), '') FROM "
                              "(SELECT sql FROM sqlite_schema ORDER BY name)")
                          .value();
  if (version > store_sqlite::migrations().back().version) {
    shape += connection.text("SELECT coalesce(group_concat(text || author), '') FROM note").value();
  }
  return shape;
}

// The database as it is after each step done without disturbance.
std::vector<std::string> undisturbed_shapes() {
  const testing_ground::ScratchFolder folder;
  const auto all = steps();
  std::vector<std::string> shapes;
  for (std::size_t count = 0; count <= all.size(); ++count) {
    {
      auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
      EXPECT_TRUE(migrate(connection, std::span(all).first(count)).ok());
    }
    shapes.push_back(shape_of(folder / "db"));
  }
  return shapes;
}

TEST(SchemaMigration, killed_at_any_statement_it_leaves_a_whole_version_and_goes_on_from_there) {
  const auto whole = undisturbed_shapes();
  int killed = 0;
  for (bool survived = false; !survived; ++killed) {
    const testing_ground::ScratchFolder folder;
    survived = survives(folder / "db", killed);
    const std::string found = shape_of(folder / "db");
    EXPECT_NE(std::find(whole.begin(), whole.end(), found), whole.end()) << "killed at " << killed << ":\n" << found;
    auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
    ASSERT_TRUE(migrate(connection, steps()).ok());
    EXPECT_EQ(shape_of(folder / "db"), whole.back());
    ASSERT_LT(killed, 200);
  }
  EXPECT_GT(killed, 25);
}

TEST(SchemaMigration, a_history_from_before_the_chain_is_chained) {
  const testing_ground::ScratchFolder folder;
  auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
  ASSERT_TRUE(migrate(connection, store_sqlite::migrations().first(1)).ok());
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(connection
                    .execute("INSERT INTO event (at, actor, action, model, subject, before, after, reason) VALUES (" +
                             std::to_string(1'000'000 + i) +
                             ", 'eva', 'push', 'm\xC3\xBCller', 'version 1', '', '', '')")
                    .ok());
  }
  ASSERT_TRUE(migrate(connection, store_sqlite::migrations()).ok());
  const auto events = sql_records::read_trail(connection, 0, 10).value();
  ASSERT_EQ(events.size(), 3U);
  Digest previous;
  for (const model::Event& event : events) {
    EXPECT_EQ(event.model, "m\xC3\xBCller");
    EXPECT_EQ(event.hash, model::chained(event, previous));
    previous = event.hash;
  }
  EXPECT_FALSE(connection.execute("DELETE FROM event WHERE sequence = 3").ok());
  EXPECT_FALSE(connection.execute("UPDATE event SET actor = 'mallory'").ok());
}

TEST(SchemaMigration, a_step_that_fails_changes_nothing) {
  const testing_ground::ScratchFolder folder;
  auto all = steps();
  all.back().statements.push_back("this is no SQL");
  auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
  EXPECT_FALSE(migrate(connection, all).ok());
  EXPECT_EQ(shape_of(folder / "db"), undisturbed_shapes()[all.size() - 1]);
}

TEST(SchemaMigration, what_the_first_schema_holds_is_read_after_every_later_step) {
  const testing_ground::ScratchFolder folder;
  {
    auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
    ASSERT_TRUE(migrate(connection, store_sqlite::migrations().first(1)).ok());
    for (const char* row :
         {"INSERT INTO model (name, created_at, last_version, removed, revision) VALUES ('fraud', 5, 3, 0, 7)",
          "INSERT INTO version (model, number, digest, manifest, stage, reason, created_at, created_by, revision) "
          "VALUES ('fraud', 3, hex(zeroblob(32)), 'name: fraud', 'validated', '', 6, 'eva', 2)",
          "INSERT INTO alias (model, alias, version, revision) VALUES ('fraud', 'champion', 3, 1)",
          "INSERT INTO event (at, actor, action, model, subject, before, after, reason) "
          "VALUES (6, 'eva', 'push', 'fraud', 'version 3', '', 'x', '')"}) {
      const auto done = connection.execute(row);
      ASSERT_TRUE(done.ok()) << done.error().message;
    }
  }
  const auto store = store_sqlite::SqliteStore::open(folder / "db").value();
  const auto found = store->summaries("", 10).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].record.last_version, 3U);
  EXPECT_EQ(found[0].record.annotations, model::Annotations{});
  EXPECT_EQ(found[0].versions.at(0).created_by, "eva");
  EXPECT_EQ(found[0].aliases.size(), 1U);
  EXPECT_TRUE(found[0].notes.empty());
  EXPECT_EQ(store->model(found[0].record.name).value()->revision, 7U);
  EXPECT_EQ(store->history("fraud", 0, 9).value().size(), 1U);
}

TEST(SchemaMigration, a_database_that_another_server_reads_is_not_changed_under_it) {
  const testing_ground::ScratchFolder folder;
  {
    auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
    ASSERT_TRUE(migrate(connection, store_sqlite::migrations().first(1)).ok());
  }
  const std::string before = shape_of(folder / "db");
  const auto refused = store_sqlite::SqliteStore::open(folder / "db", store_sqlite::SchemaChange::Refused);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
  EXPECT_EQ(shape_of(folder / "db"), before);
  EXPECT_TRUE(store_sqlite::SqliteStore::open(folder / "db").ok());
  EXPECT_TRUE(store_sqlite::SqliteStore::open(folder / "db", store_sqlite::SchemaChange::Refused).ok());
}

TEST(SchemaMigration, steps_are_numbered_from_one_without_gaps) {
  std::int64_t expected = 1;
  for (const Migration& step : store_sqlite::migrations()) EXPECT_EQ(step.version, expected++);
}

}  // namespace
}  // namespace slipway::contract
