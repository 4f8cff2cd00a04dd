// The tables of training: those of docs/formats/tracking-database.md in PostgreSQL's words.
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {
namespace {

const std::vector<Migration>& steps() {
  static const std::vector<Migration> kSteps = {
      {1,
       {
           R"(CREATE TABLE entry (
                sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('experiment', 'run', 'model')),
                id TEXT COLLATE "C" NOT NULL,
                experiment TEXT COLLATE "C" NOT NULL,
                name TEXT COLLATE "C" NOT NULL,
                owner TEXT NOT NULL,
                source_run TEXT NOT NULL,
                type TEXT NOT NULL,
                state TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT,
                changed BIGINT NOT NULL,
                removed SMALLINT NOT NULL CHECK (removed IN (0, 1)),
                revision BIGINT NOT NULL CHECK (revision > 0),
                UNIQUE (kind, id)))",
           R"(CREATE UNIQUE INDEX experiment_name ON entry (name) WHERE kind = 'experiment')",
           R"(CREATE INDEX entry_of_experiment ON entry (kind, experiment, sequence))",
           R"(CREATE TABLE tag (
                entry BIGINT NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT COLLATE "C" NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (entry, key)))",
           R"(CREATE TABLE parameter (
                entry BIGINT NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT COLLATE "C" NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (entry, key)))",
           R"(CREATE TABLE metric (
                entry BIGINT NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT COLLATE "C" NOT NULL,
                timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL,
                value BIGINT NOT NULL,
                PRIMARY KEY (entry, key)))",
           R"(CREATE TABLE metric_history (
                entry BIGINT NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                key TEXT COLLATE "C" NOT NULL,
                timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL,
                value BIGINT NOT NULL,
                PRIMARY KEY (entry, key, timestamp, step, value)))",
           R"(CREATE TABLE file (
                entry BIGINT NOT NULL REFERENCES entry (sequence) ON DELETE CASCADE,
                path TEXT COLLATE "C" NOT NULL,
                size BIGINT NOT NULL CHECK (size >= 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                put_by TEXT NOT NULL,
                PRIMARY KEY (entry, path)))",
       }},
  };
  return kSteps;
}

}  // namespace

Part training_part() {
  return {"training", steps()};
}

}  // namespace slipway::store_postgres
