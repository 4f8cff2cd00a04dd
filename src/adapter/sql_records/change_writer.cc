#include "adapter/sql_records/change_writer.h"

#include "adapter/sql_records/entry_writer.h"
#include "adapter/sql_records/idempotency_rows.h"
#include "adapter/sql_records/notes_writer.h"
#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/row_value.h"
#include "domain/access/scope_text.h"

namespace slipway::sql_records {
namespace {

// One overload per kind of record. Each erases what is there and, unless that was all, inserts the new state.
struct Writer {
  Connection& connection;
  const ports::Change& change;

  Result<void> operator()(const ports::ModelRecord& record) const {
    const std::string& name = record.name.text();
    const Found found = TRY(
        check_revision(std::move(TRY(connection.prepare("SELECT revision, 1 FROM model WHERE name = ?")).bind(name)),
                       change, "model \"" + name + "\""));
    TRY(TRY(connection.prepare("DELETE FROM model WHERE name = ?")).bind(name).run());
    if (change.erase) return {};
    TRY(TRY(connection.prepare("INSERT INTO model (name, created_at, last_version, removed, description, changed_at, "
                               "revision) VALUES (?, ?, ?, ?, ?, ?, ?)"))
            .bind(name)
            .bind(micros(record.created_at))
            .bind(record.last_version)
            .bind(flag(record.removed))
            .bind(record.annotations.description)
            .bind(micros(record.annotations.changed_at))
            .bind(found.last + 1)
            .run());
    return insert_tags(connection, record);
  }

  Result<void> operator()(const model::ModelVersion& record) const {
    const std::string& name = record.name.text();
    const Found found = TRY(check_revision(
        std::move(TRY(connection.prepare("SELECT revision, 1 FROM version WHERE model = ? AND number = ?"))
                      .bind(name)
                      .bind(record.number)),
        change, "version " + std::to_string(record.number) + " of model \"" + name + "\""));
    TRY(TRY(connection.prepare("DELETE FROM version WHERE model = ? AND number = ?"))
            .bind(name)
            .bind(record.number)
            .run());
    if (change.erase) {
      TRY(TRY(connection.prepare("DELETE FROM version_facts WHERE model = ? AND number = ?"))
              .bind(name)
              .bind(record.number)
              .run());
      return refresh_entry(connection, record.name, record.number);
    }
    TRY(insert(record, found.last + 1));
    for (std::size_t i = 0; i < record.files.size(); ++i) {
      const model::PackageFile& file = record.files[i];
      TRY(TRY(connection.prepare("INSERT INTO version_file (model, number, position, path, size, digest) "
                                 "VALUES (?, ?, ?, ?, ?, ?)"))
              .bind(name)
              .bind(record.number)
              .bind(std::uint64_t{i})
              .bind(file.path)
              .bind(file.size)
              .bind(file.digest.hex())
              .run());
    }
    return refresh_entry(connection, record.name, record.number);
  }

