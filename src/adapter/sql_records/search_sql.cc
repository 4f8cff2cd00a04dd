#include "adapter/sql_records/search_sql.h"

#include <span>

#include "adapter/sql_records/search_fields.h"

namespace slipway::sql_records {
namespace {

using search::Comparison;
using search::Operator;
using search::Order;
using search::Part;
using search::Type;

std::string_view sign_of(Operator op) {
  switch (op) {
    case Operator::Equal:
      return " = ";
    case Operator::NotEqual:
      return " <> ";
    case Operator::Less:
      return " < ";
    case Operator::AtMost:
      return " <= ";
    case Operator::Greater:
      return " > ";
    case Operator::AtLeast:
      return " >= ";
    case Operator::Like:
    case Operator::LikeAnyCase:
    case Operator::In:
    case Operator::NotIn:
    case Operator::Null:
    case Operator::NotNull:
      break;
  }
  return " = ";
}

bool is_of_none(Operator op) {
  return op == Operator::NotEqual || op == Operator::NotIn;
}

// Of ASCII alone, as the columns' LOWER.
std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// One statement while it is written, from front to back, so that values come in the order of their ?.
class Writer {
 public:
  Writer(const Subject& subject, Dialect dialect) : subject_(subject), dialect_(dialect) {}

  Writer& put(std::string_view text) {
    sql_.text += text;
    return *this;
  }
  Writer& bind(Bound value) {
    // PostgreSQL would take a number for what it is compared with: a column of whole ones, say.
    const bool is_cast = dialect_ == Dialect::Postgres && std::holds_alternative<double>(value);
    sql_.text += is_cast ? "CAST(? AS DOUBLE PRECISION)" : "?";
    sql_.values.push_back(std::move(value));
    return *this;
  }
  Sql take() { return std::move(sql_); }

  // " AND ..." for every comparison but number `without`.
  void put_filter(const search::Filter& filter, std::optional<std::size_t> without) {
    const auto comparisons = filter.comparisons();
    for (std::size_t i = 0; i < comparisons.size(); ++i) {
      if (i == without) continue;
      put(" AND ");
      put_comparison(comparisons[i]);
    }
  }
  // Of a side's row x: that it has the key and that the comparison holds of it.
  void put_on_side(const Comparison& comparison, const Side& side) {
    put_key(comparison.field);
    put(" AND ");
    put_value(comparison, side.value);
    if (dialect_ == Dialect::Postgres && !side.start.empty()) put_start(comparison, side);
  }
  // What a row has of it; NULL: nothing.
  void put_key_value(const Order::Key& key) {
    const Side* side = side_of(subject_, key.field);
    if (!side) {
      put(column_of(subject_, key.field).text);
      return;
    }
    put_scalar(key.field, *side);
  }
  bool is_always_there(const Order::Key& key) const {
    return !side_of(subject_, key.field) && column_of(subject_, key.field).is_always_there;
  }
  // That a row comes behind the position, by `keys` (the last ones of the position), then by name and number. `first`:
  // what stands for the first of them.
  void put_behind(std::span<const Order::Key> keys, const search::Position& position, std::string_view first = {}) {
    if (keys.empty()) {
      put_behind_name(position);
      return;
    }
    const search::Value& value = position.keys[position.keys.size() - keys.size()];
    const auto put_expression = [&] { first.empty() ? put_key_value(keys.front()) : static_cast<void>(put(first)); };
    const bool is_there = value.index() != 0;
    put("(");
    if (is_there) {
      put_expression();
      put(keys.front().descending ? " < " : " > ");
      bind_value(value);
      if (first.empty() && !is_always_there(keys.front())) {
        put(" OR ");
        put_expression();
        put(" IS NULL");
      }
      put(" OR (");
      put_expression();
      put(" = ");
      bind_value(value);
    } else {
      put_expression();
      put(" IS NULL");
    }
    put(" AND ");
    put_behind(keys.subspan(1), position);
    put(is_there ? "))" : ")");
  }
  void bind_value(const search::Value& value) {
    if (const double* number = std::get_if<double>(&value)) {
      bind(*number);
    } else {
      bind(std::get<std::string>(value));
    }
  }

