// Rollouts and their decisions as rows: the SQL that SQLite and PostgreSQL share.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "ports/rollout_store.h"

namespace slipway::sql_records {

// Requires: a write transaction is open.
Result<std::uint64_t> add_rollout(Connection& connection, ports::RolloutRecord record, ports::RolloutDecision first,
                                  std::uint64_t after);
Result<void> put_rollout(Connection& connection, const ports::RolloutRecord& record, std::uint64_t expected,
                         const std::optional<ports::RolloutDecision>& decision);

// Corrupt: a value outside its rules.
Result<std::optional<ports::StoredRollout>> read_rollout(Connection& connection, std::uint64_t number);
Result<std::vector<ports::OpenPlace>> read_open_places(Connection& connection);
Result<std::vector<ports::StoredRollout>> read_rollouts(Connection& connection, std::string_view model,
                                                        std::uint64_t before, std::size_t limit);
Result<std::vector<ports::RolloutDecision>> read_decisions(Connection& connection, std::uint64_t rollout,
                                                           std::uint64_t before, std::size_t limit);
Result<std::vector<ports::UntoldDecision>> read_untold(Connection& connection, std::size_t limit);
// Requires: a write transaction is open.
Result<void> write_told(Connection& connection, std::uint64_t rollout, std::uint64_t number);

}  // namespace slipway::sql_records
