// Session: one connection to PostgreSQL, with errors as Results.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "adapter/sql_records/connection.h"
#include "adapter/store_postgres/session_watch.h"
#include "adapter/store_postgres/target.h"
#include "base/result.h"

namespace slipway::store_postgres {

// One thread at a time. A broken one is of no more use: its owner drops it and opens another. Statements stand inside a
// transaction; a failed one ends it, unless there is a savepoint to go back to.
// Fails with Unavailable (cannot be reached, timed out), Overloaded (no space left), Conflict (a constraint),
// InvalidInput (a value PostgreSQL does not keep, such as a NUL in a text), Corrupt, Denied (the role may not).
class Session final : public sql_records::Connection {
 public:
  // Blocks; at most about the URL's connect_timeout for each address. The watch outlives it.
  static Result<std::unique_ptr<Session>> open(const Target& target, SessionWatch& watch);
  ~Session() override;

  enum class Kind : std::uint8_t { Read, Write };  // Read: all statements see the same state
  Result<void> begin(Kind kind);
  // Of a failure with is_broken() nobody knows whether it was made.
  Result<void> commit();
  void end();  // rolls back what is not committed

  // "?" stands for a value, but not inside a quoted text.
  Result<sql_records::Statement> prepare(std::string_view sql) override;
  Result<void> execute(std::string_view sql);  // without values

  bool is_broken() const;

  struct Link;  // of session.cc

 private:
  explicit Session(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
};

}  // namespace slipway::store_postgres
