#include "adapter/sql_records/idempotency_rows.h"

#include "adapter/sql_records/notes_writer.h"
#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/row_value.h"

namespace slipway::sql_records {
namespace {

using ports::IdempotencyRecord;

ByteSpan bytes_of(const Digest& digest) {
  return std::as_bytes(std::span(digest.bytes));
}

std::optional<std::int64_t> number_of(const std::optional<std::uint16_t>& status) {
  return status ? std::optional<std::int64_t>(*status) : std::nullopt;
}

Result<void> insert(Connection& connection, const IdempotencyRecord& record) {
  TRY(TRY(connection.prepare("INSERT INTO idempotency (key, request, at, status, body, revision) "
                             "VALUES (?, ?, ?, ?, ?, 1)"))
          .bind(bytes_of(record.key))
          .bind(bytes_of(record.request))
          .bind(micros(record.at))
          .bind(number_of(record.status))
          .bind(record.body)
          .run());
  return TRY(connection.prepare(
                 "DELETE FROM idempotency WHERE sequence <= (SELECT max(sequence) FROM idempotency) - ? OR at < ?"))
      .bind(static_cast<std::int64_t>(ports::kMostIdempotencyRecords))
      .bind(micros(record.at - ports::kIdempotencyKept))
      .run();
}

}  // namespace

Result<void> write(Connection& connection, const ports::Change& change, const IdempotencyRecord& record) {
  const Found found = TRY(check_revision(
      std::move(
          TRY(connection.prepare("SELECT revision, 1 FROM idempotency WHERE key = ?")).bind(bytes_of(record.key))),
      change, "the request of key " + record.key.hex()));
  if (change.erase) {
    return TRY(connection.prepare("DELETE FROM idempotency WHERE key = ?")).bind(bytes_of(record.key)).run();
  }
  if (found.revision == 0) return insert(connection, record);
  return TRY(connection.prepare(
                 "UPDATE idempotency SET request = ?, at = ?, status = ?, body = ?, revision = ? WHERE key = ?"))
      .bind(bytes_of(record.request))
      .bind(micros(record.at))
      .bind(number_of(record.status))
      .bind(record.body)
      .bind(found.last + 1)
      .bind(bytes_of(record.key))
      .run();
}

Result<std::optional<ports::Stored<IdempotencyRecord>>> read_idempotency(Connection& connection, const Digest& key) {
  Statement row =
      TRY(connection.prepare("SELECT key, request, at, status, body, revision FROM idempotency WHERE key = ?"));
  row.bind(bytes_of(key));
  if (!TRY(row.step())) return std::optional<ports::Stored<IdempotencyRecord>>();
  ports::Stored<IdempotencyRecord> stored{{}, count_of(row.integer(5))};
  TRY(take_bytes(row.blob(0), stored.record.key.bytes, "idempotency.key"));
  TRY(take_bytes(row.blob(1), stored.record.request.bytes, "idempotency.request"));
  stored.record.at = time_of(row.integer(2));
  if (const auto status = row.optional_integer(3)) stored.record.status = static_cast<std::uint16_t>(*status);
  stored.record.body = row.text(4);
  return std::optional(std::move(stored));
}

}  // namespace slipway::sql_records
