// GroupCommit: the writing connection, and the turns at it. Callers that wait for it share one transaction and its
// fsync.
#pragma once

#include <cstddef>
#include <vector>

#include "adapter/sql_records/write_turns.h"
#include "adapter/store_sqlite/connection.h"
#include "ports/metadata_store.h"

namespace slipway::store_sqlite {

// Owned by the store; any thread, commit() blocks. One that is refused leaves the others of its transaction as they
// are.
class GroupCommit {
 public:
  explicit GroupCommit(Connection writer) : writer_(std::move(writer)) {}

  // As MetadataStore::commit. Unavailable: an earlier write or fsync failed.
  Result<void> commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events);
  // Callers whose transaction has not begun.
  std::size_t waiting() const { return turns_.waiting(); }

 private:
  struct Work {
    const std::vector<ports::Change>& changes;
    const std::vector<model::Event>& events;
  };
  using Turns = sql_records::WriteTurns<Work>;
  // These: requires that this thread is the one that writes.
  Turns::Outcomes write(const Turns::Group& group);
  Result<Turns::Outcomes> write_together(const Turns::Group& group);
  Result<void> write_alone(const Work& work);
  Result<void> apply_all(const Work& work);

  Connection writer_;  // of the one thread that writes
  Turns turns_;
};

}  // namespace slipway::store_sqlite
