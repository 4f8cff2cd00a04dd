#include "adapter/store_sqlite/schema_notes.h"

namespace slipway::store_sqlite {

Migration notes_step() {
  return {2,
          {
              R"(ALTER TABLE model ADD COLUMN description TEXT NOT NULL DEFAULT '')",
              R"(ALTER TABLE model ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0)",
              R"(CREATE TABLE model_tag (
                   model TEXT NOT NULL,
                   key TEXT NOT NULL,
                   value TEXT NOT NULL,
                   PRIMARY KEY (model, key),
                   FOREIGN KEY (model) REFERENCES model (name) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE TABLE version_notes (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL CHECK (number > 0),
                   description TEXT NOT NULL,
                   stage_label TEXT NOT NULL,
                   source TEXT NOT NULL,
                   run_id TEXT NOT NULL,
                   run_link TEXT NOT NULL,
                   changed_at INTEGER NOT NULL,
                   revision INTEGER NOT NULL CHECK (revision > 0),
                   PRIMARY KEY (model, number)
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE TABLE version_tag (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL,
                   key TEXT NOT NULL,
                   value TEXT NOT NULL,
                   PRIMARY KEY (model, number, key),
                   FOREIGN KEY (model, number) REFERENCES version_notes (model, number) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE TABLE evidence (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL CHECK (number > 0),
                   sequence INTEGER NOT NULL CHECK (sequence > 0),
                   plan TEXT NOT NULL CHECK (length(plan) = 64),
                   verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'inconclusive')),
                   created_at INTEGER NOT NULL,
                   actor TEXT NOT NULL,
                   body TEXT NOT NULL,
                   body_digest TEXT NOT NULL CHECK (length(body_digest) = 64),
                   revision INTEGER NOT NULL CHECK (revision = 1),
                   PRIMARY KEY (model, number, sequence)
                 ) STRICT)",
              R"(CREATE TRIGGER evidence_is_never_changed BEFORE UPDATE ON evidence
                   BEGIN SELECT RAISE(ABORT, 'evidence is never changed or erased'); END)",
              R"(CREATE TRIGGER evidence_is_never_removed BEFORE DELETE ON evidence
                   BEGIN SELECT RAISE(ABORT, 'evidence is never changed or erased'); END)",
              R"(CREATE TABLE approval (
                   id TEXT NOT NULL PRIMARY KEY,
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL CHECK (number > 0),
                   version_digest TEXT NOT NULL CHECK (length(version_digest) = 64),
                   environment TEXT NOT NULL,
                   evidence TEXT NOT NULL CHECK (length(evidence) = 64),
                   principal TEXT NOT NULL,
                   at INTEGER NOT NULL,
                   expires_at INTEGER,
                   reason TEXT NOT NULL,
                   revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
                   revision INTEGER NOT NULL CHECK (revision > 0)
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE INDEX approval_of_version ON approval (model, number, at, id))",
          }};
}

}  // namespace slipway::store_sqlite