  Result<void> insert(const model::ModelVersion& record, std::uint64_t revision) const {
    const auto& found = record.verification;
    const auto measured = [&](auto of) { return found ? std::optional<std::int64_t>(of(*found)) : std::nullopt; };
    using model::Verification;
    return TRY(connection.prepare(
                   "INSERT INTO version (model, number, digest, manifest, stage, reason, created_at, created_by, "
                   "cost_fixed_ns, cost_per_row_ns, row_independent, memory_bytes, load_time_ns, golden_checked, "
                   "revision, makers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
        .bind(record.name.text())
        .bind(record.number)
        .bind(record.digest.hex())
        .bind(record.manifest)
        .bind(name_of(record.stage))
        .bind(record.reason)
        .bind(micros(record.created_at))
        .bind(record.created_by)
        .bind(measured([](const Verification& v) { return v.cost.fixed.count(); }))
        .bind(measured([](const Verification& v) { return v.cost.per_row.count(); }))
        .bind(measured([](const Verification& v) { return flag(v.row_independent); }))
        .bind(measured([](const Verification& v) { return static_cast<std::int64_t>(v.memory.count); }))
        .bind(measured([](const Verification& v) { return v.load_time.count(); }))
        .bind(measured([](const Verification& v) { return std::int64_t{v.golden_checked}; }))
        .bind(revision)
        .bind(lines_of(record.makers))
        .run();
  }

  Result<void> operator()(const ports::AliasRecord& record) const {
    const std::string& name = record.model.text();
    const Found found = TRY(
        check_revision(std::move(TRY(connection.prepare("SELECT revision, 1 FROM alias WHERE model = ? AND alias = ?"))
                                     .bind(name)
                                     .bind(record.alias.text())),
                       change, "alias \"" + record.alias.text() + "\" of model \"" + name + "\""));
    TRY(TRY(connection.prepare("DELETE FROM alias WHERE model = ? AND alias = ?"))
            .bind(name)
            .bind(record.alias.text())
            .run());
    if (change.erase) return {};
    return TRY(connection.prepare("INSERT INTO alias (model, alias, version, revision) VALUES (?, ?, ?, ?)"))
        .bind(name)
        .bind(record.alias.text())
        .bind(record.version)
        .bind(found.last + 1)
        .run();
  }

  Result<void> operator()(const model::DesiredServing& record) const {
    const std::string& name = record.model.text();
    const Found found = TRY(check_revision(
        std::move(
            TRY(connection.prepare("SELECT revision, serving FROM desired_serving WHERE environment = ? AND model = ?"))
                .bind(record.environment)
                .bind(name)),
        change, "desired serving of model \"" + name + "\" in " + record.environment));
    TRY(TRY(connection.prepare("DELETE FROM desired_serving WHERE environment = ? AND model = ?"))
            .bind(record.environment)
            .bind(name)
            .run());
    // Erased, its row stays with serving = 0: its revisions go on from there.
    if (change.erase && found.revision == 0) return {};
    TRY(TRY(connection.prepare("INSERT INTO desired_serving (environment, model, serving, revision, assignment, "
                               "mirror_version, mirror_share) VALUES (?, ?, ?, ?, ?, ?, ?)"))
            .bind(record.environment)
            .bind(name)
            .bind(flag(!change.erase))
            .bind(change.erase ? found.last : found.last + 1)
            .bind(change.erase ? std::string() : model::text_of(record.assignment))
            .bind(std::uint64_t{change.erase || !record.mirror ? 0 : record.mirror->to})
            .bind(std::uint64_t{change.erase || !record.mirror ? 0 : record.mirror->share.count})
            .run());
    if (change.erase) return {};
    for (std::size_t i = 0; i < record.split.shares().size(); ++i) {
      const model::Share& share = record.split.shares()[i];
      TRY(TRY(connection.prepare("INSERT INTO desired_share (environment, model, position, version, basis_points) "
                                 "VALUES (?, ?, ?, ?, ?)"))
              .bind(record.environment)
              .bind(name)
              .bind(std::uint64_t{i})
              .bind(share.version)
              .bind(std::uint64_t{share.share.count})
              .run());
    }
    return {};
  }

  Result<void> operator()(const model::ServingEntry& record) const {
    const std::string& name = record.model.text();
    const Found found = TRY(check_revision(
        std::move(TRY(connection.prepare("SELECT revision, 1 FROM serving_entry "
                                         "WHERE environment = ? AND model = ? AND number = ?"))
                      .bind(record.environment)
                      .bind(name)
                      .bind(record.number)),
        change,
        "serving entry " + std::to_string(record.number) + " of model \"" + name + "\" in " + record.environment));
    TRY(TRY(connection.prepare("DELETE FROM serving_entry WHERE environment = ? AND model = ? AND number = ?"))
            .bind(record.environment)
            .bind(name)
            .bind(record.number)
            .run());
    if (change.erase) return {};
    TRY(TRY(connection.prepare("INSERT INTO serving_entry (environment, model, number, live, previous, written_at, "
                               "revision) VALUES (?, ?, ?, ?, ?, ?, ?)"))
            .bind(record.environment)
            .bind(name)
            .bind(record.number)
            .bind(flag(record.live))
            .bind(record.previous)
            .bind(micros(record.written_at))
            .bind(found.last + 1)
            .run());
    for (std::size_t i = 0; i < record.split.shares().size(); ++i) {
      const model::Share& share = record.split.shares()[i];
      TRY(TRY(connection.prepare("INSERT INTO serving_entry_share (environment, model, number, position, version, "
                                 "basis_points) VALUES (?, ?, ?, ?, ?, ?)"))
              .bind(record.environment)
              .bind(name)
              .bind(record.number)
              .bind(std::uint64_t{i})
              .bind(share.version)
              .bind(std::uint64_t{share.share.count})
              .run());
    }
    return {};
  }

  Result<void> operator()(const ports::TokenRecord& record) const {
    const Found found = TRY(
        check_revision(std::move(TRY(connection.prepare("SELECT revision, 1 FROM token WHERE id = ?")).bind(record.id)),
                       change, "token \"" + record.id + "\""));
    TRY(TRY(connection.prepare("DELETE FROM token WHERE id = ?")).bind(record.id).run());
    if (change.erase) return {};
    TRY(check_unique(record));
    const access::ScopeText scope = access::text_of(record.scope);
    return TRY(connection.prepare(
                   "INSERT INTO token (id, name, hash, role, created_at, expires_at, models, permissions, "
                   "environments, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
        .bind(record.id)
        .bind(record.name)
        .bind(std::as_bytes(std::span(record.hash.bytes)))
        .bind(name_of(record.role))
        .bind(micros(record.created_at))
        .bind(record.expires_at ? std::optional(micros(*record.expires_at)) : std::nullopt)
        .bind(scope.models)
        .bind(scope.permissions)
        .bind(scope.environments)
        .bind(found.last + 1)
        .run();
  }

  // notes_writer.h
  Result<void> operator()(const model::VersionNotes& record) const {
    TRY(write(connection, change, record));
    return refresh_entry(connection, record.model, record.version);
  }
  // entry_writer.h
  Result<void> operator()(const ports::VersionFacts& record) const { return write(connection, change, record); }
  Result<void> operator()(const ports::EvidenceRecord& record) const { return write(connection, change, record); }
  Result<void> operator()(const ports::ApprovalRecord& record) const { return write(connection, change, record); }
  // idempotency_rows.h
  Result<void> operator()(const ports::IdempotencyRecord& record) const { return write(connection, change, record); }
  Result<void> operator()(const ports::SignatureRecord& record) const { return write(connection, change, record); }
  // A head is written once and stays as it is.
  Result<void> operator()(const model::AuditHead& record) const {
    TRY(check_revision(
        std::move(TRY(connection.prepare("SELECT 1, 1 FROM audit_head WHERE sequence = ?")).bind(record.sequence)),
        change, "the head of event " + std::to_string(record.sequence)));
    if (change.expected != 0) return invalid_input("a signed head is never changed");
    return TRY(connection.prepare("INSERT INTO audit_head (sequence, hash, at, key, signature) VALUES (?, ?, ?, ?, ?)"))
        .bind(record.sequence)
        .bind(std::as_bytes(std::span(record.hash.bytes)))
        .bind(micros(record.at))
        .bind(std::as_bytes(std::span(record.key.bytes)))
        .bind(std::as_bytes(std::span(record.signature.bytes)))
        .run();
  }

  // The table's constraints say the same, but not so that a person would understand it.
  Result<void> check_unique(const ports::TokenRecord& record) const {
    Statement same =
        TRY(connection.prepare("SELECT CASE WHEN name = ? THEN 1 ELSE 0 END FROM token WHERE name = ? OR hash = ?"));
    same.bind(record.name).bind(record.name).bind(std::as_bytes(std::span(record.hash.bytes)));
    if (!TRY(same.step())) return {};
    if (same.integer(0) == 0) return conflict("another token has the same secret");
    return conflict("a token named \"" + record.name + "\" exists already");
  }
};

}  // namespace

Result<void> apply(Connection& connection, const ports::Change& change) {
  return std::visit(Writer{connection, change}, change.record);
}

Result<void> append(Connection& connection, std::vector<model::Event> events) {
  if (events.empty()) return {};
  // The sequence is one above the newest: nothing is ever removed, so there are no gaps.
  std::uint64_t sequence = 0;
  Digest previous;
  {
    Statement newest = TRY(connection.prepare("SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1"));
    if (TRY(newest.step())) {
      sequence = static_cast<std::uint64_t>(newest.integer(0));
      TRY(take_bytes(newest.blob(1), previous.bytes, "event.hash"));
    }
  }
  for (model::Event& event : events) {
    event.sequence = ++sequence;
    previous = event.hash = model::chained(event, previous);
    TRY(insert_event(connection, "event", event));
  }
  return {};
}

Result<void> insert_event(Connection& connection, std::string_view table, const model::Event& event) {
  return TRY(connection.prepare("INSERT INTO " + std::string(table) +
                                " (sequence, at, actor, action, model, subject, before, after, reason, hash) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
      .bind(event.sequence)
      .bind(micros(event.at))
      .bind(event.actor)
      .bind(event.action)
      .bind(event.model)
      .bind(event.subject)
      .bind(event.from)
      .bind(event.to)
      .bind(event.reason)
      .bind(std::as_bytes(std::span(event.hash.bytes)))
      .run();
}

}  // namespace slipway::sql_records
