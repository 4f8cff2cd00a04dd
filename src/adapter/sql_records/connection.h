// Connection and Statement: what the tables' readers and writers need of an SQL database. Its adapter implements Cursor
// and Connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::sql_records {

// One prepared statement, in the database's own way. As Statement, but values may come one by one only.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void bind_text(std::string_view text) = 0;
  virtual void bind_integer(std::int64_t number) = 0;
  virtual void bind_number(double number) = 0;
  virtual void bind_null() = 0;
  virtual void bind_blob(ByteSpan blob) = 0;
  virtual Result<bool> step() = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double number(int column) const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual ByteSpan blob(int column) const = 0;
};

// One SQL statement with its values. Lives within a call, shorter than its connection. Values are bound in order, each
// for one "?" of the text.
class Statement {
 public:
  explicit Statement(std::unique_ptr<Cursor> cursor) : cursor_(std::move(cursor)) {}

  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  Statement& bind(std::uint64_t number);  // above 2^63 - 1: step() fails with InvalidInput
  Statement& bind(std::optional<std::int64_t> number);
  Statement& bind(double number);  // NaN is NULL
  Statement& bind(ByteSpan blob);

  // True: a row is there. False: done.
  Result<bool> step();
  // For statements without rows: runs to the end.
  Result<void> run();

  // Of the present row, counted from 0. Text lives until the next step.
  std::int64_t integer(int column) const { return cursor_->integer(column); }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_number(int column) const;
  bool is_null(int column) const { return cursor_->is_null(column); }
  std::string_view text(int column) const { return cursor_->text(column); }
  ByteSpan blob(int column) const { return cursor_->blob(column); }

 private:
  std::unique_ptr<Cursor> cursor_;
  bool is_too_large_ = false;
};

// One thread at a time. Fails with Overloaded (no space left), Unavailable (cannot be reached or written), Corrupt
// (damaged, or no database), Conflict (a constraint).
class Connection {
 public:
  virtual ~Connection() = default;
  // The texts here are of the SQL that SQLite and PostgreSQL share.
  virtual Result<Statement> prepare(std::string_view sql) = 0;

 protected:
  Connection() = default;
  Connection(const Connection&) = default;
  Connection& operator=(const Connection&) = default;
};

}  // namespace slipway::sql_records
