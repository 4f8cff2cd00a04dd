#include "adapter/store_sqlite/schema_audit.h"

#include "adapter/sql_records/change_writer.h"

namespace slipway::store_sqlite {
namespace {

// The history from before it was chained, as it stands: what was there then is what is vouched for from now on.
Result<void> chain_history(Connection& connection) {
  Statement rows = TRY(connection.prepare(
      "SELECT sequence, at, actor, action, model, subject, before, after, reason FROM event ORDER BY sequence"));
  Digest previous;
  while (TRY(rows.step())) {
    model::Event event{.sequence = static_cast<std::uint64_t>(rows.integer(0)),
                       .at = WallTime(WallTime::duration(rows.integer(1))),
                       .actor = std::string(rows.text(2)),
                       .action = std::string(rows.text(3)),
                       .model = std::string(rows.text(4)),
                       .subject = std::string(rows.text(5)),
                       .from = std::string(rows.text(6)),
                       .to = std::string(rows.text(7)),
                       .reason = std::string(rows.text(8)),
                       .hash = {}};
    previous = event.hash = model::chained(event, previous);
    TRY(insert_event(connection, "chained_event", event));
  }
  return {};
}

}  // namespace

Migration audit_step() {
  return {kChainedSchema,
          {
              R"(CREATE TABLE chained_event (
                   sequence INTEGER PRIMARY KEY,
                   at INTEGER NOT NULL,
                   actor TEXT NOT NULL,
                   action TEXT NOT NULL,
                   model TEXT NOT NULL,
                   subject TEXT NOT NULL,
                   before TEXT NOT NULL,
                   after TEXT NOT NULL,
                   reason TEXT NOT NULL,
                   hash BLOB NOT NULL CHECK (length(hash) = 32)
                 ) STRICT)",
              R"(CREATE TABLE audit_head (
                   sequence INTEGER NOT NULL PRIMARY KEY,
                   hash BLOB NOT NULL CHECK (length(hash) = 32),
                   at INTEGER NOT NULL,
                   key BLOB NOT NULL CHECK (length(key) = 32),
                   signature BLOB NOT NULL CHECK (length(signature) = 64)
                 ) STRICT)",
          },
          chain_history,
          {
              R"(DROP TABLE event)",
              R"(ALTER TABLE chained_event RENAME TO event)",
              R"(CREATE INDEX event_of_model ON event (model, sequence))",
              R"(CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
                   BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END)",
              R"(CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
                   BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END)",
              R"(CREATE TRIGGER audit_head_is_never_changed BEFORE UPDATE ON audit_head
                   BEGIN SELECT RAISE(ABORT, 'signed heads stay as they are'); END)",
              R"(CREATE TRIGGER audit_head_is_never_removed BEFORE DELETE ON audit_head
                   BEGIN SELECT RAISE(ABORT, 'signed heads stay as they are'); END)",
          }};
}

}  // namespace slipway::store_sqlite
