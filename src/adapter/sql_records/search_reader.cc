#include "adapter/sql_records/search_reader.h"

#include <algorithm>
#include <limits>

#include "adapter/sql_records/notes_reader.h"
#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/row_value.h"
#include "adapter/sql_records/search_sql.h"

namespace slipway::sql_records {
namespace {

constexpr std::size_t kFew = 10'000;      // versions of one comparison that are worth being sorted
constexpr std::size_t kMostCounted = 16;  // comparisons that are asked how many they allow

Result<Statement> prepared(Connection& connection, const Sql& sql) {
  Statement statement = TRY(connection.prepare(sql.text));
  for (const Bound& value : sql.values) {
    std::visit([&](const auto& held) { statement.bind(held); }, value);
  }
  return statement;
}

search::Value value_in(const Statement& row, int column, search::Type type) {
  if (row.is_null(column)) return {};
  if (type == search::Type::Number) return *row.optional_number(column);
  return std::string(row.text(column));
}

enum class Numbered : std::uint8_t { Yes, No };

// The rows' places in the order: their names and numbers first of all.
Result<std::vector<search::Position>> positions(Connection& connection, const search::Query& query, const Sql& sql,
                                                Numbered numbered) {
  Statement rows = TRY(prepared(connection, sql));
  std::vector<search::Position> found;
  while (TRY(rows.step())) {
    search::Position position{.keys = {}, .name = std::string(rows.text(0)), .number = 0};
    int column = 1;
    if (numbered == Numbered::Yes) position.number = count_of(rows.integer(column++));
    for (const auto& key : query.order.keys()) position.keys.push_back(value_in(rows, column++, key.type));
    found.push_back(std::move(position));
  }
  return found;
}

// The comparison that allows the fewest versions, if those are few.
Result<std::optional<std::size_t>> narrowest(Connection& connection, const search::Filter& filter) {
  std::optional<std::size_t> best;
  std::int64_t fewest = kFew;
  const auto comparisons = filter.comparisons();
  for (std::size_t i = 0; i < std::min(comparisons.size(), kMostCounted); ++i) {
    const auto sql = count_of(comparisons[i], Dialect::Sqlite, kFew);
    if (!sql) continue;
    Statement count = TRY(prepared(connection, *sql));
    if (!TRY(count.step()) || count.integer(0) >= fewest) continue;
    fewest = count.integer(0);
    best = i;
  }
  return best;
}

// Whether it pays to read all entries as they stand, and to sort those that the filter allows. An index of the order
// leads to each entry by itself, which costs fifteen times as much: too much if few of them are allowed, or the last.
Result<bool> is_sorted_afterwards(Connection& connection, const search::Query& query) {
  const auto keys = query.order.keys();
  if (keys.empty()) return false;  // they stand in that order
  bool asks_others = false;        // than the index does anyway
  bool asks_entries_alone = true;
  for (const search::Comparison& comparison : query.filter.comparisons()) {
    const bool is_own = is_of_entry(comparison.field);
    asks_entries_alone = asks_entries_alone && is_own;
    asks_others = asks_others || (is_own && comparison.field.key != keys[0].field.key);
  }
  if (!asks_others) return false;
  const bool orders_entries_alone =
      std::ranges::all_of(keys, [](const search::Order::Key& key) { return is_of_entry(key.field); });
  if (asks_entries_alone && orders_entries_alone) return true;
  Statement count = TRY(prepared(connection, count_of_entries(query.filter, Dialect::Sqlite, kFew)));
  return TRY(count.step()) && count.integer(0) < static_cast<std::int64_t>(kFew);
}

Result<std::vector<search::Position>> find_versions(Connection& connection, const search::Query& query,
                                                    Dialect dialect) {
  const auto found_by = [&](const search::Query& asked, const Walk& walk) {
    return positions(connection, asked, versions(asked, dialect, walk), Numbered::Yes);
  };
  if (dialect == Dialect::Postgres) return found_by(query, {});
  if (const auto leading = TRY(narrowest(connection, query.filter))) {
    return found_by(query, {Walk::From::Comparison, *leading});
  }
  if (TRY(is_sorted_afterwards(connection, query))) return found_by(query, {Walk::From::EntriesSorted});
  const auto keys = query.order.keys();
  if (keys.empty() || keys[0].field.part != search::Part::Metric) return found_by(query, {});
  std::vector<search::Position> found;
  if (!query.after || query.after->keys.front().index() != 0) {
    found = TRY(found_by(query, {Walk::From::FirstMetric}));
    if (found.size() > query.limit) return found;
  }
  search::Query rest = query;
  rest.limit -= found.size();
  if (rest.after && rest.after->keys.front().index() != 0) rest.after.reset();
  auto without = TRY(found_by(rest, {Walk::From::WithoutMetric}));
  found.insert(found.end(), std::make_move_iterator(without.begin()), std::make_move_iterator(without.end()));
  return found;
}

// Cut to the page; the last one's place, if more follow.
std::optional<search::Position> cut(std::vector<search::Position>& found, std::size_t limit) {
  if (found.size() <= limit) return std::nullopt;
  found.resize(limit);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

Result<Statement> of_version(Connection& connection, std::string_view sql, const search::Position& at) {
  Statement statement = TRY(connection.prepare(sql));
  statement.bind(at.name).bind(at.number);
  return statement;
}

Result<std::optional<ports::VersionFacts>> read_facts(Connection& connection, const model::ModelName& name,
                                                      const search::Position& at) {
  Statement row = TRY(of_version(connection,
                                 "SELECT format, training_data, code_commit, run_id, parent, built_by "
                                 "FROM version_facts WHERE model = ? AND number = ?",
                                 at));
  if (!TRY(row.step())) return std::optional<ports::VersionFacts>();
  ports::VersionFacts facts{.model = name, .version = at.number, .format = std::string(row.text(0)), .lineage = {}};
  model::Lineage& lineage = facts.lineage;
  lineage.training_data = row.text(1);
  lineage.code_commit = row.text(2);
  lineage.run_id = row.text(3);
  lineage.parent = row.text(4);
  lineage.built_by = row.text(5);
  Statement metrics =
      TRY(of_version(connection, "SELECT key, value FROM version_metric WHERE model = ? AND number = ?", at));
  while (TRY(metrics.step())) {
    lineage.metrics.emplace(metrics.text(0),
                            metrics.optional_number(1).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  Statement parameters =
      TRY(of_version(connection, "SELECT key, value FROM version_parameter WHERE model = ? AND number = ?", at));
  while (TRY(parameters.step())) lineage.parameters.emplace(parameters.text(0), parameters.text(1));
  Statement data =
      TRY(of_version(connection, "SELECT name, digest FROM version_data WHERE model = ? AND number = ?", at));
  while (TRY(data.step())) lineage.data.emplace(data.text(0), data.text(1));
  return std::optional(std::move(facts));
}

Result<ports::FoundVersion> read_found(Connection& connection, const search::Position& at) {
  const auto name = TRY(sound(model::ModelName::parse(at.name), "version_entry.model"));
  auto stored = TRY(read_version_row(connection, name, at.number));
  if (!stored) {
    return corrupt("the database, version_entry: version " + std::to_string(at.number) + " of \"" + at.name +
                   "\" does not exist");
  }
  ports::FoundVersion found{.version = *std::move(stored), .notes = {}, .facts = {}, .aliases = {}};
  Statement size = TRY(of_version(connection, "SELECT size FROM version_entry WHERE model = ? AND number = ?", at));
  if (TRY(size.step())) found.size = count_of(size.integer(0));
  auto notes = TRY(read_notes(connection, name, at.number));
  if (!notes.empty()) found.notes = std::move(notes.front().record);
  found.facts = TRY(read_facts(connection, name, at));
  Statement aliases =
      TRY(of_version(connection, "SELECT alias FROM alias WHERE model = ? AND version = ? ORDER BY alias", at));
  while (TRY(aliases.step())) {
    found.aliases.push_back(TRY(sound(model::Alias::parse(aliases.text(0)), "alias.alias")));
  }
  return found;
}

}  // namespace

Result<ports::FoundPage<ports::FoundVersion>> search_versions(Connection& connection, const search::Query& query,
                                                              Dialect dialect) {
  auto places = TRY(find_versions(connection, query, dialect));
  ports::FoundPage<ports::FoundVersion> page{.rows = {}, .next = cut(places, query.limit)};
  for (const search::Position& place : places) page.rows.push_back(TRY(read_found(connection, place)));
  return page;
}

Result<ports::FoundPage<ports::ModelSummary>> search_models(Connection& connection, const search::Query& query,
                                                            Dialect dialect) {
  auto places = TRY(positions(connection, query, models(query, dialect), Numbered::No));
  ports::FoundPage<ports::ModelSummary> page{.rows = {}, .next = cut(places, query.limit)};
  for (const search::Position& place : places) {
    const auto name = TRY(sound(model::ModelName::parse(place.name), "model.name"));
    page.rows.push_back(TRY(read_summary(connection, name)));
  }
  return page;
}

Result<std::vector<model::ModelVersion>> read_without_facts(Connection& connection, std::size_t limit) {
  Statement rows =
      TRY(connection.prepare("SELECT v.model, v.number FROM version v WHERE NOT EXISTS (SELECT 1 FROM version_facts f "
                             "WHERE f.model = v.model AND f.number = v.number) ORDER BY v.model, v.number LIMIT ?"));
  rows.bind(bounded(limit));
  std::vector<model::ModelVersion> found;
  while (TRY(rows.step())) {
    const auto name = TRY(sound(model::ModelName::parse(rows.text(0)), "version.model"));
    auto versions = TRY(read_versions(connection, name, count_of(rows.integer(1))));
    for (auto& stored : versions) found.push_back(std::move(stored.record));
  }
  return found;
}

}  // namespace slipway::sql_records
