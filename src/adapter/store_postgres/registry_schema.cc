// The registry's tables: those of docs/formats/database.md in PostgreSQL's words.
#include "adapter/sql_records/entry_writer.h"
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {
namespace {

// Texts are ordered by their bytes, whatever the database's own collation.
const std::vector<Migration>& steps() {
  static const std::vector<Migration> kSteps = {
      {1,
       {
           R"(CREATE TABLE model (
                name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
                created_at BIGINT NOT NULL,
                last_version BIGINT NOT NULL CHECK (last_version >= 0),
                removed SMALLINT NOT NULL CHECK (removed IN (0, 1)),
                description TEXT NOT NULL,
                changed_at BIGINT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0)))",
           R"(CREATE TABLE model_tag (
                model TEXT COLLATE "C" NOT NULL REFERENCES model (name) ON DELETE CASCADE,
                key TEXT COLLATE "C" NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (model, key)))",
           R"(CREATE TABLE version (
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL CHECK (number > 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                manifest TEXT NOT NULL,
                stage TEXT NOT NULL CHECK (stage IN ('registered', 'validated', 'rejected', 'retired')),
                reason TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                created_by TEXT NOT NULL,
                cost_fixed_ns BIGINT,
                cost_per_row_ns BIGINT,
                row_independent SMALLINT CHECK (row_independent IN (0, 1)),
                memory_bytes BIGINT,
                load_time_ns BIGINT,
                golden_checked BIGINT,
                makers TEXT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0),
                PRIMARY KEY (model, number)))",
           R"(CREATE TABLE version_file (
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL,
                position BIGINT NOT NULL,
                path TEXT NOT NULL,
                size BIGINT NOT NULL CHECK (size >= 0),
                digest TEXT NOT NULL CHECK (length(digest) = 64),
                PRIMARY KEY (model, number, position),
                FOREIGN KEY (model, number) REFERENCES version (model, number) ON DELETE CASCADE))",
           R"(CREATE TABLE alias (
                model TEXT COLLATE "C" NOT NULL,
                alias TEXT COLLATE "C" NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                revision BIGINT NOT NULL CHECK (revision > 0),
                PRIMARY KEY (model, alias)))",
           R"(CREATE TABLE desired_serving (
                environment TEXT COLLATE "C" NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                serving SMALLINT NOT NULL CHECK (serving IN (0, 1)),
                revision BIGINT NOT NULL CHECK (revision > 0),
                PRIMARY KEY (environment, model)))",
           R"(CREATE INDEX desired_serving_of_model ON desired_serving (model, environment))",
           R"(CREATE TABLE desired_share (
                environment TEXT COLLATE "C" NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                position BIGINT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                basis_points BIGINT NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
                PRIMARY KEY (environment, model, position),
                FOREIGN KEY (environment, model) REFERENCES desired_serving (environment, model) ON DELETE CASCADE))",
           R"(CREATE TABLE serving_entry (
                environment TEXT COLLATE "C" NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL CHECK (number > 0),
                live SMALLINT NOT NULL CHECK (live IN (0, 1)),
                previous BIGINT NOT NULL CHECK (previous >= 0 AND previous < number),
                written_at BIGINT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0),
                PRIMARY KEY (environment, model, number)))",
           R"(CREATE TABLE serving_entry_share (
                environment TEXT COLLATE "C" NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL,
                position BIGINT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                basis_points BIGINT NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
                PRIMARY KEY (environment, model, number, position),
                FOREIGN KEY (environment, model, number) REFERENCES serving_entry (environment, model, number)
                  ON DELETE CASCADE))",
           R"(CREATE TABLE token (
                id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
                name TEXT COLLATE "C" NOT NULL UNIQUE,
                hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
                role TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                models TEXT NOT NULL,
                permissions TEXT NOT NULL,
                environments TEXT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0)))",
           R"(CREATE TABLE version_notes (
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL CHECK (number > 0),
                description TEXT NOT NULL,
                stage_label TEXT NOT NULL,
                source TEXT NOT NULL,
                run_id TEXT NOT NULL,
                run_link TEXT NOT NULL,
                changed_at BIGINT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0),
                PRIMARY KEY (model, number)))",
           R"(CREATE TABLE version_tag (
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL,
                key TEXT COLLATE "C" NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (model, number, key),
                FOREIGN KEY (model, number) REFERENCES version_notes (model, number) ON DELETE CASCADE))",
           R"(CREATE TABLE evidence (
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL CHECK (number > 0),
                sequence BIGINT NOT NULL CHECK (sequence > 0),
                plan TEXT NOT NULL CHECK (length(plan) = 64),
                verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'inconclusive')),
                created_at BIGINT NOT NULL,
                actor TEXT NOT NULL,
                body TEXT NOT NULL,
                body_digest TEXT NOT NULL CHECK (length(body_digest) = 64),
                revision BIGINT NOT NULL CHECK (revision = 1),
                PRIMARY KEY (model, number, sequence)))",
           R"(CREATE TABLE approval (
                id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
                model TEXT COLLATE "C" NOT NULL,
                number BIGINT NOT NULL CHECK (number > 0),
                version_digest TEXT NOT NULL CHECK (length(version_digest) = 64),
                environment TEXT NOT NULL,
                evidence TEXT NOT NULL CHECK (length(evidence) = 64),
                principal TEXT NOT NULL,
                at BIGINT NOT NULL,
                expires_at BIGINT,
                reason TEXT NOT NULL,
                revoked SMALLINT NOT NULL CHECK (revoked IN (0, 1)),
                overrides SMALLINT NOT NULL CHECK (overrides IN (0, 1)),
                revision BIGINT NOT NULL CHECK (revision > 0)))",
           R"(CREATE INDEX approval_of_version ON approval (model, number, at, id))",
           R"(CREATE TABLE event (
                sequence BIGINT PRIMARY KEY,
                at BIGINT NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                model TEXT COLLATE "C" NOT NULL,
                subject TEXT NOT NULL,
                before TEXT NOT NULL,
                after TEXT NOT NULL,
                reason TEXT NOT NULL,
                hash BYTEA NOT NULL CHECK (length(hash) = 32)))",
           R"(CREATE INDEX event_of_model ON event (model, sequence))",
           R"(CREATE TABLE audit_head (
                sequence BIGINT NOT NULL PRIMARY KEY,
                hash BYTEA NOT NULL CHECK (length(hash) = 32),
                at BIGINT NOT NULL,
                key BYTEA NOT NULL CHECK (length(key) = 32),
                signature BYTEA NOT NULL CHECK (length(signature) = 64)))",
           R"(CREATE TABLE idempotency (
                sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                key BYTEA NOT NULL UNIQUE CHECK (length(key) = 32),
                request BYTEA NOT NULL CHECK (length(request) = 32),
                at BIGINT NOT NULL,
                status INTEGER CHECK (status BETWEEN 100 AND 599),
                body TEXT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0)))",
           R"(CREATE INDEX idempotency_by_time ON idempotency (at))",
           R"(CREATE TABLE change_mark (
                what TEXT PRIMARY KEY,
                number BIGINT NOT NULL))",
           R"(INSERT INTO change_mark (what, number) VALUES ('desired', 1), ('tokens', 1))",
           R"(CREATE TABLE lease (
                name TEXT COLLATE "C" NOT NULL,
                holder TEXT COLLATE "C" NOT NULL,
                expires_at TIMESTAMPTZ NOT NULL,
                PRIMARY KEY (name, holder)))",
           R"(CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '%: rows of this table are never changed or erased', TG_TABLE_NAME; END $$)",
           R"(CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change())",
           R"(CREATE TRIGGER evidence_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change())",
           R"(CREATE TRIGGER audit_head_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_head
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change())",
       }},
      {2,
       {
           R"(CREATE TABLE version_facts (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL CHECK (number > 0),
                   format TEXT COLLATE "C" NOT NULL,
                   training_data TEXT COLLATE "C" NOT NULL,
                   code_commit TEXT COLLATE "C" NOT NULL,
                   run_id TEXT COLLATE "C" NOT NULL,
                   parent TEXT COLLATE "C" NOT NULL,
                   built_by TEXT COLLATE "C" NOT NULL,
                   PRIMARY KEY (model, number)
                 ))",
           R"(CREATE TABLE version_metric (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL,
                   key TEXT COLLATE "C" NOT NULL,
                   value DOUBLE PRECISION,
                   PRIMARY KEY (model, number, key),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ))",
           R"(CREATE INDEX version_metric_by_value ON version_metric (key, value, model, number))",
           R"(CREATE TABLE version_parameter (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL,
                   key TEXT COLLATE "C" NOT NULL,
                   value TEXT COLLATE "C" NOT NULL,
                   PRIMARY KEY (model, number, key),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ))",
           R"(CREATE INDEX version_parameter_by_value ON version_parameter (key, value, model, number))",
           R"(CREATE TABLE version_data (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL,
                   name TEXT COLLATE "C" NOT NULL,
                   digest TEXT COLLATE "C" NOT NULL,
                   PRIMARY KEY (model, number, name),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ))",
           R"(CREATE INDEX version_data_by_digest ON version_data (digest, model, number))",
           R"(CREATE TABLE version_entry (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL,
                   stage TEXT COLLATE "C" NOT NULL,
                   created BIGINT NOT NULL,
                   changed BIGINT NOT NULL,
                   author TEXT COLLATE "C",
                   digest TEXT COLLATE "C" NOT NULL,
                   size BIGINT NOT NULL,
                   memory BIGINT,
                   latency_us DOUBLE PRECISION,
                   format TEXT COLLATE "C",
                   source TEXT COLLATE "C",
                   stage_label TEXT COLLATE "C",
                   run TEXT COLLATE "C",
                   code_commit TEXT COLLATE "C",
                   parent TEXT COLLATE "C",
                   built_by TEXT COLLATE "C",
                   training_data TEXT COLLATE "C",
                   PRIMARY KEY (model, number)
                 ))",
           R"(CREATE INDEX version_entry_by_creation ON version_entry (created, model, number))",
           R"(CREATE INDEX version_entry_by_change ON version_entry (changed, model, number))",
           R"(CREATE INDEX version_tag_by_value ON version_tag (key, value, model, number))",
           R"(CREATE INDEX alias_by_name ON alias (alias, model, version))",
           R"(CREATE INDEX alias_of_version ON alias (model, version, alias))",
           R"(CREATE INDEX desired_share_of_version ON desired_share (model, version, environment))",
           sql_records::kEnterAllVersions,
       }},
      {3,
       {
           // A row of an index holds 2,704 bytes at most, a tag's value 5,000.
           R"(DROP INDEX version_tag_by_value)",
           R"(DROP INDEX version_parameter_by_value)",
           R"(CREATE INDEX version_tag_by_value ON version_tag (key, left(value, 200), model, number))",
           R"(CREATE INDEX version_parameter_by_value ON version_parameter (key, left(value, 200), model, number))",
       }},
      {4,
       {
           // The rest of what is searched: patterns without regard to case, and orders, as in every other store.
           R"(ALTER TABLE model ALTER COLUMN description TYPE TEXT COLLATE "C")",
           R"(ALTER TABLE model_tag ALTER COLUMN value TYPE TEXT COLLATE "C")",
           R"(ALTER TABLE version_tag ALTER COLUMN value TYPE TEXT COLLATE "C")",
           R"(ALTER TABLE version_notes ALTER COLUMN description TYPE TEXT COLLATE "C")",
       }},
      {5,
       {
           R"(CREATE TABLE signature (
                   model TEXT COLLATE "C" NOT NULL,
                   number BIGINT NOT NULL CHECK (number > 0),
                   digest TEXT COLLATE "C" NOT NULL CHECK (length(digest) = 64),
                   bundle TEXT NOT NULL,
                   attached_by TEXT NOT NULL,
                   at BIGINT NOT NULL,
                   revision BIGINT NOT NULL CHECK (revision = 1),
                   PRIMARY KEY (model, number, digest)
                 ))",
           R"(CREATE TRIGGER signature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signature
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change())",
       }},
      {6, {R"(ALTER TABLE desired_serving ADD COLUMN assignment TEXT NOT NULL DEFAULT '')"}},
      {7,
       {R"(ALTER TABLE desired_serving ADD COLUMN mirror_version BIGINT NOT NULL DEFAULT 0)",
        R"(ALTER TABLE desired_serving ADD COLUMN mirror_share BIGINT NOT NULL DEFAULT 0
             CHECK (mirror_share BETWEEN 0 AND 10000))"}},
  };
  return kSteps;
}

}  // namespace

Part registry_part() {
  return {"registry", steps()};
}

}  // namespace slipway::store_postgres
