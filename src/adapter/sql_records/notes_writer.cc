#include "adapter/sql_records/notes_writer.h"

#include "adapter/sql_records/row_value.h"

namespace slipway::sql_records {
namespace {

std::string text_of(const model::ModelName& name, model::VersionNumber number) {
  return "version " + std::to_string(number) + " of model \"" + name.text() + "\"";
}

}  // namespace

Result<Found> check_revision(Statement lookup, const ports::Change& change, const std::string& what) {
  Found found;
  if (TRY(lookup.step())) {
    found.last = count_of(lookup.integer(0));
    found.revision = lookup.integer(1) != 0 ? found.last : 0;
  }
  if (found.revision != change.expected) {
    return conflict(what + ": expected revision " + std::to_string(change.expected) + ", found " +
                    std::to_string(found.revision) + " (0: it does not exist)");
  }
  return found;
}

Result<void> write(Connection& connection, const ports::Change& change, const model::VersionNotes& record) {
  const std::string& name = record.model.text();
  const Found found = TRY(check_revision(
      std::move(TRY(connection.prepare("SELECT revision, 1 FROM version_notes WHERE model = ? AND number = ?"))
                    .bind(name)
                    .bind(record.version)),
      change, "notes on " + text_of(record.model, record.version)));
  TRY(TRY(connection.prepare("DELETE FROM version_notes WHERE model = ? AND number = ?"))
          .bind(name)
          .bind(record.version)
          .run());
  if (change.erase) return {};
  TRY(TRY(connection.prepare("INSERT INTO version_notes (model, number, description, stage_label, source, run_id, "
                             "run_link, changed_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"))
          .bind(name)
          .bind(record.version)
          .bind(record.annotations.description)
          .bind(record.stage_label)
          .bind(record.source)
          .bind(record.run_id)
          .bind(record.run_link)
          .bind(micros(record.annotations.changed_at))
          .bind(found.last + 1)
          .run());
  for (const auto& [key, value] : record.annotations.tags) {
    TRY(TRY(connection.prepare("INSERT INTO version_tag (model, number, key, value) VALUES (?, ?, ?, ?)"))
            .bind(name)
            .bind(record.version)
            .bind(key)
            .bind(value)
            .run());
  }
  return {};
}

Result<void> write(Connection& connection, const ports::Change& change, const ports::EvidenceRecord& record) {
  const std::string& name = record.model.text();
  const std::string what =
      "evidence " + std::to_string(record.sequence) + " on " + text_of(record.model, record.version);
  if (change.expected != 0 || change.erase) return conflict(what + ": evidence is never changed or erased");
  TRY(check_revision(std::move(TRY(connection.prepare("SELECT revision, 1 FROM evidence "
                                                      "WHERE model = ? AND number = ? AND sequence = ?"))
                                   .bind(name)
                                   .bind(record.version)
                                   .bind(record.sequence)),
                     change, what));
  return TRY(connection.prepare("INSERT INTO evidence (model, number, sequence, plan, verdict, created_at, actor, "
                                "body, body_digest, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"))
      .bind(name)
      .bind(record.version)
      .bind(record.sequence)
      .bind(record.plan.hex())
      .bind(model::name_of(record.verdict))
      .bind(micros(record.created_at))
      .bind(record.actor)
      .bind(record.body)
      .bind(record.body_digest.hex())
      .run();
}

Result<void> write(Connection& connection, const ports::Change& change, const ports::ApprovalRecord& record) {
  const Found found = TRY(check_revision(
      std::move(TRY(connection.prepare("SELECT revision, 1 FROM approval WHERE id = ?")).bind(record.id)), change,
      "approval \"" + record.id + "\""));
  TRY(TRY(connection.prepare("DELETE FROM approval WHERE id = ?")).bind(record.id).run());
  if (change.erase) return {};
  return TRY(connection.prepare(
                 "INSERT INTO approval (id, model, number, version_digest, environment, evidence, principal, "
                 "at, expires_at, reason, revoked, overrides, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                 "?)"))
      .bind(record.id)
      .bind(record.model.text())
      .bind(record.version)
      .bind(record.version_digest.hex())
      .bind(record.environment)
      .bind(record.evidence.hex())
      .bind(record.principal)
      .bind(micros(record.at))
      .bind(record.expires_at ? std::optional(micros(*record.expires_at)) : std::nullopt)
      .bind(record.reason)
      .bind(flag(record.revoked))
      .bind(flag(record.overrides))
      .bind(found.last + 1)
      .run();
}

Result<void> write(Connection& connection, const ports::Change& change, const ports::SignatureRecord& record) {
  const std::string& name = record.model.text();
  const std::string what = "signature " + record.digest.hex() + " of " + text_of(record.model, record.version);
  if (change.expected != 0 || change.erase) return conflict(what + ": signatures are never changed or erased");
  TRY(check_revision(std::move(TRY(connection.prepare("SELECT revision, 1 FROM signature "
                                                      "WHERE model = ? AND number = ? AND digest = ?"))
                                   .bind(name)
                                   .bind(record.version)
                                   .bind(record.digest.hex())),
                     change, what));
  return TRY(connection.prepare("INSERT INTO signature (model, number, digest, bundle, attached_by, at, revision) "
                                "VALUES (?, ?, ?, ?, ?, ?, 1)"))
      .bind(name)
      .bind(record.version)
      .bind(record.digest.hex())
      .bind(record.bundle)
      .bind(record.attached_by)
      .bind(micros(record.at))
      .run();
}

Result<void> insert_tags(Connection& connection, const ports::ModelRecord& record) {
  for (const auto& [key, value] : record.annotations.tags) {
    TRY(TRY(connection.prepare("INSERT INTO model_tag (model, key, value) VALUES (?, ?, ?)"))
            .bind(record.name.text())
            .bind(key)
            .bind(value)
            .run());
  }
  return {};
}

}  // namespace slipway::sql_records
