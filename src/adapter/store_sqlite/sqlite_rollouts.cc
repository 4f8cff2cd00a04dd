#include "adapter/store_sqlite/sqlite_rollouts.h"

#include "adapter/sql_records/rollout_rows.h"
#include "adapter/store_sqlite/rollout_schema.h"

namespace slipway::store_sqlite {

Result<std::unique_ptr<SqliteRollouts>> SqliteRollouts::open(const std::string& path, SchemaChange change) {
  auto connection = open_writer(path, rollout_migrations(), change);
  if (!connection) return std::move(connection).error().within(path);
  return std::unique_ptr<SqliteRollouts>(new SqliteRollouts(std::move(connection).value()));
}

template <class Work>
auto SqliteRollouts::in(Transaction::Kind kind, Work work) -> decltype(work(std::declval<Connection&>())) {
  auto connection = connection_.lock();
  if (kind == Transaction::Kind::Write && connection->io_failed()) {
    return unavailable(
        "the database of rollouts takes no more changes: an earlier read, write or fsync failed; check the disk, then "
        "start the server again");
  }
  auto transaction = TRY(Transaction::begin(*connection, kind));
  auto done = work(*connection);
  if (done.ok() && kind == Transaction::Kind::Write) TRY(transaction.commit());
  return done;
}

Result<std::uint64_t> SqliteRollouts::add(ports::RolloutRecord record, ports::RolloutDecision first,
                                          std::uint64_t after) {
  return in(Transaction::Kind::Write, [&](Connection& connection) {
    return sql_records::add_rollout(connection, std::move(record), std::move(first), after);
  });
}

Result<void> SqliteRollouts::put(const ports::RolloutRecord& record, std::uint64_t expected,
                                 const std::optional<ports::RolloutDecision>& decision) {
  return in(Transaction::Kind::Write,
            [&](Connection& connection) { return sql_records::put_rollout(connection, record, expected, decision); });
}

Result<std::optional<ports::StoredRollout>> SqliteRollouts::rollout(std::uint64_t number) {
  return in(Transaction::Kind::Read,
            [&](Connection& connection) { return sql_records::read_rollout(connection, number); });
}

Result<std::vector<ports::OpenPlace>> SqliteRollouts::open_places() {
  return in(Transaction::Kind::Read, [](Connection& connection) { return sql_records::read_open_places(connection); });
}

Result<std::vector<ports::StoredRollout>> SqliteRollouts::rollouts(std::string_view model, std::uint64_t before,
                                                                   std::size_t limit) {
  return in(Transaction::Kind::Read,
            [&](Connection& connection) { return sql_records::read_rollouts(connection, model, before, limit); });
}

Result<std::vector<ports::RolloutDecision>> SqliteRollouts::decisions(std::uint64_t rollout, std::uint64_t before,
                                                                      std::size_t limit) {
  return in(Transaction::Kind::Read,
            [&](Connection& connection) { return sql_records::read_decisions(connection, rollout, before, limit); });
}

Result<std::vector<ports::UntoldDecision>> SqliteRollouts::untold(std::size_t limit) {
  return in(Transaction::Kind::Read,
            [&](Connection& connection) { return sql_records::read_untold(connection, limit); });
}

Result<void> SqliteRollouts::told(std::uint64_t rollout, std::uint64_t number) {
  return in(Transaction::Kind::Write,
            [&](Connection& connection) { return sql_records::write_told(connection, rollout, number); });
}

}  // namespace slipway::store_sqlite
