#include "adapter/store_sqlite/tracking_schema.h"

namespace slipway::store_sqlite {

std::span<const Migration> tracking_migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       {
           R"(CREATE TABLE entry (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                kind TEXT NOT NULL CHECK (kind IN ('experiment', 'run', 'model')),
                id TEXT NOT NULL,
                experiment TEXT NOT NULL,
                name TEXT NOT NULL,
                owner TEXT NOT NULL,
                source_run TEXT NOT NULL,
                type TEXT NOT NULL,
                state TEXT NOT NULL,
                started INTEGER NOT NULL,
                ended INTEGER,
                changed INTEGER NOT NULL,
                removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
                revision INTEGER NOT NULL CHECK (revision > 0),
                UNIQUE (kind, id)
              ) STRICT)",
           R"(CREATE UNIQUE INDEX experiment_name ON entry (name) WHERE kind = 'experiment')",
           R"(CREATE INDEX entry_of_experiment ON entry (kind, experiment, sequence))",
           R"(CREATE TABLE tag (
                entry INTEGER NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (entry, key)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE parameter (
                entry INTEGER NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (entry, key)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE metric (
                entry INTEGER NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT NOT NULL,
                timestamp INTEGER NOT NULL,
                step INTEGER NOT NULL,
                value INTEGER NOT NULL,
                PRIMARY KEY (entry, key)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE metric_history (
                entry INTEGER NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT NOT NULL,
                timestamp INTEGER NOT NULL,
                step INTEGER NOT NULL,
                value INTEGER NOT NULL,
                PRIMARY KEY (entry, key, timestamp, step, value)
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE file (
                entry INTEGER NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                path TEXT NOT NULL,
                size INTEGER NOT NULL CHECK (size >= 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                PRIMARY KEY (entry, path)
              ) STRICT, WITHOUT ROWID)",
       }},
      {2, {R"(ALTER TABLE file ADD COLUMN put_by TEXT NOT NULL DEFAULT '')"}},
  };
  return kMigrations;
}

}  // namespace slipway::store_sqlite
