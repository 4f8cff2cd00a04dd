// Connection and Statement: SQLite with errors as Results and the settings of docs/decisions (SQLite).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace slipway::store_sqlite {

class Connection;

// One SQL statement with its values. Lives within a call, shorter than its connection. Values are bound in order.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  Statement& bind(std::uint64_t number);  // above 2^63 - 1: step() fails with InvalidInput
  Statement& bind(std::optional<std::int64_t> number);
  Statement& bind(ByteSpan blob);

  // True: a row is there. False: done.
  Result<bool> step();
  // For statements without rows: runs to the end.
  Result<void> run();

  // Of the present row, counted from 0. Text lives until the next step.
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string_view text(int column) const;
  ByteSpan blob(int column) const;

 private:
  friend class Connection;
  Statement(Connection& connection, sqlite3_stmt* handle) : connection_(&connection), handle_(handle) {}

  Connection* connection_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
  int bind_status_ = 0;
};

// One thread at a time. Fails with Overloaded (no space left), Unavailable (cannot be reached or written), Corrupt
// (damaged, or no database), Conflict (a constraint).
class Connection {
 public:
  enum class Use : std::uint8_t { Write, Read };

  // Creates the file (0600) when writing and there is none. Fails below the library version that is safe.
  static Result<Connection> open(const std::string& path, Use use);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  Result<Statement> prepare(std::string_view sql);
  Result<void> execute(std::string_view sql);  // one statement without rows of interest
  // The first column of the first row.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  // After a failed read, write or fsync nobody knows what the disk holds; then nothing more may be written.
  bool io_failed() const { return io_failed_; }
  sqlite3* handle() { return handle_; }
  Error error(std::string_view doing);

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  Result<void> configure(Use use);

  sqlite3* handle_;
  bool io_failed_ = false;
};

// Rolls back unless committed. While one lives, all reads of its connection see the same state.
class Transaction {
 public:
  enum class Kind : std::uint8_t { Read, Write };
  static Result<Transaction> begin(Connection& connection, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  // none once committed
};

}  // namespace slipway::store_sqlite
