#include "adapter/sql_records/entry_writer.h"

#include <cmath>

#include "adapter/sql_records/notes_writer.h"
#include "adapter/sql_records/row_value.h"

namespace slipway::sql_records {
namespace {

Result<void> run_for(Connection& connection, std::string_view sql, const std::string& name,
                     model::VersionNumber number) {
  return TRY(connection.prepare(sql)).bind(name).bind(number).run();
}

template <class Map>
Result<void> insert_pairs(Connection& connection, std::string_view sql, const ports::VersionFacts& record,
                          const Map& pairs) {
  for (const auto& [key, value] : pairs) {
    TRY(TRY(connection.prepare(sql)).bind(record.model.text()).bind(record.version).bind(key).bind(value).run());
  }
  return {};
}

}  // namespace

Result<void> write(Connection& connection, const ports::Change& change, const ports::VersionFacts& record) {
  const std::string& name = record.model.text();
  if (change.expected != 0 || change.erase) {
    return invalid_input("the facts of a version are never changed, and go with it alone");
  }
  TRY(check_revision(std::move(TRY(connection.prepare("SELECT 1, 1 FROM version_facts WHERE model = ? AND number = ?"))
                                   .bind(name)
                                   .bind(record.version)),
                     change, "facts of version " + std::to_string(record.version) + " of model \"" + name + "\""));
  const model::Lineage& lineage = record.lineage;
  TRY(TRY(connection.prepare("INSERT INTO version_facts (model, number, format, training_data, code_commit, run_id, "
                             "parent, built_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"))
          .bind(name)
          .bind(record.version)
          .bind(record.format)
          .bind(lineage.training_data)
          .bind(lineage.code_commit)
          .bind(lineage.run_id)
          .bind(lineage.parent)
          .bind(lineage.built_by)
          .run());
  TRY(insert_pairs(connection, "INSERT INTO version_metric (model, number, key, value) VALUES (?, ?, ?, ?)", record,
                   lineage.metrics));
  TRY(insert_pairs(connection, "INSERT INTO version_parameter (model, number, key, value) VALUES (?, ?, ?, ?)", record,
                   lineage.parameters));
  TRY(insert_pairs(connection, "INSERT INTO version_data (model, number, name, digest) VALUES (?, ?, ?, ?)", record,
                   lineage.data));
  return refresh_entry(connection, record.model, record.version);
}

Result<void> refresh_entry(Connection& connection, const model::ModelName& name, model::VersionNumber number) {
  TRY(run_for(connection, "DELETE FROM version_entry WHERE model = ? AND number = ?", name.text(), number));
  std::string sql(kEnterAllVersions);
  sql += " WHERE v.model = ? AND v.number = ?";
  return run_for(connection, sql, name.text(), number);
}

}  // namespace slipway::sql_records
