#include "adapter/sql_records/record_reader.h"

#include <algorithm>
#include <cstring>

#include "adapter/sql_records/notes_reader.h"
#include "adapter/sql_records/row_value.h"
#include "domain/access/scope_text.h"

namespace slipway::sql_records {
namespace {

using ports::Stored;

constexpr std::string_view kEvents =
    "SELECT sequence, at, actor, action, model, subject, before, after, reason, hash FROM event";

constexpr std::string_view kShortVersions =
    "SELECT number, digest, '', stage, reason, created_at, created_by, cost_fixed_ns, cost_per_row_ns, "
    "row_independent, memory_bytes, load_time_ns, golden_checked, revision, makers FROM version WHERE model = ? AND ";

Result<std::vector<model::Event>> events_of(Statement& rows) {
  std::vector<model::Event> events;
  while (TRY(rows.step())) {
    model::Event event{.sequence = count_of(rows.integer(0)),
                       .at = time_of(rows.integer(1)),
                       .actor = std::string(rows.text(2)),
                       .action = std::string(rows.text(3)),
                       .model = std::string(rows.text(4)),
                       .subject = std::string(rows.text(5)),
                       .from = std::string(rows.text(6)),
                       .to = std::string(rows.text(7)),
                       .reason = std::string(rows.text(8)),
                       .hash = {}};
    TRY(take_bytes(rows.blob(9), event.hash.bytes, "event.hash"));
    events.push_back(std::move(event));
  }
  return events;
}

Result<Stored<ports::ModelRecord>> model_row(const Statement& row) {
  auto name = TRY(sound(model::ModelName::parse(row.text(0)), "model.name"));
  return Stored<ports::ModelRecord>{
      {.name = std::move(name),
       .created_at = time_of(row.integer(1)),
       .last_version = count_of(row.integer(2)),
       .removed = row.integer(3) != 0,
       .annotations = {.description = std::string(row.text(4)), .tags = {}, .changed_at = time_of(row.integer(5))}},
      count_of(row.integer(6))};
}

std::optional<model::Verification> verification_of(const Statement& row, int first) {
  if (!row.optional_integer(first)) return std::nullopt;
  return model::Verification{
      .cost = {.fixed = Duration(row.integer(first)), .per_row = Duration(row.integer(first + 1))},
      .row_independent = row.integer(first + 2) != 0,
      .memory = Bytes{count_of(row.integer(first + 3))},
      .load_time = Duration(row.integer(first + 4)),
      .golden_checked = static_cast<std::uint32_t>(row.integer(first + 5))};
}

Result<Stored<model::ModelVersion>> version_row(const model::ModelName& name, const Statement& row) {
  const Digest digest = TRY(sound(parse_digest(row.text(1)), "version.digest"));
  const model::Stage stage = TRY(sound(model::parse_stage(row.text(3)), "version.stage", row.text(3)));
  return Stored<model::ModelVersion>{{.name = name,
                                      .number = count_of(row.integer(0)),
                                      .digest = digest,
                                      .files = {},
                                      .manifest = std::string(row.text(2)),
                                      .stage = stage,
                                      .reason = std::string(row.text(4)),
                                      .verification = verification_of(row, 7),
                                      .created_at = time_of(row.integer(5)),
                                      .created_by = std::string(row.text(6)),
                                      .makers = lines_in(row.text(14))},
                                     count_of(row.integer(13))};
}

// Files into versions; both come in order of number.
Result<void> read_files(Statement rows, std::vector<Stored<model::ModelVersion>>& versions) {
  std::size_t at = 0;
  while (TRY(rows.step())) {
    const std::uint64_t number = count_of(rows.integer(0));
    while (at < versions.size() && versions[at].record.number < number) ++at;
    if (at == versions.size() || versions[at].record.number != number) continue;
    const Digest digest = TRY(sound(parse_digest(rows.text(3)), "version_file.digest"));
    versions[at].record.files.push_back(
        {.path = std::string(rows.text(1)), .size = count_of(rows.integer(2)), .digest = digest});
  }
  return {};
}

Result<model::TrafficSplit> read_split(Statement rows, std::string_view table) {
  std::vector<model::Share> shares;
  while (TRY(rows.step())) {
    shares.push_back({count_of(rows.integer(0)), {static_cast<std::uint32_t>(rows.integer(1))}});
  }
  return sound(model::TrafficSplit::parse(std::move(shares)), table);
}

constexpr std::string_view kDesired =
    "SELECT d.environment, d.model, d.revision, s.version, s.basis_points, d.assignment, d.mirror_version, "
    "d.mirror_share "
    "FROM desired_serving d LEFT JOIN desired_share s ON s.environment = d.environment AND s.model = d.model WHERE "
    "d.serving = 1";

// Rows of kDesired, those of one record one after another, in order of position.
Result<std::vector<Stored<model::DesiredServing>>> desired_rows(Statement rows) {
  std::vector<Stored<model::DesiredServing>> records;
  bool more = TRY(rows.step());
  while (more) {
    const std::string environment(rows.text(0));
    const std::string of(rows.text(1));
    const std::uint64_t revision = count_of(rows.integer(2));
    auto rule = TRY(sound(model::parse_assignment_rule(rows.text(5)), "desired_serving.assignment"));
    std::optional<model::Mirror> mirror;
    if (rows.integer(6) != 0) {
      mirror.emplace(model::Mirror{count_of(rows.integer(6)), {static_cast<std::uint32_t>(rows.integer(7))}});
    }
    std::vector<model::Share> shares;
    while (more && rows.text(0) == environment && rows.text(1) == of) {
      shares.push_back({count_of(rows.integer(3)), {static_cast<std::uint32_t>(rows.integer(4))}});
      more = TRY(rows.step());
    }
    auto name = TRY(sound(model::ModelName::parse(of), "desired_serving.model"));
    auto split = TRY(sound(model::TrafficSplit::parse(std::move(shares)), "desired_share"));
    if (mirror) TRY(sound(model::check(*mirror, split, rule), "desired_serving.mirror"));
    records.push_back({{environment, std::move(name), std::move(split), std::move(rule), mirror}, revision});
  }
  return records;
}

const model::ModelName& model_of(const model::ModelVersion& version) {
  return version.name;
}
const model::ModelName& model_of(const ports::AliasRecord& alias) {
  return alias.model;
}
const model::ModelName& model_of(const Stored<model::VersionNotes>& notes) {
  return notes.record.model;
}
const model::ModelName& model_of(const Stored<model::DesiredServing>& desired) {
  return desired.record.model;
}

// Each record to its model's summary. Both come in order of model; a record of no model there is passed over.
template <class Record, class Add>
void distribute(std::vector<Record> records, std::vector<ports::ModelSummary>& summaries, Add add) {
  auto at = summaries.begin();
  for (Record& record : records) {
    const model::ModelName& name = model_of(record);
    while (at != summaries.end() && at->record.name < name) ++at;
    if (at != summaries.end() && at->record.name == name) add(*at, std::move(record));
  }
}
}  // namespace

Result<std::vector<Stored<ports::ModelRecord>>> read_models(Connection& connection, std::string_view after,
                                                            std::size_t limit) {
  Statement rows =
      TRY(connection.prepare("SELECT name, created_at, last_version, removed, description, changed_at, revision "
                             "FROM model WHERE name > ? AND removed = 0 ORDER BY name LIMIT ?"));
  rows.bind(after).bind(bounded(limit));
  std::vector<Stored<ports::ModelRecord>> records;
  while (TRY(rows.step())) records.push_back(TRY(model_row(rows)));
  TRY(read_tags(connection, after, records));
  return records;
}

Result<std::optional<Stored<ports::ModelRecord>>> read_model(Connection& connection, const model::ModelName& name) {
  Statement row =
      TRY(connection.prepare("SELECT name, created_at, last_version, removed, description, changed_at, revision "
                             "FROM model WHERE name = ?"));
  row.bind(name.text());
  if (!TRY(row.step())) return std::optional<Stored<ports::ModelRecord>>();
  auto stored = TRY(model_row(row));
  Statement tags = TRY(connection.prepare("SELECT key, value FROM model_tag WHERE model = ?"));
  tags.bind(name.text());
  while (TRY(tags.step())) stored.record.annotations.tags.emplace(tags.text(0), tags.text(1));
  return std::optional(std::move(stored));
}

Result<std::vector<Stored<model::ModelVersion>>> read_versions(Connection& connection, const model::ModelName& name,
                                                               std::optional<model::VersionNumber> number) {
  const std::uint64_t low = bounded(number.value_or(0));
  const std::uint64_t high = bounded(number.value_or(UINT64_MAX));
  Statement rows = TRY(connection.prepare(
      "SELECT number, digest, manifest, stage, reason, created_at, created_by, cost_fixed_ns, cost_per_row_ns, "
      "row_independent, memory_bytes, load_time_ns, golden_checked, revision, makers FROM version "
      "WHERE model = ? AND number BETWEEN ? AND ? ORDER BY number"));
  rows.bind(name.text()).bind(low).bind(high);
  std::vector<Stored<model::ModelVersion>> versions;
  while (TRY(rows.step())) versions.push_back(TRY(version_row(name, rows)));
  Statement files =
      TRY(connection.prepare("SELECT number, path, size, digest FROM version_file "
                             "WHERE model = ? AND number BETWEEN ? AND ? ORDER BY number, position"));
  files.bind(name.text()).bind(low).bind(high);
  TRY(read_files(std::move(files), versions));
  return versions;
}

Result<std::vector<Stored<ports::AliasRecord>>> read_aliases(Connection& connection, const model::ModelName& name) {
  Statement rows = TRY(connection.prepare("SELECT alias, version, revision FROM alias WHERE model = ? ORDER BY alias"));
  rows.bind(name.text());
  std::vector<Stored<ports::AliasRecord>> records;
  while (TRY(rows.step())) {
    auto alias = TRY(sound(model::Alias::parse(rows.text(0)), "alias.alias"));
    records.push_back({{name, std::move(alias), count_of(rows.integer(1))}, count_of(rows.integer(2))});
  }
  return records;
}

Result<std::vector<Stored<model::DesiredServing>>> read_desired(Connection& connection, std::string_view environment,
                                                                const model::ModelName* name) {
  const std::string start(kDesired);
  Statement rows =
      TRY(connection.prepare(name                  ? start + " AND d.model = ? ORDER BY d.environment, s.position"
                             : environment.empty() ? start + " ORDER BY d.environment, d.model, s.position"
                                                   : start + " AND d.environment = ? ORDER BY d.model, s.position"));
  if (name) {
    rows.bind(name->text());
  } else if (!environment.empty()) {
    rows.bind(environment);
  }
  return desired_rows(std::move(rows));
}

Result<std::vector<ports::ModelSummary>> read_summaries(Connection& connection, std::string_view after,
                                                        std::size_t limit) {
  std::vector<ports::ModelSummary> summaries;
  for (auto& stored : TRY(read_models(connection, after, limit))) {
    summaries.push_back(
        {.record = std::move(stored.record), .versions = {}, .aliases = {}, .notes = {}, .desired = {}});
  }
  if (summaries.empty()) return summaries;
  const std::string last = summaries.back().record.name.text();

  Statement versions = TRY(connection.prepare(
      "SELECT number, digest, '', stage, reason, created_at, created_by, cost_fixed_ns, cost_per_row_ns, "
      "row_independent, memory_bytes, load_time_ns, golden_checked, revision, makers, model FROM version "
      "WHERE model > ? AND model <= ? ORDER BY model, number"));
  versions.bind(after).bind(last);
  std::vector<model::ModelVersion> found;
  while (TRY(versions.step())) {
    const auto name = TRY(sound(model::ModelName::parse(versions.text(15)), "version.model"));
    found.push_back(TRY(version_row(name, versions)).record);
  }
  distribute(std::move(found), summaries,
             [](ports::ModelSummary& to, model::ModelVersion version) { to.versions.push_back(std::move(version)); });

  Statement aliases = TRY(connection.prepare(
      "SELECT model, alias, version FROM alias WHERE model > ? AND model <= ? ORDER BY model, alias"));
  aliases.bind(after).bind(last);
  std::vector<ports::AliasRecord> named;
  while (TRY(aliases.step())) {
    auto name = TRY(sound(model::ModelName::parse(aliases.text(0)), "alias.model"));
    auto alias = TRY(sound(model::Alias::parse(aliases.text(1)), "alias.alias"));
    named.push_back({std::move(name), std::move(alias), count_of(aliases.integer(2))});
  }
  distribute(std::move(named), summaries,
             [](ports::ModelSummary& to, ports::AliasRecord alias) { to.aliases.push_back(std::move(alias)); });

  distribute(TRY(read_notes(connection, after, last)), summaries,
             [](ports::ModelSummary& to, Stored<model::VersionNotes> notes) { to.notes.push_back(std::move(notes)); });

  Statement desired = TRY(connection.prepare(std::string(kDesired) + " AND d.model > ? AND d.model <= ? "
                                                                     "ORDER BY d.model, d.environment, s.position"));
  desired.bind(after).bind(last);
  distribute(
      TRY(desired_rows(std::move(desired))), summaries,
      [](ports::ModelSummary& to, Stored<model::DesiredServing> record) { to.desired.push_back(std::move(record)); });
  return summaries;
}

Result<std::optional<model::ModelVersion>> read_version_row(Connection& connection, const model::ModelName& name,
                                                            model::VersionNumber number) {
  Statement row = TRY(connection.prepare(std::string(kShortVersions) + "number = ?"));
  row.bind(name.text()).bind(bounded(number));
  if (!TRY(row.step())) return std::optional<model::ModelVersion>();
  return std::optional(TRY(version_row(name, row)).record);
}

Result<ports::ModelSummary> read_summary(Connection& connection, const model::ModelName& name) {
  auto stored = TRY(read_model(connection, name));
  if (!stored) return corrupt("the database, model: \"" + name.text() + "\" does not exist");
  ports::ModelSummary summary{
      .record = std::move(stored->record), .versions = {}, .aliases = {}, .notes = {}, .desired = {}};
  Statement versions = TRY(connection.prepare(std::string(kShortVersions) + "number > 0 ORDER BY number"));
  versions.bind(name.text());
  while (TRY(versions.step())) summary.versions.push_back(TRY(version_row(name, versions)).record);
  for (auto& alias : TRY(read_aliases(connection, name))) summary.aliases.push_back(std::move(alias.record));
  summary.notes = TRY(read_notes(connection, name, std::nullopt));
  summary.desired = TRY(read_desired(connection, {}, &name));
  return summary;
}

Result<std::vector<Stored<model::ServingEntry>>> read_entries(Connection& connection, std::string_view environment,
                                                              const model::ModelName& name, std::uint64_t before,
                                                              std::size_t limit) {
  Statement rows =
      TRY(connection.prepare("SELECT number, live, previous, written_at, revision FROM serving_entry "
                             "WHERE environment = ? AND model = ? AND number < ? "
                             "ORDER BY number DESC LIMIT ?"));
  rows.bind(environment).bind(name.text()).bind(bounded(before == 0 ? UINT64_MAX : before)).bind(bounded(limit));
  std::vector<Stored<model::ServingEntry>> records;
  while (TRY(rows.step())) {
    Statement shares =
        TRY(connection.prepare("SELECT version, basis_points FROM serving_entry_share "
                               "WHERE environment = ? AND model = ? AND number = ? ORDER BY position"));
    shares.bind(environment).bind(name.text()).bind(rows.integer(0));
    auto split = TRY(read_split(std::move(shares), "serving_entry_share"));
    records.push_back({{.environment = std::string(environment),
                        .model = name,
                        .number = count_of(rows.integer(0)),
                        .split = std::move(split),
                        .live = rows.integer(1) != 0,
                        .previous = count_of(rows.integer(2)),
                        .written_at = time_of(rows.integer(3))},
                       count_of(rows.integer(4))});
  }
  return records;
}

Result<std::vector<Stored<ports::TokenRecord>>> read_tokens(Connection& connection) {
  Statement rows =
      TRY(connection.prepare("SELECT id, name, hash, role, created_at, expires_at, models, permissions, environments, "
                             "revision FROM token ORDER BY name"));
  std::vector<Stored<ports::TokenRecord>> records;
  while (TRY(rows.step())) {
    const access::Role role = TRY(sound(access::parse_role(rows.text(3)), "token.role", rows.text(3)));
    ports::TokenRecord record{.id = std::string(rows.text(0)),
                              .name = std::string(rows.text(1)),
                              .hash = {},
                              .role = role,
                              .created_at = time_of(rows.integer(4)),
                              .expires_at = {}};
    TRY(take_bytes(rows.blob(2), record.hash.bytes, "token.hash"));
    if (const auto expires = rows.optional_integer(5)) record.expires_at = time_of(*expires);
    record.scope = TRY(
        sound(access::parse_scope({std::string(rows.text(6)), std::string(rows.text(7)), std::string(rows.text(8))}),
              "the limits in token"));
    records.push_back({std::move(record), count_of(rows.integer(9))});
  }
  return records;
}

Result<std::vector<model::Event>> read_history(Connection& connection, std::string_view model, std::uint64_t before,
                                               std::size_t limit) {
  std::string sql(kEvents);
  sql += " WHERE sequence < ?";
  if (!model.empty()) sql += " AND model = ?";
  sql += " ORDER BY sequence DESC LIMIT ?";
  Statement rows = TRY(connection.prepare(sql));
  rows.bind(bounded(before == 0 ? UINT64_MAX : before));
  if (!model.empty()) rows.bind(model);
  rows.bind(bounded(limit));
  return events_of(rows);
}

Result<std::vector<model::Event>> read_trail(Connection& connection, std::uint64_t after, std::size_t limit) {
  std::string sql(kEvents);
  sql += " WHERE sequence > ? ORDER BY sequence LIMIT ?";
  Statement rows = TRY(connection.prepare(sql));
  rows.bind(bounded(after)).bind(bounded(limit));
  return events_of(rows);
}

Result<std::vector<model::AuditHead>> read_heads(Connection& connection, std::uint64_t after, std::size_t limit) {
  Statement rows = TRY(connection.prepare(
      "SELECT sequence, at, hash, key, signature FROM audit_head WHERE sequence > ? ORDER BY sequence LIMIT ?"));
  rows.bind(bounded(after)).bind(bounded(limit));
  std::vector<model::AuditHead> heads;
  while (TRY(rows.step())) {
    model::AuditHead head{.sequence = count_of(rows.integer(0)), .at = time_of(rows.integer(1))};
    TRY(take_bytes(rows.blob(2), head.hash.bytes, "audit_head.hash"));
    TRY(take_bytes(rows.blob(3), head.key.bytes, "audit_head.key"));
    TRY(take_bytes(rows.blob(4), head.signature.bytes, "audit_head.signature"));
    heads.push_back(head);
  }
  return heads;
}

Result<void> take_bytes(ByteSpan found, std::span<std::uint8_t> into, std::string_view column) {
  if (found.size() != into.size()) {
    return corrupt("the database, " + std::string(column) + ": expected " + std::to_string(into.size()) +
                   " bytes, found " + std::to_string(found.size()));
  }
  std::memcpy(into.data(), found.data(), found.size());
  return {};
}

}  // namespace slipway::sql_records
