// A search of the registry as SQL over the tables of docs/formats/database.md: its text, and the values for its ?.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/search/query.h"

namespace slipway::sql_records {

using Bound = std::variant<std::int64_t, double, std::string>;
// Nothing that anybody said is part of the text.
struct Sql {
  std::string text;
  std::vector<Bound> values;  // one for each ?
};

// SQLite compares with a pattern by the function is_like(text, pattern, any_case), which its adapter gives it and which
// is search::is_like; PostgreSQL by LIKE. SQLite is told from where to walk; PostgreSQL plans by its own figures.
enum class Dialect : std::uint8_t { Sqlite, Postgres };

// Where the versions come from. Every way finds the same.
struct Walk {
  enum class From : std::uint8_t {
    Entries,        // all, in order
    EntriesSorted,  // all as they stand, sorted afterwards
    Comparison,     // those that the filter's comparison number `comparison` allows
    FirstMetric,    // those with the metric that is the order's first key, in order of it
    WithoutMetric,  // those without it: the rest
  };
  From from = From::Entries;
  std::size_t comparison = 0;
};

// Rows: model, number, then each key of the order; at most one more than the query's limit, if there are more.
// Requires: with WithoutMetric, a position without a value for the first key, or none.
Sql versions(const search::Query& query, Dialect dialect, const Walk& walk = {});
// Rows: name, then each key of the order; as many.
Sql models(const search::Query& query, Dialect dialect);

// Of the walked rows themselves, not of what belongs to them.
bool is_of_entry(const search::Field& field);
// One row: how many versions those of the filter's comparisons allow that are of the entries, counted up to `most`.
Sql count_of_entries(const search::Filter& filter, Dialect dialect, std::size_t most);
// One row: how many versions the comparison allows, counted up to `most`. None: a walk cannot come from it.
std::optional<Sql> count_of(const search::Comparison& comparison, Dialect dialect, std::size_t most);

}  // namespace slipway::sql_records
