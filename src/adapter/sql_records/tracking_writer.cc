// How a change of the tracking database is written.
#include <bit>

#include "adapter/sql_records/tracking_rows.h"

namespace slipway::sql_records {
namespace {

using training::Entry;
using training::EntryKey;
using training::Kind;
using training::Metric;

std::string said(const EntryKey& key) {
  return std::string(name_of(key.kind)) + " " + key.id;
}

struct Applied {
  Connection& connection;

  Result<std::int64_t> row(const EntryKey& key) const {
    const auto found = TRY(row_of(connection, key));
    if (!found) return not_found("there is no " + said(key));
    return *found;
  }

  Result<std::uint64_t> revision_of(const EntryKey& key) const {
    auto query = TRY(connection.prepare("SELECT revision FROM entry WHERE kind = ? AND id = ?"));
    query.bind(name_of(key.kind)).bind(key.id);
    return TRY(query.step()) ? static_cast<std::uint64_t>(query.integer(0)) : 0;
  }

  // The index would refuse it as well, but could not say whose name it is.
  Result<void> check_name(const Entry& entry) const {
    if (entry.key.kind != Kind::Experiment) return {};
    const auto other = TRY(id_of_experiment(connection, entry.name));
    if (!other || *other == entry.key.id) return {};
    return conflict("the name \"" + entry.name + "\" is that of experiment " + *other);
  }

  Result<void> operator()(const ports::PutEntry& put) const {
    const Entry& entry = put.entry;
    const std::uint64_t revision = TRY(revision_of(entry.key));
    if (revision != put.expected) {
      return conflict(said(entry.key) + ": expected revision " + std::to_string(put.expected) + ", found " +
                      std::to_string(revision) + " (0: it does not exist)");
    }
    TRY(check_name(entry));
    auto statement = TRY(connection.prepare(
        "INSERT INTO entry (experiment, name, owner, source_run, type, state, started, ended, changed, removed, "
        "revision, kind, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET "
        "experiment = excluded.experiment, name = excluded.name, owner = excluded.owner, "
        "source_run = excluded.source_run, type = excluded.type, state = excluded.state, started = excluded.started, "
        "ended = excluded.ended, changed = excluded.changed, removed = excluded.removed, "
        "revision = excluded.revision"));
    statement.bind(entry.experiment).bind(entry.name).bind(entry.owner).bind(entry.source_run).bind(entry.type);
    statement.bind(name_of(entry.state)).bind(entry.started).bind(entry.ended).bind(entry.changed);
    statement.bind(std::int64_t{entry.removed}).bind(revision + 1).bind(name_of(entry.key.kind)).bind(entry.key.id);
    return statement.run();
  }

  Result<void> operator()(const ports::SetTag& set) const {
    auto statement =
        TRY(connection.prepare("INSERT INTO tag (entry, key, value) VALUES (?, ?, ?) ON CONFLICT (entry, key) DO "
                               "UPDATE SET value = excluded.value"));
    return statement.bind(TRY(row(set.of))).bind(set.key).bind(set.value).run();
  }
  Result<void> operator()(const ports::RemoveTag& remove) const {
    auto statement = TRY(connection.prepare("DELETE FROM tag WHERE entry = ? AND key = ?"));
    return statement.bind(TRY(row(remove.of))).bind(remove.key).run();
  }

  Result<void> operator()(const ports::SetParameter& set) const {
    const std::int64_t entry = TRY(row(set.of));
    auto query = TRY(connection.prepare("SELECT value FROM parameter WHERE entry = ? AND key = ?"));
    query.bind(entry).bind(set.key);
    if (TRY(query.step())) {
      if (query.text(0) == set.value) return {};
      return conflict("parameter \"" + set.key + "\" of " + said(set.of) + " has the value \"" +
                      std::string(query.text(0)) + "\"");
    }
    auto statement = TRY(connection.prepare("INSERT INTO parameter (entry, key, value) VALUES (?, ?, ?)"));
    return statement.bind(entry).bind(set.key).bind(set.value).run();
  }

  Result<bool> is_latest(std::int64_t entry, const Metric& metric) const {
    auto query = TRY(connection.prepare("SELECT timestamp, step, value FROM metric WHERE entry = ? AND key = ?"));
    query.bind(entry).bind(metric.key);
    if (!TRY(query.step())) return true;
    return is_later(metric, {.key = metric.key,
                             .value = std::bit_cast<double>(query.integer(2)),
                             .timestamp = query.integer(0),
                             .step = query.integer(1)});
  }
  Result<void> put_metric(std::string_view statement_text, std::int64_t entry, const Metric& metric) const {
    auto statement = TRY(connection.prepare(statement_text));
    statement.bind(entry).bind(metric.key).bind(metric.timestamp).bind(metric.step);
    return statement.bind(std::bit_cast<std::int64_t>(metric.value)).run();
  }
  Result<void> operator()(const ports::AddMetric& add) const {
    const std::int64_t entry = TRY(row(add.of));
    TRY(
        put_metric("INSERT INTO metric_history (entry, key, timestamp, step, value) VALUES (?, ?, ?, ?, ?) "
                   "ON CONFLICT DO NOTHING",
                   entry, add.metric));
    if (!TRY(is_latest(entry, add.metric))) return {};
    return put_metric(
        "INSERT INTO metric (entry, key, timestamp, step, value) VALUES (?, ?, ?, ?, ?) ON CONFLICT (entry, key) DO "
        "UPDATE SET timestamp = excluded.timestamp, step = excluded.step, value = excluded.value",
        entry, add.metric);
  }

  Result<void> operator()(const ports::PutFile& put) const {
    auto statement = TRY(connection.prepare(
        "INSERT INTO file (entry, path, size, digest, put_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT (entry, path) "
        "DO UPDATE SET size = excluded.size, digest = excluded.digest, put_by = excluded.put_by"));
    statement.bind(TRY(row(put.of))).bind(put.file.path).bind(put.file.size);
    return statement.bind(put.file.digest.hex()).bind(put.file.put_by).run();
  }
  Result<void> operator()(const ports::RemoveFile& remove) const {
    auto statement = TRY(connection.prepare("DELETE FROM file WHERE entry = ? AND path = ?"));
    return statement.bind(TRY(row(remove.of))).bind(remove.path).run();
  }
};

}  // namespace

Result<void> apply(Connection& connection, const ports::TrackingChange& change) {
  return std::visit(Applied{connection}, change);
}

}  // namespace slipway::sql_records
