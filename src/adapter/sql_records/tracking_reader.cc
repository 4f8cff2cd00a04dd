// How entries are read from the tracking database.
#include <algorithm>
#include <bit>
#include <map>

#include "adapter/sql_records/tracking_rows.h"

namespace slipway::sql_records {
namespace {

using ports::StoredEntry;
using training::EntryKey;
using training::File;
using training::Kind;
using training::Metric;

constexpr std::string_view kColumns =
    "SELECT sequence, revision, id, experiment, name, owner, source_run, type, state, started, ended, changed, removed "
    "FROM entry WHERE ";

std::string select(std::string_view where) {
  std::string text(kColumns);
  text.append(where);
  return text;
}

std::uint64_t count_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}
std::int64_t bounded(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min(number, static_cast<std::uint64_t>(INT64_MAX)));
}

Result<StoredEntry> entry_row(Kind kind, const Statement& row) {
  StoredEntry stored{.entry = {}, .revision = count_of(row.integer(1)), .sequence = count_of(row.integer(0))};
  training::Entry& entry = stored.entry;
  entry.key = {kind, std::string(row.text(2))};
  entry.experiment = row.text(3);
  entry.name = row.text(4);
  entry.owner = row.text(5);
  entry.source_run = row.text(6);
  entry.type = row.text(7);
  if (const auto state = training::parse_state(row.text(8))) {
    entry.state = *state;
  } else if (!row.text(8).empty()) {
    return corrupt("the tracking database, entry.state: found \"" + std::string(row.text(8)) + "\"");
  }
  entry.started = row.integer(9);
  entry.ended = row.optional_integer(10);
  entry.changed = row.integer(11);
  entry.removed = row.integer(12) != 0;
  return stored;
}

Metric metric_row(const Statement& row, int first) {
  return {.key = std::string(row.text(first)),
          .value = std::bit_cast<double>(row.integer(first + 3)),
          .timestamp = row.integer(first + 1),
          .step = row.integer(first + 2)};
}

Result<File> file_row(const Statement& row) {
  const auto digest = parse_digest(row.text(2));
  if (!digest) return corrupt("the tracking database, file.digest: " + digest.error().message);
  return File{.path = std::string(row.text(0)),
              .size = count_of(row.integer(1)),
              .digest = *digest,
              .put_by = std::string(row.text(3))};
}

// Tags, parameters and latest metrics of entries that lie in order of sequence, without gaps of the same filter.
class Details {
 public:
  Details(Connection& connection, std::vector<StoredEntry>& entries) : connection_(connection) {
    for (StoredEntry& stored : entries) by_sequence_[bounded(stored.sequence)] = &stored.entry;
  }

  Result<void> read() {
    if (by_sequence_.empty()) return {};
    TRY(each("SELECT entry, key, value FROM tag",
             [](training::Entry& entry, const Statement& row) { entry.tags.emplace(row.text(1), row.text(2)); }));
    TRY(each("SELECT entry, key, value FROM parameter",
             [](training::Entry& entry, const Statement& row) { entry.parameters.emplace(row.text(1), row.text(2)); }));
    return each(
        "SELECT entry, key, timestamp, step, value FROM metric",
        [](training::Entry& entry, const Statement& row) { entry.metrics.emplace(row.text(1), metric_row(row, 1)); });
  }

 private:
  // One entry is asked for alone; of many, those of other kinds in between are read over.
  template <class Take>
  Result<void> each(const std::string& select, Take take) {
    auto query = TRY(connection_.prepare(select + " WHERE entry BETWEEN ? AND ?"));
    query.bind(by_sequence_.begin()->first).bind(by_sequence_.rbegin()->first);
    while (TRY(query.step())) {
      const auto found = by_sequence_.find(query.integer(0));
      if (found != by_sequence_.end()) take(*found->second, query);
    }
    return {};
  }

  Connection& connection_;
  std::map<std::int64_t, training::Entry*> by_sequence_;
};

}  // namespace

