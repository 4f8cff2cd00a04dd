#include "adapter/store_postgres/postgres_rollouts.h"

#include "adapter/sql_records/rollout_rows.h"
#include "adapter/store_postgres/peers.h"
#include "adapter/store_postgres/rollout_schema.h"

namespace slipway::store_postgres {

PostgresRollouts::PostgresRollouts(Target target, std::string name)
    : connector_(std::move(target)), readers_(connector_), writer_(connector_, std::move(name), "rollouts") {}

Result<std::unique_ptr<PostgresRollouts>> PostgresRollouts::open(const Settings& settings) {
  Target target = TRY(read_target(settings));
  std::unique_ptr<PostgresRollouts> store(
      new PostgresRollouts(std::move(target), random_name()));  // the constructor is private
  const auto session = TRY(store->connector_.open());
  TRY(migrate(*session, store->connector_.target(), rollout_part()));
  return store;
}

Result<std::uint64_t> PostgresRollouts::add(ports::RolloutRecord record, ports::RolloutDecision first,
                                            std::uint64_t after) {
  std::uint64_t number = 0;
  // May be asked again after a lost connection, so it works on copies.
  TRY(writer_.write([&](Session& session) -> Result<void> {
    number = TRY(sql_records::add_rollout(session, record, first, after));
    return {};
  }));
  return number;
}

Result<void> PostgresRollouts::put(const ports::RolloutRecord& record, std::uint64_t expected,
                                   const std::optional<ports::RolloutDecision>& decision) {
  return writer_.write([&](Session& session) { return sql_records::put_rollout(session, record, expected, decision); });
}

Result<std::optional<ports::StoredRollout>> PostgresRollouts::rollout(std::uint64_t number) {
  return readers_.reading([&](Session& session) { return sql_records::read_rollout(session, number); });
}

Result<std::vector<ports::OpenPlace>> PostgresRollouts::open_places() {
  return readers_.reading([](Session& session) { return sql_records::read_open_places(session); });
}

Result<std::vector<ports::StoredRollout>> PostgresRollouts::rollouts(std::string_view model, std::uint64_t before,
                                                                     std::size_t limit) {
  return readers_.reading([&](Session& session) { return sql_records::read_rollouts(session, model, before, limit); });
}

Result<std::vector<ports::RolloutDecision>> PostgresRollouts::decisions(std::uint64_t rollout, std::uint64_t before,
                                                                        std::size_t limit) {
  return readers_.reading(
      [&](Session& session) { return sql_records::read_decisions(session, rollout, before, limit); });
}

Result<std::vector<ports::UntoldDecision>> PostgresRollouts::untold(std::size_t limit) {
  return readers_.reading([&](Session& session) { return sql_records::read_untold(session, limit); });
}

Result<void> PostgresRollouts::told(std::uint64_t rollout, std::uint64_t number) {
  return writer_.write([&](Session& session) { return sql_records::write_told(session, rollout, number); });
}

}  // namespace slipway::store_postgres
