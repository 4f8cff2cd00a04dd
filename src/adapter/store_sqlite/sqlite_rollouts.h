// SqliteRollouts: rollouts in an SQLite file of their own (docs/formats/rollouts.md).
#pragma once

#include <memory>
#include <string>

#include "adapter/store_sqlite/connection.h"
#include "adapter/store_sqlite/schema.h"
#include "base/guarded.h"
#include "ports/rollout_store.h"

namespace slipway::store_sqlite {

// Owned by the application; needs the data directory's lock around it. Any thread, one at a time. After a failed write
// or fsync it refuses every further change (Unavailable) until the process is started again.
class SqliteRollouts final : public ports::RolloutStore {
 public:
  // As SqliteStore::open.
  static Result<std::unique_ptr<SqliteRollouts>> open(const std::string& path,
                                                      SchemaChange change = SchemaChange::Allowed);

  Result<std::uint64_t> add(ports::RolloutRecord record, ports::RolloutDecision first, std::uint64_t after) override;
  Result<void> put(const ports::RolloutRecord& record, std::uint64_t expected,
                   const std::optional<ports::RolloutDecision>& decision) override;
  Result<std::optional<ports::StoredRollout>> rollout(std::uint64_t number) override;
  Result<std::vector<ports::OpenPlace>> open_places() override;
  Result<std::vector<ports::StoredRollout>> rollouts(std::string_view model, std::uint64_t before,
                                                     std::size_t limit) override;
  Result<std::vector<ports::RolloutDecision>> decisions(std::uint64_t rollout, std::uint64_t before,
                                                        std::size_t limit) override;
  Result<std::vector<ports::UntoldDecision>> untold(std::size_t limit) override;
  Result<void> told(std::uint64_t rollout, std::uint64_t number) override;

 private:
  explicit SqliteRollouts(Connection connection) : connection_(std::move(connection)) {}
  // In one transaction of its kind.
  template <class Work>
  auto in(Transaction::Kind kind, Work work) -> decltype(work(std::declval<Connection&>()));
  Guarded<Connection> connection_;
};

}  // namespace slipway::store_sqlite
