// Writer: the connection of one store that writes, and the turns at it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/store_postgres/connector.h"

namespace slipway::store_postgres {

// Owned by its store; any thread, write() blocks. The first to come writes for all who wait by then, in one
// transaction; one that is refused leaves the others as they are.
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
  std::size_t waiting() const { return queue_.lock()->turns.size(); }

 private:
  struct Turn {
    const Work& work;
    std::optional<Result<void>> outcome = {};
  };
  struct Queue {
    std::deque<Turn*> turns;  // as many as there are calling threads, at most
    bool is_writing = false;
  };
  using Outcomes = std::vector<Result<void>>;
  static std::vector<Turn*> next_group(Queue& queue);
  // These: requires that this thread is the one that writes.
  Outcomes write_all(const std::vector<Turn*>& group);
  Result<Outcomes> write_surely(const std::vector<Turn*>& group);
  Result<Outcomes> apply(const std::vector<Turn*>& group, std::uint64_t number);
  Result<void> begin();
  Result<bool> was_made(std::uint64_t number);

  Connector& connector_;
  const std::string name_, what_;
  std::uint64_t number_ = 0;
  std::unique_ptr<Session> session_;  // of the one thread that writes; null: to be opened
  Guarded<Queue> queue_;
  std::condition_variable changed_;
};

}  // namespace slipway::store_postgres
