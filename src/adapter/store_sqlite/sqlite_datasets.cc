#include "adapter/store_sqlite/sqlite_datasets.h"

#include "adapter/sql_records/row_value.h"
#include "adapter/store_sqlite/dataset_schema.h"

namespace slipway::store_sqlite {
namespace {

using sql_records::bounded;
using sql_records::count_of;
using sql_records::micros;
using sql_records::sound;
using sql_records::time_of;

Result<void> check_writable(const Connection& connection) {
  if (!connection.io_failed()) return {};
  return unavailable(
      "the database of data sets takes no more changes: an earlier read, write or fsync failed; check the disk, then "
      "start the server again");
}

Result<std::vector<std::string>> columns_of(Connection& connection, const std::string& digest) {
  Statement rows = TRY(connection.prepare("SELECT name FROM dataset_column WHERE digest = ? ORDER BY position"));
  rows.bind(digest);
  std::vector<std::string> columns;
  while (TRY(rows.step())) columns.emplace_back(rows.text(0));
  return columns;
}

// The rows of `SELECT digest, name, size, rows, created_at, created_by`, without columns.
Result<std::vector<ports::DatasetRecord>> records_in(Statement& rows) {
  std::vector<ports::DatasetRecord> found;
  while (TRY(rows.step())) {
    ports::DatasetRecord record;
    record.digest = TRY(sound(parse_digest(rows.text(0)), "dataset.digest"));
    record.name = rows.text(1);
    record.size = count_of(rows.integer(2));
    record.rows = count_of(rows.integer(3));
    record.created_at = time_of(rows.integer(4));
    record.created_by = rows.text(5);
    found.push_back(std::move(record));
  }
  return found;
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
  const std::string digest = record.digest.hex();
  {
    Statement same = TRY(connection->prepare("SELECT 1 FROM dataset WHERE digest = ?"));
    same.bind(digest);
    if (TRY(same.step())) return conflict("data set sha256:" + digest + " is registered already");
  }
  TRY(TRY(connection->prepare("INSERT INTO dataset (digest, name, size, rows, created_at, created_by) "
                              "VALUES (?, ?, ?, ?, ?, ?)"))
          .bind(digest)
          .bind(record.name)
          .bind(record.size)
          .bind(record.rows)
          .bind(micros(record.created_at))
          .bind(record.created_by)
          .run());
  for (std::size_t i = 0; i < record.columns.size(); ++i) {
    TRY(TRY(connection->prepare("INSERT INTO dataset_column (digest, position, name) VALUES (?, ?, ?)"))
            .bind(digest)
            .bind(std::uint64_t{i})
            .bind(record.columns[i])
            .run());
  }
  return transaction.commit();
}

Result<std::optional<ports::DatasetRecord>> SqliteDatasets::find(const Digest& digest) {
  auto connection = connection_.lock();
  Statement rows =
      TRY(connection->prepare("SELECT digest, name, size, rows, created_at, created_by FROM dataset WHERE digest = ?"));
  rows.bind(digest.hex());
  auto found = TRY(records_in(rows));
  if (found.empty()) return std::optional<ports::DatasetRecord>();
  found.front().columns = TRY(columns_of(*connection, digest.hex()));
  return std::optional(std::move(found.front()));
}

Result<std::vector<ports::DatasetRecord>> SqliteDatasets::list(const std::optional<Digest>& after, std::size_t limit) {
  auto connection = connection_.lock();
  Statement rows =
      TRY(connection->prepare("SELECT digest, name, size, rows, created_at, created_by FROM dataset "
                              "WHERE digest > ? ORDER BY digest LIMIT ?"));
  rows.bind(after ? after->hex() : std::string()).bind(bounded(limit));
  auto found = TRY(records_in(rows));
  for (ports::DatasetRecord& record : found) record.columns = TRY(columns_of(*connection, record.digest.hex()));
  return found;
}

Result<bool> SqliteDatasets::remove(const Digest& digest) {
  auto connection = connection_.lock();
  TRY(check_writable(*connection));
  auto transaction = TRY(Transaction::begin(*connection, Transaction::Kind::Write));
  bool is_there = false;
  {
    Statement found = TRY(connection->prepare("SELECT 1 FROM dataset WHERE digest = ?"));
    found.bind(digest.hex());
    is_there = TRY(found.step());
  }
  TRY(TRY(connection->prepare("DELETE FROM dataset WHERE digest = ?")).bind(digest.hex()).run());
  TRY(transaction.commit());
  return is_there;
}

}  // namespace slipway::store_sqlite
