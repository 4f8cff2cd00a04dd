// Writer: the connection of one store that writes, and the turns at it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/sql_records/write_turns.h"
#include "adapter/store_postgres/connector.h"

namespace slipway::store_postgres {

// Owned by its store; any thread, write() blocks. One that is refused leaves the others of its transaction as they
// are.
//
// Writers of all servers take turns by an advisory lock that their transactions hold: so compare-and-set and the
// numbers of events need no more. Each transaction leaves its number in the row of its writer (table `writer`). When
// the connection is lost in a commit, the next one takes the lock, and with it waits for the end of the lost
// transaction, and reads whether the number is there: only what was not made is made again.
class Writer {
 public:
  // What changes rows. May be called more than once, each time upon what is then there; Conflict, InvalidInput and
  // NotFound refuse this work alone.
  using Work = std::function<Result<void>(Session&)>;

  // `name` is this process's own among all that write to the database; `what` its part of the tables.
  Writer(Connector& connector, std::string name, std::string what);

  // Unavailable: the database is out of reach; the message says so when the outcome is not known.
  Result<void> write(const Work& work);
  // Callers whose transaction has not begun.
  std::size_t waiting() const { return turns_.waiting(); }

 private:
  using Turns = sql_records::WriteTurns<Work>;
  using Group = Turns::Group;
  using Outcomes = Turns::Outcomes;
  // These: requires that this thread is the one that writes.
  Outcomes write_all(const Group& group);
  Result<Outcomes> write_surely(const Group& group);
  Result<Outcomes> apply(const Group& group, std::uint64_t number);
  Result<void> begin();
  Result<bool> was_made(std::uint64_t number);

  Connector& connector_;
  const std::string name_, what_;
  std::uint64_t number_ = 0;
  std::unique_ptr<Session> session_;  // of the one thread that writes; null: to be opened
  Turns turns_;
};

}  // namespace slipway::store_postgres