 private:
  void put_comparison(const Comparison& comparison) {
    const Side* side = side_of(subject_, comparison.field);
    const bool asks_whether = comparison.op == Operator::Null || comparison.op == Operator::NotNull;
    if (!side) {
      const std::string_view column = column_of(subject_, comparison.field).text;
      asks_whether ? static_cast<void>(put(column).put(comparison.op == Operator::Null ? " IS NULL" : " IS NOT NULL"))
                   : put_value(comparison, column);
    } else if (comparison.field.otherwise) {
      put_of_scalar(comparison, *side);
    } else if (asks_whether) {
      put_any(comparison, *side, comparison.op == Operator::Null ? "NOT EXISTS" : "EXISTS");
    } else if (comparison.type == Type::Texts && is_of_none(comparison.op)) {
      Comparison contrary = comparison;
      contrary.op = Operator::In;
      put_any(comparison, *side, "EXISTS");
      put(" AND NOT EXISTS");
      put_rows(*side);
      put_on_side(contrary, *side);
      put(")");
    } else {
      put("EXISTS");
      put_rows(*side);
      put_on_side(comparison, *side);
      put(")");
    }
  }
  // " (SELECT 1 FROM its rows of this one WHERE ... AND " without the closing bracket.
  void put_rows(const Side& side) {
    put(" (SELECT 1 FROM ").put(side.table).put(" x WHERE ").put(side.belongs).put(" AND ");
  }
  void put_any(const Comparison& comparison, const Side& side, std::string_view how) {
    put(how);
    put_rows(side);
    put_key(comparison.field);
    put(" AND ").put(side.value).put(" IS NOT NULL)");
  }
  void put_key(const search::Field& field) {
    if (field.part == Part::Attribute) {
      put("1 = 1");
    } else {
      put("x.key = ").bind(field.key);
    }
  }
  void put_scalar(const search::Field& field, const Side& side) {
    if (field.otherwise) put("COALESCE(");
    put("(SELECT ").put(side.value).put(" FROM ").put(side.table).put(" x WHERE ").put(side.belongs).put(" AND ");
    put_key(field);
    put(")");
    if (field.otherwise) put(", ").bind(*field.otherwise).put(")");
  }
  // A row always has such a field.
  void put_of_scalar(const Comparison& comparison, const Side& side) {
    if (comparison.op == Operator::Null || comparison.op == Operator::NotNull) {
      put(comparison.op == Operator::Null ? "1 = 0" : "1 = 1");
      return;
    }
    Writer scalar(subject_, dialect_);
    scalar.put_scalar(comparison.field, side);
    const Sql expression = scalar.take();
    put_value(comparison, expression.text, expression.values);
  }
  // `values`: those of the expression's own ?.
  void put_value(const Comparison& comparison, std::string_view expression, const std::vector<Bound>& values = {}) {
    const auto put_expression = [&] {
      put(expression);
      sql_.values.insert(sql_.values.end(), values.begin(), values.end());
    };
    if (const double* number = std::get_if<double>(&comparison.value)) {
      put_expression();
      put(sign_of(comparison.op)).bind(*number);
      return;
    }
    const auto& texts = std::get<std::vector<std::string>>(comparison.value);
    if (comparison.op == Operator::Like || comparison.op == Operator::LikeAnyCase) {
      put_like(put_expression, texts.front(), comparison.op == Operator::LikeAnyCase);
      return;
    }
    put_expression();
    put(is_of_none(comparison.op) ? " NOT IN (" : " IN (");
    for (std::size_t i = 0; i < texts.size(); ++i) put(i == 0 ? "" : ", ").bind(texts[i]);
    put(")");
  }
  // What holds as well, for the index.
  void put_start(const Comparison& comparison, const Side& side) {
    const auto* texts = std::get_if<std::vector<std::string>>(&comparison.value);
    if (!texts || (comparison.op != Operator::Equal && comparison.op != Operator::In)) return;
    put(" AND ").put(side.start).put(" IN (");
    for (std::size_t i = 0; i < texts->size(); ++i)
      put(i == 0 ? "" : ", ").put("left(").bind((*texts)[i]).put(", 200)");
    put(")");
  }
  template <class Put>
  void put_like(Put put_expression, const std::string& pattern, bool any_case) {
    if (dialect_ == Dialect::Sqlite) {
      put("is_like(");
      put_expression();
      put(", ").bind(pattern).put(any_case ? ", 1)" : ", 0)");
      return;
    }
    put(any_case ? "LOWER(" : "(");
    put_expression();
    put(") LIKE ").bind(any_case ? lower(pattern) : pattern).put(" ESCAPE ''");
  }
  void put_behind_name(const search::Position& position) {
    if (subject_.number.empty()) {
      put(subject_.name).put(" > ").bind(position.name);
      return;
    }
    put("(").put(subject_.name).put(" > ").bind(position.name).put(" OR (");
    put(subject_.name).put(" = ").bind(position.name).put(" AND ").put(subject_.number).put(" > ");
    bind(static_cast<std::int64_t>(position.number)).put("))");
  }

  const Subject& subject_;
  Dialect dialect_;
  Sql sql_;
};

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
  Writer writer(kVersions, dialect);
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
    put_bound(writer, kVersions, query, {});
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