Result<std::optional<std::int64_t>> row_of(Connection& connection, const EntryKey& key) {
  auto query = TRY(connection.prepare("SELECT sequence FROM entry WHERE kind = ? AND id = ?"));
  query.bind(name_of(key.kind)).bind(key.id);
  if (!TRY(query.step())) return std::optional<std::int64_t>();
  return std::optional(query.integer(0));
}

Result<std::optional<std::string>> id_of_experiment(Connection& connection, std::string_view name) {
  auto query = TRY(connection.prepare("SELECT id FROM entry WHERE kind = 'experiment' AND name = ?"));
  query.bind(name);
  if (!TRY(query.step())) return std::optional<std::string>();
  return std::optional(std::string(query.text(0)));
}

Result<std::optional<StoredEntry>> read_entry(Connection& connection, const EntryKey& key) {
  std::vector<StoredEntry> found;
  {
    auto query = TRY(connection.prepare(select("kind = ? AND id = ?")));
    query.bind(name_of(key.kind)).bind(key.id);
    if (TRY(query.step())) found.push_back(TRY(entry_row(key.kind, query)));
  }
  TRY(Details(connection, found).read());
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<StoredEntry>> read_entries(Connection& connection, Kind kind, std::string_view experiment,
                                              std::uint64_t after, std::size_t limit) {
  std::vector<StoredEntry> found;
  {
    auto query = TRY(connection.prepare(
        select(experiment.empty() ? "kind = ? AND sequence > ? ORDER BY sequence LIMIT ?"
                                  : "kind = ? AND experiment = ? AND sequence > ? ORDER BY sequence LIMIT ?")));
    query.bind(name_of(kind));
    if (!experiment.empty()) query.bind(experiment);
    query.bind(bounded(after)).bind(bounded(limit));
    while (TRY(query.step())) found.push_back(TRY(entry_row(kind, query)));
  }
  TRY(Details(connection, found).read());
  return found;
}

Result<std::vector<Metric>> read_metric_history(Connection& connection, const EntryKey& of, std::string_view metric,
                                                std::size_t skip, std::size_t limit) {
  std::vector<Metric> found;
  const auto entry = TRY(row_of(connection, of));
  if (!entry) return found;
  auto query =
      TRY(connection.prepare("SELECT key, timestamp, step, value FROM metric_history WHERE entry = ? AND key = ? "
                             "ORDER BY timestamp, step, value LIMIT ? OFFSET ?"));
  query.bind(*entry).bind(metric).bind(bounded(limit)).bind(bounded(skip));
  while (TRY(query.step())) found.push_back(metric_row(query, 0));
  return found;
}

Result<std::optional<File>> read_file(Connection& connection, const EntryKey& of, std::string_view path) {
  const auto entry = TRY(row_of(connection, of));
  if (!entry) return std::optional<File>();
  auto query = TRY(connection.prepare("SELECT path, size, digest, put_by FROM file WHERE entry = ? AND path = ?"));
  query.bind(*entry).bind(path);
  if (!TRY(query.step())) return std::optional<File>();
  return std::optional(TRY(file_row(query)));
}

Result<std::vector<File>> read_files(Connection& connection, const EntryKey& of, std::string_view prefix,
                                     std::string_view after, std::size_t limit) {
  std::vector<File> found;
  const auto entry = TRY(row_of(connection, of));
  if (!entry) return found;
  auto query =
      TRY(connection.prepare("SELECT path, size, digest, put_by FROM file WHERE entry = ? AND path >= ? AND path > ? "
                             "ORDER BY path LIMIT ?"));
  query.bind(*entry).bind(prefix).bind(after).bind(bounded(limit));
  while (TRY(query.step())) {
    if (!query.text(0).starts_with(prefix)) break;  // those that begin with it lie together
    found.push_back(TRY(file_row(query)));
  }
  return found;
}

Result<std::vector<Digest>> read_digests(Connection& connection) {
  std::vector<Digest> found;
  auto query = TRY(connection.prepare("SELECT DISTINCT digest FROM file"));
  while (TRY(query.step())) {
    auto digest = parse_digest(query.text(0));
    if (!digest) return corrupt("the tracking database, file.digest: " + digest.error().message);
    found.push_back(*digest);
  }
  return found;
}

}  // namespace slipway::sql_records
