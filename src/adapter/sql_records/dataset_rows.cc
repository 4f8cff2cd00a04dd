#include "adapter/sql_records/dataset_rows.h"

#include "adapter/sql_records/row_value.h"

namespace slipway::sql_records {
namespace {

Result<bool> is_there(Connection& connection, const std::string& digest) {
  Statement same = TRY(connection.prepare("SELECT 1 FROM dataset WHERE digest = ?"));
  same.bind(digest);
  return same.step();
}

Result<std::vector<std::string>> columns_of(Connection& connection, const std::string& digest) {
  Statement rows = TRY(connection.prepare("SELECT name FROM dataset_column WHERE digest = ? ORDER BY position"));
  rows.bind(digest);
  std::vector<std::string> columns;
  while (TRY(rows.step())) columns.emplace_back(rows.text(0));
  return columns;
}

// The rows of `SELECT digest, name, size, rows, created_at, created_by`, with their columns.
Result<std::vector<ports::DatasetRecord>> records_in(Connection& connection, Statement rows) {
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
  for (ports::DatasetRecord& record : found) record.columns = TRY(columns_of(connection, record.digest.hex()));
  return found;
}

}  // namespace

Result<void> add_dataset(Connection& connection, const ports::DatasetRecord& record) {
  const std::string digest = record.digest.hex();
  if (TRY(is_there(connection, digest))) return conflict("data set sha256:" + digest + " is registered already");
  TRY(TRY(connection.prepare("INSERT INTO dataset (digest, name, size, rows, created_at, created_by) "
                             "VALUES (?, ?, ?, ?, ?, ?)"))
          .bind(digest)
          .bind(record.name)
          .bind(record.size)
          .bind(record.rows)
          .bind(micros(record.created_at))
          .bind(record.created_by)
          .run());
  for (std::size_t i = 0; i < record.columns.size(); ++i) {
    TRY(TRY(connection.prepare("INSERT INTO dataset_column (digest, position, name) VALUES (?, ?, ?)"))
            .bind(digest)
            .bind(std::uint64_t{i})
            .bind(record.columns[i])
            .run());
  }
  return {};
}

Result<std::optional<ports::DatasetRecord>> read_dataset(Connection& connection, const Digest& digest) {
  Statement rows =
      TRY(connection.prepare("SELECT digest, name, size, rows, created_at, created_by FROM dataset WHERE digest = ?"));
  rows.bind(digest.hex());
  auto found = TRY(records_in(connection, std::move(rows)));
  if (found.empty()) return std::optional<ports::DatasetRecord>();
  return std::optional(std::move(found.front()));
}

Result<std::vector<ports::DatasetRecord>> read_datasets(Connection& connection, const std::optional<Digest>& after,
                                                        std::size_t limit) {
  Statement rows =
      TRY(connection.prepare("SELECT digest, name, size, rows, created_at, created_by FROM dataset "
                             "WHERE digest > ? ORDER BY digest LIMIT ?"));
  rows.bind(after ? after->hex() : std::string()).bind(bounded(limit));
  return records_in(connection, std::move(rows));
}

Result<bool> remove_dataset(Connection& connection, const Digest& digest) {
  if (!TRY(is_there(connection, digest.hex()))) return false;
  TRY(TRY(connection.prepare("DELETE FROM dataset WHERE digest = ?")).bind(digest.hex()).run());
  return true;
}

}  // namespace slipway::sql_records
