#include "service/validation/disturbed_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/text.h"
#include "domain/stats/random.h"
#include "service/validation/evaluation_rows.h"

namespace slipway::validation {
namespace {

using ports::CellKind;

Error no_column(std::string_view name) {
  return invalid_input("expected a column \"" + printable(name, 60) + "\", found none");
}

ports::TableColumn* find_mutable(ports::Table& table, std::string_view name) {
  return const_cast<ports::TableColumn*>(find_column(table, name));
}

Result<void> set_all(ports::TableColumn& column, const std::string& text) {
  column.missing.assign(column.missing.size(), text.empty());
  if (column.kind == CellKind::Text) {
    std::ranges::fill(column.texts, text);
    return {};
  }
  char* end = nullptr;
  const double value = text.empty() ? std::numeric_limits<double>::quiet_NaN() : std::strtod(text.c_str(), &end);
  if (!text.empty() && *end != '\0') {
    return invalid_input("column \"" + printable(column.name, 60) + "\": expected a number to set, found \"" +
                         printable(text, 60) + "\"");
  }
  std::ranges::fill(column.numbers, value);
  return {};
}

struct Spread {
  double low = 0;
  double high = 0;
  double deviation = 0;
};

Spread spread_of(const ports::TableColumn& column) {
  Spread spread{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
  double sum = 0;
  double count = 0;
  for (const double value : column.numbers) {
    if (std::isnan(value)) continue;
    spread.low = std::min(spread.low, value);
    spread.high = std::max(spread.high, value);
    sum += value;
    ++count;
  }
  double squares = 0;
  for (const double value : column.numbers) {
    if (!std::isnan(value)) squares += (value - sum / count) * (value - sum / count);
  }
  spread.deviation = count > 1 ? std::sqrt(squares / (count - 1)) : 0;
  return spread;
}

// Box and Muller, "A note on the generation of random normal deviates", 1958.
double normal(stats::Xoshiro256& random) {
  const double u = 1 - random.unit();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * random.unit());
}

bool can_be_done(gate::Disturbance kind, const ports::TableColumn& column) {
  const bool wants_text = kind == gate::Disturbance::UnseenCategory;
  return kind == gate::Disturbance::MissingValue || wants_text == (column.kind == CellKind::Text);
}

void disturb(ports::TableColumn& column, const ports::RobustnessTest& test, stats::Xoshiro256& random) {
  const Spread spread = spread_of(column);
  switch (test.kind) {
    case gate::Disturbance::Noise:
      for (double& value : column.numbers) value += test.scale * spread.deviation * normal(random);
      return;
    case gate::Disturbance::MissingValue:
      column.missing.assign(column.missing.size(), true);
      std::ranges::fill(column.numbers, std::numeric_limits<double>::quiet_NaN());
      std::ranges::fill(column.texts, "");
      return;
    case gate::Disturbance::OutOfRange:
      for (double& value : column.numbers) value = spread.high + test.scale * (spread.high - spread.low);
      return;
    case gate::Disturbance::UnseenCategory:
      std::ranges::fill(column.texts, "a value that no training row had");
      return;
  }
}

}  // namespace

Result<std::vector<std::uint32_t>> rows_where(const ports::Table& table,
                                              const std::map<std::string, std::string>& where) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < table.rows; ++row) {
    bool fits = true;
    for (const auto& [name, text] : where) {
      const ports::TableColumn* column = find_column(table, name);
      if (column == nullptr) return no_column(name);
      fits = fits && text_of(*column, row) == text;
    }
    if (fits) rows.push_back(row);
  }
  return rows;
}

Result<ports::Table> changed(ports::Table table, const std::vector<ports::ColumnChange>& changes) {
  for (const ports::ColumnChange& change : changes) {
    ports::TableColumn* column = find_mutable(table, change.column);
    if (column == nullptr) return no_column(change.column);
    if (change.set) {
      TRY(set_all(*column, *change.set));
      continue;
    }
    if (column->kind != CellKind::Number) {
      return invalid_input("column \"" + printable(change.column, 60) + "\": expected numbers to change, found texts");
    }
    for (double& value : column->numbers) value = (value * change.multiply.value_or(1)) + change.add.value_or(0);
  }
  return table;
}

Result<ports::Table> disturbed(ports::Table table, const ports::RobustnessTest& test, const tensor::RowPlan& plan,
                               std::uint64_t seed) {
  std::vector<std::string> names = test.columns;
  if (names.empty()) {
    for (std::size_t i = 0; i < plan.columns().size(); ++i) names.push_back(column_name(plan, i));
  }
  stats::Xoshiro256 random(seed);
  bool did_something = false;
  for (const std::string& name : names) {
    ports::TableColumn* column = find_mutable(table, name);
    if (column == nullptr) return no_column(name);
    if (!can_be_done(test.kind, *column)) continue;
    disturb(*column, test, random);
    did_something = true;
  }
  if (!did_something) {
    return invalid_input(test.kind == gate::Disturbance::UnseenCategory ? "expected a column of texts, found none"
                                                                        : "expected a column of numbers, found none");
  }
  return table;
}

}  // namespace slipway::validation
