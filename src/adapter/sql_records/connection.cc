#include "adapter/sql_records/connection.h"

#include <cmath>

namespace slipway::sql_records {

Statement& Statement::bind(std::string_view text) {
  cursor_->bind_text(text);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  cursor_->bind_integer(number);
  return *this;
}

Statement& Statement::bind(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(INT64_MAX)) is_too_large_ = true;
  return bind(static_cast<std::int64_t>(number));
}

Statement& Statement::bind(std::optional<std::int64_t> number) {
  if (number) return bind(*number);
  cursor_->bind_null();
  return *this;
}

Statement& Statement::bind(double number) {
  std::isnan(number) ? cursor_->bind_null() : cursor_->bind_number(number);
  return *this;
}

Statement& Statement::bind(ByteSpan blob) {
  cursor_->bind_blob(blob);
  return *this;
}

Result<bool> Statement::step() {
  if (is_too_large_) return invalid_input("a number is too large for the database");
  return cursor_->step();
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (cursor_->is_null(column)) return std::nullopt;
  return cursor_->integer(column);
}

std::optional<double> Statement::optional_number(int column) const {
  if (cursor_->is_null(column)) return std::nullopt;
  return cursor_->number(column);
}

}  // namespace slipway::sql_records
