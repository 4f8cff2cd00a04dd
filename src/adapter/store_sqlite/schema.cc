#include "adapter/store_sqlite/schema.h"

#include <string>

#include "adapter/store_sqlite/schema_assignment.h"
#include "adapter/store_sqlite/schema_audit.h"
#include "adapter/store_sqlite/schema_governance.h"
#include "adapter/store_sqlite/schema_idempotency.h"
#include "adapter/store_sqlite/schema_mirror.h"
#include "adapter/store_sqlite/schema_notes.h"
#include "adapter/store_sqlite/schema_scopes.h"
#include "adapter/store_sqlite/schema_search.h"
#include "adapter/store_sqlite/schema_signatures.h"

namespace slipway::store_sqlite {
namespace {

constexpr std::int64_t kApplication = 0x534C5057;  // "SLPW", in the header of the file

const std::vector<Migration>& all_migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       {
           R"(CREATE TABLE model (
                name TEXT NOT NULL PRIMARY KEY,
                created_at INTEGER NOT NULL,
                last_version INTEGER NOT NULL CHECK (last_version >= 0),
                removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
                revision INTEGER NOT NULL CHECK (revision > 0)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE version (
                model TEXT NOT NULL,
                number INTEGER NOT NULL CHECK (number > 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                manifest TEXT NOT NULL,
                stage TEXT NOT NULL CHECK (stage IN ('registered', 'validated', 'rejected', 'retired')),
                reason TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                created_by TEXT NOT NULL,
                cost_fixed_ns INTEGER,
                cost_per_row_ns INTEGER,
                row_independent INTEGER CHECK (row_independent IN (0, 1)),
                memory_bytes INTEGER,
                load_time_ns INTEGER,
                golden_checked INTEGER,
                revision INTEGER NOT NULL CHECK (revision > 0),
                PRIMARY KEY (model, number)
              ) STRICT)",
           R"(CREATE TABLE version_file (
                model TEXT NOT NULL,
                number INTEGER NOT NULL,
                position INTEGER NOT NULL,
                path TEXT NOT NULL,
                size INTEGER NOT NULL CHECK (size >= 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                PRIMARY KEY (model, number, position),
                FOREIGN KEY (model, number) REFERENCES version (model, number) ON DELETE CASCADE
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE alias (
                model TEXT NOT NULL,
                alias TEXT NOT NULL,
                version INTEGER NOT NULL CHECK (version > 0),
                revision INTEGER NOT NULL CHECK (revision > 0),
                PRIMARY KEY (model, alias)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE desired_serving (
                environment TEXT NOT NULL,
                model TEXT NOT NULL,
                serving INTEGER NOT NULL CHECK (serving IN (0, 1)),
                revision INTEGER NOT NULL CHECK (revision > 0),
                PRIMARY KEY (environment, model)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE INDEX desired_serving_of_model ON desired_serving (model, environment))",
           R"(CREATE TABLE desired_share (
                environment TEXT NOT NULL,
                model TEXT NOT NULL,
                position INTEGER NOT NULL,
                version INTEGER NOT NULL CHECK (version > 0),
                basis_points INTEGER NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
                PRIMARY KEY (environment, model, position),
                FOREIGN KEY (environment, model) REFERENCES desired_serving (environment, model) ON DELETE CASCADE
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE serving_entry (
                environment TEXT NOT NULL,
                model TEXT NOT NULL,
                number INTEGER NOT NULL CHECK (number > 0),
                live INTEGER NOT NULL CHECK (live IN (0, 1)),
                previous INTEGER NOT NULL CHECK (previous >= 0 AND previous < number),
                written_at INTEGER NOT NULL,
                revision INTEGER NOT NULL CHECK (revision > 0),
                PRIMARY KEY (environment, model, number)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE serving_entry_share (
                environment TEXT NOT NULL,
                model TEXT NOT NULL,
                number INTEGER NOT NULL,
                position INTEGER NOT NULL,
                version INTEGER NOT NULL CHECK (version > 0),
                basis_points INTEGER NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
                PRIMARY KEY (environment, model, number, position),
                FOREIGN KEY (environment, model, number) REFERENCES serving_entry (environment, model, number)
                  ON DELETE CASCADE
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE token (
                id TEXT NOT NULL PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
                role TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                expires_at INTEGER,
                revision INTEGER NOT NULL CHECK (revision > 0)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE event (
                sequence INTEGER PRIMARY KEY,
                at INTEGER NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                model TEXT NOT NULL,
                subject TEXT NOT NULL,
                before TEXT NOT NULL,
                after TEXT NOT NULL,
                reason TEXT NOT NULL
              ) STRICT)",
           R"(CREATE INDEX event_of_model ON event (model, sequence))",
           R"(CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
                BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END)",
           R"(CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
                BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END)",
       }},
      notes_step(),
      audit_step(),
      governance_step(),
      idempotency_step(),
      makers_step(),
      scopes_step(),
      search_step(),
      signatures_step(),
      assignment_step(),
      mirror_step(),
  };
  return kMigrations;
}

}  // namespace

std::span<const Migration> migrations() {
  return all_migrations();
}

Result<void> expect_registry(Connection& connection) {
  const std::int64_t application = TRY(connection.integer("PRAGMA application_id"));
  if (application == kApplication) return {};
  return invalid_input("expected a Slipway registry (application id " + std::to_string(kApplication) +
                       "), found another program's database (" + std::to_string(application) + ")");
}

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
  const std::int64_t found = TRY(connection.integer("PRAGMA user_version"));
  const std::int64_t application = TRY(connection.integer("PRAGMA application_id"));
  const std::int64_t objects = TRY(connection.integer("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = found == 0 && application == 0 && objects == 0;
  if (!fresh) TRY(expect_registry(connection));
  const std::int64_t newest = steps.empty() ? 0 : steps.back().version;
  if (found > newest) {
    return invalid_input("the database has schema version " + std::to_string(found) +
                         ", this program knows versions up to " + std::to_string(newest) +
                         ": run a newer slipway, or restore the copy made before the upgrade");
  }
  for (const Migration& step : steps) {
    if (step.version <= found) continue;
    auto transaction = TRY(Transaction::begin(connection, Transaction::Kind::Write));
    for (const std::string_view statement : step.statements) TRY(connection.execute(statement));
    if (step.rows) TRY(step.rows(connection));
    for (const std::string_view statement : step.afterwards) TRY(connection.execute(statement));
    TRY(connection.execute("PRAGMA application_id = " + std::to_string(kApplication)));
    TRY(connection.execute("PRAGMA user_version = " + std::to_string(step.version)));
    TRY(transaction.commit());
  }
  return {};
}

Result<Connection> open_writer(const std::string& path, std::span<const Migration> steps, SchemaChange change) {
  Connection writer = TRY(Connection::open(path, Connection::Use::Write));
  const auto found = writer.text("PRAGMA quick_check(1)");
  if (!found) return found.error();
  if (*found != "ok") return corrupt("the database is damaged: " + *found + "; restore a backup of it");
  const std::int64_t version = TRY(writer.integer("PRAGMA user_version"));
  if (change == SchemaChange::Refused && version != 0 && version != steps.back().version) {
    return conflict("the database has schema version " + std::to_string(version) + ", this program needs " +
                    std::to_string(steps.back().version) +
                    " and may not change it while another server uses it: stop that one, then start this one");
  }
  TRY(migrate(writer, steps));
  return writer;
}

}  // namespace slipway::store_sqlite
