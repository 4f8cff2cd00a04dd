// GroupCommit: the writing connection, and the turns at it. Callers that wait for it share one transaction and its
// fsync.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "adapter/store_sqlite/connection.h"
#include "base/guarded.h"
#include "ports/metadata_store.h"

namespace slipway::store_sqlite {

// Owned by the store; any thread, commit() blocks. The first to come writes for all who wait by then; the others wait
// for their outcome, or for their turn to write. One that is refused leaves the others of its transaction as they are.
class GroupCommit {
 public:
  explicit GroupCommit(Connection writer) : writer_(std::move(writer)) {}

  // As MetadataStore::commit. Unavailable: an earlier write or fsync failed.
  Result<void> commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events);
  // Callers whose transaction has not begun.
  std::size_t waiting() const { return queue_.lock()->turns.size(); }

 private:
  struct Turn {
    const std::vector<ports::Change>& changes;
    const std::vector<model::Event>& events;
    std::optional<Result<void>> outcome = {};
  };
  struct Queue {
    std::deque<Turn*> turns;  // as many as there are calling threads, at most
    bool is_writing = false;
  };
  using Outcomes = std::vector<Result<void>>;

  static std::vector<Turn*> next_group(Queue& queue);
  // These: requires that this thread is the one that writes.
  Outcomes write(const std::vector<Turn*>& group);
  Result<Outcomes> write_together(const std::vector<Turn*>& group);
  Result<void> write_alone(const Turn& turn);
  Result<void> apply_all(const Turn& turn);

  Connection writer_;  // of the one thread that writes
  Guarded<Queue> queue_;
  std::condition_variable changed_;
};

}  // namespace slipway::store_sqlite
