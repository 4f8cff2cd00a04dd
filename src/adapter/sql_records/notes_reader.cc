#include "adapter/sql_records/notes_reader.h"

#include "adapter/sql_records/row_value.h"

namespace slipway::sql_records {
namespace {

using model::VersionNotes;
using ports::Stored;

constexpr std::string_view kNotes =
    "SELECT model, number, description, stage_label, source, run_id, run_link, changed_at, revision "
    "FROM version_notes WHERE ";
constexpr std::string_view kNotesTags = "SELECT model, number, key, value FROM version_tag WHERE ";

Result<Stored<VersionNotes>> notes_row(const Statement& row) {
  auto name = TRY(sound(model::ModelName::parse(row.text(0)), "version_notes.model"));
  return Stored<VersionNotes>{
      {.model = std::move(name),
       .version = count_of(row.integer(1)),
       .annotations = {.description = std::string(row.text(2)), .tags = {}, .changed_at = time_of(row.integer(7))},
       .stage_label = std::string(row.text(3)),
       .source = std::string(row.text(4)),
       .run_id = std::string(row.text(5)),
       .run_link = std::string(row.text(6))},
      count_of(row.integer(8))};
}

// `rows` and `tags` both come in order of model and version.
Result<std::vector<Stored<VersionNotes>>> notes_rows(Statement rows, Statement tags) {
  std::vector<Stored<VersionNotes>> records;
  while (TRY(rows.step())) records.push_back(TRY(notes_row(rows)));
  auto at = records.begin();
  while (TRY(tags.step())) {
    const auto is_before = [&](const VersionNotes& notes) {
      const int order = std::string_view(notes.model.text()).compare(tags.text(0));
      return order < 0 || (order == 0 && notes.version < count_of(tags.integer(1)));
    };
    while (at != records.end() && is_before(at->record)) ++at;
    if (at == records.end()) break;  // a tag goes with its notes: the tables' foreign key
    at->record.annotations.tags.emplace(tags.text(2), tags.text(3));
  }
  return records;
}

}  // namespace

Result<void> read_tags(Connection& connection, std::string_view after,
                       std::vector<Stored<ports::ModelRecord>>& models) {
  if (models.empty()) return {};
  Statement rows = TRY(
      connection.prepare("SELECT model, key, value FROM model_tag WHERE model > ? AND model <= ? ORDER BY model, key"));
  rows.bind(after).bind(models.back().record.name.text());
  auto at = models.begin();
  while (TRY(rows.step())) {
    while (at != models.end() && at->record.name.text() < rows.text(0)) ++at;
    if (at == models.end()) break;
    if (at->record.name.text() == rows.text(0)) at->record.annotations.tags.emplace(rows.text(1), rows.text(2));
  }
  return {};
}

Result<std::vector<Stored<VersionNotes>>> read_notes(Connection& connection, std::string_view after,
                                                     std::string_view last) {
  const std::string range = "model > ? AND model <= ? ORDER BY model, number";
  Statement rows = TRY(connection.prepare(std::string(kNotes) + range));
  Statement tags = TRY(connection.prepare(std::string(kNotesTags) + range));
  rows.bind(after).bind(last);
  tags.bind(after).bind(last);
  return notes_rows(std::move(rows), std::move(tags));
}

Result<std::vector<Stored<VersionNotes>>> read_notes(Connection& connection, const model::ModelName& name,
                                                     std::optional<model::VersionNumber> version) {
  const std::string range = "model = ? AND number BETWEEN ? AND ? ORDER BY model, number";
  Statement rows = TRY(connection.prepare(std::string(kNotes) + range));
  Statement tags = TRY(connection.prepare(std::string(kNotesTags) + range));
  for (Statement* statement : {&rows, &tags}) {
    statement->bind(name.text()).bind(bounded(version.value_or(0))).bind(bounded(version.value_or(UINT64_MAX)));
  }
  return notes_rows(std::move(rows), std::move(tags));
}

Result<std::vector<Stored<ports::EvidenceRecord>>> read_evidence(Connection& connection, const model::ModelName& name,
                                                                 model::VersionNumber version, std::uint64_t before,
                                                                 std::size_t limit) {
  Statement rows = TRY(
      connection.prepare("SELECT sequence, plan, verdict, created_at, actor, body, body_digest, revision FROM evidence "
                         "WHERE model = ? AND number = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?"));
  rows.bind(name.text()).bind(bounded(version)).bind(bounded(before == 0 ? UINT64_MAX : before)).bind(bounded(limit));
  std::vector<Stored<ports::EvidenceRecord>> records;
  while (TRY(rows.step())) {
    const Digest plan = TRY(sound(parse_digest(rows.text(1)), "evidence.plan"));
    const auto verdict = TRY(sound(model::parse_verdict(rows.text(2)), "evidence.verdict", rows.text(2)));
    const Digest body_digest = TRY(sound(parse_digest(rows.text(6)), "evidence.body_digest"));
    records.push_back({{.model = name,
                        .version = version,
                        .sequence = count_of(rows.integer(0)),
                        .plan = plan,
                        .verdict = verdict,
                        .created_at = time_of(rows.integer(3)),
                        .actor = std::string(rows.text(4)),
                        .body = std::string(rows.text(5)),
                        .body_digest = body_digest},
                       count_of(rows.integer(7))});
  }
  return records;
}

Result<std::vector<Stored<ports::SignatureRecord>>> read_signatures(Connection& connection,
                                                                    const model::ModelName& name,
                                                                    model::VersionNumber version) {
  Statement rows =
      TRY(connection.prepare("SELECT digest, bundle, attached_by, at, revision FROM signature "
                             "WHERE model = ? AND number = ? ORDER BY at, digest"));
  rows.bind(name.text()).bind(bounded(version));
  std::vector<Stored<ports::SignatureRecord>> records;
  while (TRY(rows.step())) {
    const Digest digest = TRY(sound(parse_digest(rows.text(0)), "signature.digest"));
    records.push_back({{.model = name,
                        .version = version,
                        .digest = digest,
                        .bundle = std::string(rows.text(1)),
                        .attached_by = std::string(rows.text(2)),
                        .at = time_of(rows.integer(3))},
                       count_of(rows.integer(4))});
  }
  return records;
}

Result<std::vector<Stored<ports::ApprovalRecord>>> read_approvals(Connection& connection, const model::ModelName& name,
                                                                  model::VersionNumber version) {
  Statement rows = TRY(
      connection.prepare("SELECT id, version_digest, environment, evidence, principal, at, expires_at, reason, "
                         "revoked, overrides, revision FROM approval WHERE model = ? AND number = ? ORDER BY at, id"));
  rows.bind(name.text()).bind(bounded(version));
  std::vector<Stored<ports::ApprovalRecord>> records;
  while (TRY(rows.step())) {
    const Digest version_digest = TRY(sound(parse_digest(rows.text(1)), "approval.version_digest"));
    const Digest evidence = TRY(sound(parse_digest(rows.text(3)), "approval.evidence"));
    const auto expires = rows.optional_integer(6);
    records.push_back({{.id = std::string(rows.text(0)),
                        .model = name,
                        .version = version,
                        .version_digest = version_digest,
                        .environment = std::string(rows.text(2)),
                        .evidence = evidence,
                        .principal = std::string(rows.text(4)),
                        .at = time_of(rows.integer(5)),
                        .expires_at = expires ? std::optional(time_of(*expires)) : std::nullopt,
                        .reason = std::string(rows.text(7)),
                        .revoked = rows.integer(8) != 0,
                        .overrides = rows.integer(9) != 0},
                       count_of(rows.integer(10))});
  }
  return records;
}

}  // namespace slipway::sql_records
