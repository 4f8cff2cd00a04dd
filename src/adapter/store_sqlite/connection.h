// Connection: SQLite with errors as Results and the settings of docs/decisions (SQLite).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace slipway::store_sqlite {

using sql_records::Statement;

// One thread at a time. Fails as sql_records::Connection. Does not move while a statement of it lives.
class Connection final : public sql_records::Connection {
 public:
  // Still: a file that nothing changes, read without a lock or a file beside it. Copy: a file to be filled with another
  // database.
  enum class Use : std::uint8_t { Write, Read, Still, Copy };

  // Creates the file (0600) when writing or copying and there is none. Fails below the library version that is safe.
  static Result<Connection> open(const std::string& path, Use use);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection() override;

  // A statement of the same text that was used before is used again: compiling costs several times what running does.
  Result<Statement> prepare(std::string_view sql) override;
  void take_back(sqlite3_stmt* statement);     // of a statement that is done; sees to it whatever comes
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
  void forget_statements();

  sqlite3* handle_;
  bool io_failed_ = false;
  std::unordered_map<std::string, std::vector<sqlite3_stmt*>> idle_;  // by text; nobody uses these now
  std::size_t idle_count_ = 0;
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
