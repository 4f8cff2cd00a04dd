#include "adapter/store_sqlite/sqlite_datasets.h"

#include "adapter/sql_records/dataset_rows.h"
#include "adapter/store_sqlite/dataset_schema.h"

namespace slipway::store_sqlite {
namespace {

Result<void> check_writable(const Connection& connection) {
  if (!connection.io_failed()) return {};
  return unavailable(
      "the database of data sets takes no more changes: an earlier read, write or fsync failed; check the disk, then "
      "start the server again");
}

}  // namespace

Result<std::unique_ptr<SqliteDatasets>> SqliteDatasets::open(const std::string& path, SchemaChange change) {
  auto connection = open_writer(path, dataset_migrations(), change);
  if (!connection) return std::move(connection).error().within(path);
  return std::unique_ptr<SqliteDatasets>(new SqliteDatasets(std::move(connection).value()));
}

Result<void> SqliteDatasets::add(const ports::DatasetRecord& record) {
  auto connection = connection_.lock();
  TRY(check_writable(*connection));
  auto transaction = TRY(Transaction::begin(*connection, Transaction::Kind::Write));
  TRY(sql_records::add_dataset(*connection, record));
  return transaction.commit();
}

Result<std::optional<ports::DatasetRecord>> SqliteDatasets::find(const Digest& digest) {
  auto connection = connection_.lock();
  const auto transaction = TRY(Transaction::begin(*connection, Transaction::Kind::Read));
  return sql_records::read_dataset(*connection, digest);
}

Result<std::vector<ports::DatasetRecord>> SqliteDatasets::list(const std::optional<Digest>& after, std::size_t limit) {
  auto connection = connection_.lock();
  const auto transaction = TRY(Transaction::begin(*connection, Transaction::Kind::Read));
  return sql_records::read_datasets(*connection, after, limit);
}

Result<bool> SqliteDatasets::remove(const Digest& digest) {
  auto connection = connection_.lock();
  TRY(check_writable(*connection));
  auto transaction = TRY(Transaction::begin(*connection, Transaction::Kind::Write));
  const bool was_there = TRY(sql_records::remove_dataset(*connection, digest));
  TRY(transaction.commit());
  return was_there;
}

}  // namespace slipway::store_sqlite
