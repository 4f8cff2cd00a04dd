// Where the fields of a search stand in the tables.
#pragma once

#include <span>
#include <string_view>

#include "domain/search/filter.h"

namespace slipway::sql_records {

struct Column {
  std::string_view key;
  std::string_view text;  // an expression over the walked table
  bool is_always_there = false;
};
// A table of several rows for each walked one.
struct Side {
  std::string_view table;
  std::string_view belongs;   // the condition that its row `x` belongs to the walked one
  std::string_view value;     // its column
  std::string_view identity;  // of the walked one, in its own columns; empty: no walk comes from here
  std::string_view start{};   // what PostgreSQL's index of the values has instead of them; empty: the value
};
struct Set {
  std::string_view key;
  Side side;
};

// What is walked: versions, as version_entry e, or models, as model m.
struct Subject {
  std::span<const Column> columns;
  std::span<const Set> sets;
  Side metrics, parameters, tags, model_tags;
  std::string_view from;    // "FROM ... WHERE"
  std::string_view name;    // what rows are ordered by in the end
  std::string_view number;  // empty: they have none
};

extern const Subject kVersions;
extern const Subject kModels;

// Requires: a field that the rules of domain/search/registry_fields.h know.
const Column& column_of(const Subject& subject, const search::Field& field);
// Of a metric, parameter, tag or set; none: it is a column.
const Side* side_of(const Subject& subject, const search::Field& field);

}  // namespace slipway::sql_records
