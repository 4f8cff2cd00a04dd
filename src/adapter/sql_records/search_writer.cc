#include "adapter/sql_records/search_writer.h"

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

// Of ASCII alone, as the columns' LOWER.
std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

bool is_of_none(Operator op) {
  return op == Operator::NotEqual || op == Operator::NotIn;
}

Writer& Writer::put(std::string_view text) {
  sql_.text += text;
  return *this;
}

Writer& Writer::bind(Bound value) {
  // PostgreSQL would take a number for what it is compared with: a column of whole ones, say.
  const bool is_cast = dialect_ == Dialect::Postgres && std::holds_alternative<double>(value);
  sql_.text += is_cast ? "CAST(? AS DOUBLE PRECISION)" : "?";
  sql_.values.push_back(std::move(value));
  return *this;
}

void Writer::put_filter(const search::Filter& filter, std::optional<std::size_t> without) {
  const auto comparisons = filter.comparisons();
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (i == without) continue;
    put(" AND ");
    put_comparison(comparisons[i]);
  }
}

void Writer::put_on_side(const Comparison& comparison, const Side& side) {
  put_key(comparison.field);
  put(" AND ");
  put_value(comparison, side.value);
  if (dialect_ == Dialect::Postgres && !side.start.empty()) put_start(comparison, side);
}

void Writer::put_key_value(const Order::Key& key) {
  const Side* side = side_of(subject_, key.field);
  if (!side) {
    put(plain(column_of(subject_, key.field).text));
    return;
  }
  put_scalar(key.field, *side);
}

bool Writer::is_always_there(const Order::Key& key) const {
  return !side_of(subject_, key.field) && column_of(subject_, key.field).is_always_there;
}

void Writer::put_behind(std::span<const Order::Key> keys, const search::Position& position, std::string_view first) {
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

void Writer::bind_value(const search::Value& value) {
  if (const double* number = std::get_if<double>(&value)) {
    bind(*number);
  } else {
    bind(std::get<std::string>(value));
  }
}

void Writer::put_comparison(const Comparison& comparison) {
  const Side* side = side_of(subject_, comparison.field);
  const bool asks_whether = comparison.op == Operator::Null || comparison.op == Operator::NotNull;
  if (!side) {
    put_of_column(comparison, column_of(subject_, comparison.field).text);
  } else if (comparison.field.otherwise) {
    put_of_scalar(comparison, *side);
  } else if (asks_whether) {
    put_any(comparison, *side, comparison.op == Operator::Null ? "NOT EXISTS" : "EXISTS");
  } else if (comparison.type == Type::Texts && is_of_none(comparison.op)) {
    Comparison contrary = comparison;
    contrary.op = Operator::In;
    put_any(comparison, *side, "EXISTS");
    put(" AND NOT EXISTS");
    put_of_row(contrary, *side);
  } else {
    put("EXISTS");
    put_of_row(comparison, *side);
  }
}

// SQLite looks at no index for what has a + before it.
std::string Writer::plain(std::string_view column) const {
  const bool may_use = indices_ == Indices::Used || column == subject_.name;
  return (may_use ? "" : "+") + std::string(column);
}

void Writer::put_of_column(const Comparison& comparison, std::string_view column) {
  if (comparison.op == Operator::Null || comparison.op == Operator::NotNull) {
    put(column).put(comparison.op == Operator::Null ? " IS NULL" : " IS NOT NULL");
  } else {
    put_value(comparison, plain(column));
  }
}

// Its rows of this one, found by their key: by the index of values SQLite would go through everybody's.
void Writer::put_of_row(const Comparison& comparison, const Side& side) {
  put_rows(side);
  if (dialect_ == Dialect::Sqlite) {
    put_key(comparison.field);
    put(" AND ");
    put_value(comparison, "+" + std::string(side.value));
  } else {
    put_on_side(comparison, side);
  }
  put(")");
}

// " (SELECT 1 FROM its rows of this one WHERE ... AND " without the closing bracket.
void Writer::put_rows(const Side& side) {
  put(" (SELECT 1 FROM ").put(side.table).put(" x WHERE ").put(side.belongs).put(" AND ");
}

void Writer::put_any(const Comparison& comparison, const Side& side, std::string_view how) {
  put(how);
  put_rows(side);
  put_key(comparison.field);
  put(dialect_ == Dialect::Sqlite ? " AND +" : " AND ").put(side.value).put(" IS NOT NULL)");
}

void Writer::put_key(const search::Field& field) {
  if (field.part == Part::Attribute) {
    put("1 = 1");
  } else {
    put("x.key = ").bind(field.key);
  }
}

void Writer::put_scalar(const search::Field& field, const Side& side) {
  if (field.otherwise) put("COALESCE(");
  put("(SELECT ").put(side.value).put(" FROM ").put(side.table).put(" x WHERE ").put(side.belongs).put(" AND ");
  put_key(field);
  put(")");
  if (field.otherwise) put(", ").bind(*field.otherwise).put(")");
}

// A row always has such a field.
void Writer::put_of_scalar(const Comparison& comparison, const Side& side) {
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
void Writer::put_value(const Comparison& comparison, std::string_view expression, const std::vector<Bound>& values) {
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
void Writer::put_start(const Comparison& comparison, const Side& side) {
  const auto* texts = std::get_if<std::vector<std::string>>(&comparison.value);
  if (!texts || (comparison.op != Operator::Equal && comparison.op != Operator::In)) return;
  put(" AND ").put(side.start).put(" IN (");
  for (std::size_t i = 0; i < texts->size(); ++i) put(i == 0 ? "" : ", ").put("left(").bind((*texts)[i]).put(", 200)");
  put(")");
}

void Writer::put_like(const std::function<void()>& put_expression, const std::string& pattern, bool any_case) {
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

void Writer::put_behind_name(const search::Position& position) {
  if (subject_.number.empty()) {
    put(subject_.name).put(" > ").bind(position.name);
    return;
  }
  put("(").put(subject_.name).put(" > ").bind(position.name).put(" OR (");
  put(subject_.name).put(" = ").bind(position.name).put(" AND ").put(subject_.number).put(" > ");
  bind(static_cast<std::int64_t>(position.number)).put("))");
}

}  // namespace slipway::sql_records
