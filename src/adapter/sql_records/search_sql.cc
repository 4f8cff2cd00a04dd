#include "adapter/sql_records/search_sql.h"

#include "adapter/sql_records/search_fields.h"
#include "adapter/sql_records/search_writer.h"

namespace slipway::sql_records {
namespace {

using search::Comparison;
using search::Operator;
using search::Type;

// The condition on the first thing of the order that an index can use.
void put_bound(Writer& writer, const Subject& subject, const search::Query& query, std::string_view first) {
  const auto keys = query.order.keys();
  if (keys.empty()) {
    writer.put(" AND ").put(subject.name).put(" >= ").bind(query.after->name);
    return;
  }
  const bool can_bound = query.after->keys.front().index() != 0 && (!first.empty() || writer.is_always_there(keys[0]));
  if (!can_bound) return;
  writer.put(" AND ");
  first.empty() ? writer.put_key_value(keys[0]) : static_cast<void>(writer.put(first));
  writer.put(keys[0].descending ? " <= " : " >= ");
  writer.bind_value(query.after->keys.front());
}

// `begin`: the first key that rows still differ in.
void put_end(Writer& writer, const Subject& subject, const search::Query& query, std::size_t begin = 0) {
  writer.put(" ORDER BY ");
  const auto keys = query.order.keys();
  for (std::size_t i = begin; i < keys.size(); ++i) {
    writer.put("k").put(std::to_string(i)).put(keys[i].descending ? " DESC" : " ASC");
    if (!writer.is_always_there(keys[i])) writer.put(" NULLS LAST");
    writer.put(", ");
  }
  writer.put(subject.name);
  if (!subject.number.empty()) writer.put(", ").put(subject.number);
  writer.put(" LIMIT ").bind(static_cast<std::int64_t>(query.limit) + 1);
}

// The columns of a row. `first`: what stands for the first key.
void put_columns(Writer& writer, const Subject& subject, const search::Query& query, std::string_view first = {}) {
  writer.put("SELECT ").put(subject.name);
  if (!subject.number.empty()) writer.put(", ").put(subject.number);
  const auto keys = query.order.keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    writer.put(", ");
    i == 0 && !first.empty() ? static_cast<void>(writer.put(first)) : writer.put_key_value(keys[i]);
    writer.put(" AS k").put(std::to_string(i));
  }
  writer.put(" ");
}

// In order of the metric: its index leads, what the order says next is sorted where values are equal.
Sql by_metric(const search::Query& query, Dialect dialect) {
  constexpr std::string_view kValue = "o.value";
  Writer writer(kVersions, dialect);
  put_columns(writer, kVersions, query, kValue);
  writer.put("FROM version_metric o CROSS JOIN version_entry e WHERE e.model = o.model AND e.number = o.number AND ");
  writer.put("o.key = ").bind(query.order.keys()[0].field.key).put(" AND o.value IS NOT NULL");
  writer.put_filter(query.filter, std::nullopt);
  if (query.after) {
    put_bound(writer, kVersions, query, kValue);
    writer.put(" AND ");
    writer.put_behind(query.order.keys(), *query.after, kValue);
  }
  const auto keys = query.order.keys();
  writer.put(" ORDER BY o.value").put(keys[0].descending ? " DESC" : "");
  for (std::size_t i = 1; i < keys.size(); ++i) {
    writer.put(", k").put(std::to_string(i)).put(keys[i].descending ? " DESC" : " ASC").put(" NULLS LAST");
  }
  writer.put(", o.model, o.number LIMIT ").bind(static_cast<std::int64_t>(query.limit) + 1);
  return writer.take();
}

Sql without_metric(const search::Query& query, Dialect dialect) {
  Writer writer(kVersions, dialect);
  put_columns(writer, kVersions, query, "NULL");
  writer.put(kVersions.from).put(" AND NOT EXISTS (SELECT 1 FROM version_metric x WHERE x.model = e.model AND ");
  writer.put("x.number = e.number AND x.key = ").bind(query.order.keys()[0].field.key).put(" AND x.value IS NOT NULL)");
  writer.put_filter(query.filter, std::nullopt);
  if (query.after) {
    writer.put(" AND ");
    writer.put_behind(query.order.keys().subspan(1), *query.after);
  }
  put_end(writer, kVersions, query, 1);
  return writer.take();
}

}  // namespace

Sql versions(const search::Query& query, Dialect dialect, const Walk& walk) {
  if (walk.from == Walk::From::FirstMetric) return by_metric(query, dialect);
  if (walk.from == Walk::From::WithoutMetric) return without_metric(query, dialect);
  const bool is_sorted = walk.from == Walk::From::EntriesSorted;
  Writer writer(kVersions, dialect, is_sorted ? Indices::Unused : Indices::Used);
  put_columns(writer, kVersions, query);
  std::optional<std::size_t> leading;
  if (walk.from == Walk::From::Comparison) {
    leading = walk.comparison;
    const Comparison& comparison = query.filter.comparisons()[walk.comparison];
    const Side& side = *side_of(kVersions, comparison.field);
    writer.put("FROM (SELECT DISTINCT ").put(side.identity).put(" FROM ").put(side.table).put(" x WHERE ");
    writer.put_on_side(comparison, side);
    writer.put(") d CROSS JOIN version_entry e WHERE e.model = d.model AND e.number = d.number");
  } else {
    writer.put(kVersions.from);
  }
  writer.put_filter(query.filter, leading);
  if (query.after) {
    if (!is_sorted) put_bound(writer, kVersions, query, {});
    writer.put(" AND ");
    writer.put_behind(query.order.keys(), *query.after);
  }
  put_end(writer, kVersions, query);
  return writer.take();
}

Sql models(const search::Query& query, Dialect dialect) {
  Writer writer(kModels, dialect);
  put_columns(writer, kModels, query);
  writer.put(kModels.from);
  writer.put_filter(query.filter, std::nullopt);
  if (query.after) {
    put_bound(writer, kModels, query, {});
    writer.put(" AND ");
    writer.put_behind(query.order.keys(), *query.after);
  }
  put_end(writer, kModels, query);
  return writer.take();
}

bool is_of_entry(const search::Field& field) {
  return !side_of(kVersions, field);
}

Sql count_of_entries(const search::Filter& filter, Dialect dialect, std::size_t most) {
  Writer writer(kVersions, dialect, Indices::Unused);
  writer.put("SELECT COUNT(*) FROM (SELECT 1 ").put(kVersions.from);
  for (const Comparison& comparison : filter.comparisons()) {
    if (!is_of_entry(comparison.field)) continue;
    writer.put(" AND ");
    writer.put_comparison(comparison);
  }
  writer.put(" LIMIT ").bind(static_cast<std::int64_t>(most)).put(") t");
  return writer.take();
}

std::optional<Sql> count_of(const Comparison& comparison, Dialect dialect, std::size_t most) {
  const Side* side = side_of(kVersions, comparison.field);
  const bool asks_whether = comparison.op == Operator::Null || comparison.op == Operator::NotNull;
  const bool is_of_no_one = comparison.type == Type::Texts && is_of_none(comparison.op);
  if (!side || side->identity.empty() || asks_whether || is_of_no_one || comparison.field.otherwise)
    return std::nullopt;
  Writer writer(kVersions, dialect);
  writer.put("SELECT COUNT(*) FROM (SELECT 1 FROM ").put(side->table).put(" x WHERE ");
  writer.put_on_side(comparison, *side);
  writer.put(" LIMIT ").bind(static_cast<std::int64_t>(most)).put(") t");
  return writer.take();
}

}  // namespace slipway::sql_records
