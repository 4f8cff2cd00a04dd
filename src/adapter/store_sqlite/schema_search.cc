#include "adapter/store_sqlite/schema_search.h"

#include "adapter/sql_records/entry_writer.h"

namespace slipway::store_sqlite {

Migration search_step() {
  return {8,
          {
              R"(CREATE TABLE version_facts (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL CHECK (number > 0),
                   format TEXT NOT NULL,
                   training_data TEXT NOT NULL,
                   code_commit TEXT NOT NULL,
                   run_id TEXT NOT NULL,
                   parent TEXT NOT NULL,
                   built_by TEXT NOT NULL,
                   PRIMARY KEY (model, number)
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE TABLE version_metric (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL,
                   key TEXT NOT NULL,
                   value REAL,
                   PRIMARY KEY (model, number, key),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE INDEX version_metric_by_value ON version_metric (key, value, model, number))",
              R"(CREATE TABLE version_parameter (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL,
                   key TEXT NOT NULL,
                   value TEXT NOT NULL,
                   PRIMARY KEY (model, number, key),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE INDEX version_parameter_by_value ON version_parameter (key, value, model, number))",
              R"(CREATE TABLE version_data (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL,
                   name TEXT NOT NULL,
                   digest TEXT NOT NULL,
                   PRIMARY KEY (model, number, name),
                   FOREIGN KEY (model, number) REFERENCES version_facts (model, number) ON DELETE CASCADE
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE INDEX version_data_by_digest ON version_data (digest, model, number))",
              R"(CREATE TABLE version_entry (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL,
                   stage TEXT NOT NULL,
                   created INTEGER NOT NULL,
                   changed INTEGER NOT NULL,
                   author TEXT,
                   digest TEXT NOT NULL,
                   size INTEGER NOT NULL,
                   memory INTEGER,
                   latency_us REAL,
                   format TEXT,
                   source TEXT,
                   stage_label TEXT,
                   run TEXT,
                   code_commit TEXT,
                   parent TEXT,
                   built_by TEXT,
                   training_data TEXT,
                   PRIMARY KEY (model, number)
                 ) STRICT, WITHOUT ROWID)",
              R"(CREATE INDEX version_entry_by_creation ON version_entry (created, model, number))",
              R"(CREATE INDEX version_entry_by_change ON version_entry (changed, model, number))",
              R"(CREATE INDEX version_tag_by_value ON version_tag (key, value, model, number))",
              R"(CREATE INDEX alias_by_name ON alias (alias, model, version))",
              R"(CREATE INDEX alias_of_version ON alias (model, version, alias))",
              R"(CREATE INDEX desired_share_of_version ON desired_share (model, version, environment))",
          },
          [](Connection& connection) { return connection.execute(sql_records::kEnterAllVersions); }};
}

}  // namespace slipway::store_sqlite
