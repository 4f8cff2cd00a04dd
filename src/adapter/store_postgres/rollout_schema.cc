#include "adapter/store_postgres/rollout_schema.h"

namespace slipway::store_postgres {

Part rollout_part() {
  static const std::vector<Migration> kSteps = {
      {1,
       {
           R"(CREATE TABLE rollout (
                number BIGINT NOT NULL PRIMARY KEY,
                environment TEXT COLLATE "C" NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                is_open BIGINT NOT NULL CHECK (is_open IN (0, 1)),
                state TEXT NOT NULL,
                position BIGINT NOT NULL,
                reason TEXT NOT NULL,
                paused_by TEXT NOT NULL,
                paused_reason TEXT NOT NULL,
                control BIGINT NOT NULL,
                candidates TEXT NOT NULL,
                wanted TEXT NOT NULL,
                earlier TEXT NOT NULL,
                desired_revision BIGINT NOT NULL,
                dwelt_ns BIGINT NOT NULL,
                updated_ns BIGINT NOT NULL,
                seen_at BIGINT NOT NULL,
                approved BIGINT,
                frozen TEXT NOT NULL,
                winner BIGINT,
                decisions BIGINT NOT NULL,
                plan TEXT NOT NULL,
                plan_digest TEXT NOT NULL CHECK (length(plan_digest) = 64),
                started_at BIGINT NOT NULL,
                started_by TEXT NOT NULL,
                evidence TEXT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0),
                late TEXT NOT NULL,
                ahead BIGINT NOT NULL,
                told BIGINT NOT NULL,
                rehearsal TEXT NOT NULL,
                rehearsal_since BIGINT NOT NULL,
                curve TEXT NOT NULL
              ))",
           R"(CREATE INDEX rollout_that_is_open ON rollout (is_open, number))",
           R"(CREATE UNIQUE INDEX rollout_has_one_place ON rollout (environment, model, ahead) WHERE is_open = 1)",
           R"(CREATE INDEX rollout_to_be_told ON rollout (number) WHERE told < decisions)",
           R"(CREATE INDEX rollout_of_model ON rollout (model, number))",
           R"(CREATE TABLE rollout_decision (
                rollout BIGINT NOT NULL,
                number BIGINT NOT NULL,
                at BIGINT NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                state TEXT NOT NULL,
                position BIGINT NOT NULL,
                wanted TEXT NOT NULL,
                reason TEXT NOT NULL,
                evidence TEXT NOT NULL,
                program TEXT NOT NULL,
                once TEXT NOT NULL,
                basis TEXT NOT NULL,
                PRIMARY KEY (rollout, number)
              ))",
           R"(CREATE UNIQUE INDEX rollout_decision_is_made_once ON rollout_decision (once) WHERE once <> '')",
           R"(CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$)",
           R"(CREATE TRIGGER rollout_decision_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rollout_decision
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change())",
       }},
  };
  return {"rollouts", kSteps};
}

}  // namespace slipway::store_postgres
