#include "adapter/store_sqlite/rollout_schema.h"

#include <vector>

namespace slipway::store_sqlite {

std::span<const Migration> rollout_migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       {
           R"(CREATE TABLE rollout (
                number INTEGER NOT NULL PRIMARY KEY,
                environment TEXT NOT NULL,
                model TEXT NOT NULL,
                is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
                state TEXT NOT NULL,
                position INTEGER NOT NULL,
                reason TEXT NOT NULL,
                paused_by TEXT NOT NULL,
                paused_reason TEXT NOT NULL,
                control INTEGER NOT NULL,
                candidates TEXT NOT NULL,
                wanted TEXT NOT NULL,
                earlier TEXT NOT NULL,
                desired_revision INTEGER NOT NULL,
                dwelt_ns INTEGER NOT NULL,
                updated_ns INTEGER NOT NULL,
                seen_at INTEGER NOT NULL,
                approved INTEGER,
                frozen TEXT NOT NULL,
                winner INTEGER,
                decisions INTEGER NOT NULL,
                plan TEXT NOT NULL,
                plan_digest TEXT NOT NULL CHECK (length(plan_digest) = 64),
                started_at INTEGER NOT NULL,
                started_by TEXT NOT NULL,
                evidence TEXT NOT NULL,
                revision INTEGER NOT NULL CHECK (revision > 0),
                late TEXT NOT NULL,
                ahead INTEGER NOT NULL,
                told INTEGER NOT NULL,
                rehearsal TEXT NOT NULL,
                rehearsal_since INTEGER NOT NULL,
                curve TEXT NOT NULL
              ) STRICT)",
           R"(CREATE INDEX rollout_that_is_open ON rollout (is_open, number))",
           R"(CREATE UNIQUE INDEX rollout_has_one_place ON rollout (environment, model, ahead) WHERE is_open = 1)",
           R"(CREATE INDEX rollout_to_be_told ON rollout (number) WHERE told < decisions)",
           R"(CREATE INDEX rollout_of_model ON rollout (model, number))",
           R"(CREATE TABLE rollout_decision (
                rollout INTEGER NOT NULL,
                number INTEGER NOT NULL,
                at INTEGER NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                state TEXT NOT NULL,
                position INTEGER NOT NULL,
                wanted TEXT NOT NULL,
                reason TEXT NOT NULL,
                evidence TEXT NOT NULL,
                program TEXT NOT NULL,
                once TEXT NOT NULL,
                basis TEXT NOT NULL,
                PRIMARY KEY (rollout, number)
              ) STRICT)",
           R"(CREATE UNIQUE INDEX rollout_decision_is_made_once ON rollout_decision (once) WHERE once <> '')",
           R"(CREATE TRIGGER rollout_decision_is_never_changed BEFORE UPDATE ON rollout_decision
                BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END)",
           R"(CREATE TRIGGER rollout_decision_is_never_removed BEFORE DELETE ON rollout_decision
                BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END)",
       }},
  };
  return kMigrations;
}

}  // namespace slipway::store_sqlite
