// PostgresRollouts: rollouts in a PostgreSQL database (docs/formats/rollouts.md).
#pragma once

#include <memory>
#include <string>

#include "adapter/store_postgres/reader_pool.h"
#include "adapter/store_postgres/writer.h"
#include "ports/rollout_store.h"

namespace slipway::store_postgres {

// As PostgresStore.
class PostgresRollouts final : public ports::RolloutStore {
 public:
  static Result<std::unique_ptr<PostgresRollouts>> open(const Settings& settings);

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
  PostgresRollouts(Target target, std::string name);

  Connector connector_;
  ReaderPool readers_;
  Writer writer_;
};

}  // namespace slipway::store_postgres
