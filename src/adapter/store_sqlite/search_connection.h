// What a connection needs for searches: patterns as domain/search has them, and an end to long ones.
#pragma once

#include "adapter/store_sqlite/connection.h"

namespace slipway::store_sqlite {

// Millions of SQLite's own steps; a search through 100,000 versions takes some tens. All searches wait for one another,
// so what is heavier must not hold them up for long.
inline constexpr int kMostSteps = 100;

// Once, before any search: gives the connection the function is_like.
Result<void> prepare_for_search(Connection& connection);

// While it lives, the connection's statements end after so many steps. Borrows the connection.
class StepLimit {
 public:
  explicit StepLimit(Connection& connection, int most = kMostSteps);
  StepLimit(const StepLimit&) = delete;
  StepLimit& operator=(const StepLimit&) = delete;
  ~StepLimit();

  // Overloaded, if it was this that ended the statement.
  Error instead_of(Error error) const;

 private:
  Connection& connection_;
  int left_;
};

}  // namespace slipway::store_sqlite
