#include "adapter/store_sqlite/trail_file.h"

#include <unistd.h>

#include "adapter/sql_records/record_reader.h"
#include "adapter/store_sqlite/schema_audit.h"

namespace slipway::store_sqlite {
Result<TrailFile> TrailFile::open(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return not_found("there is no registry database " + path);
  Connection connection = TRY(Connection::open(path, Connection::Use::Read));
  TRY(expect_registry(connection));
  const std::int64_t version = TRY(connection.integer("PRAGMA user_version"));
  if (version < kChainedSchema || version > migrations().back().version) {
    return invalid_input(path + ": expected a database of schema " + std::to_string(kChainedSchema) + " to " +
                         std::to_string(migrations().back().version) + ", found " + std::to_string(version) +
                         (version < kChainedSchema ? ": start the server once to chain its history" : ""));
  }
  return TrailFile(std::move(connection));
}

Result<std::vector<model::Event>> TrailFile::trail(std::uint64_t after, std::size_t limit) {
  auto transaction = TRY(Transaction::begin(connection_, Transaction::Kind::Read));
  return read_trail(connection_, after, limit);
}

Result<std::vector<model::AuditHead>> TrailFile::heads(std::uint64_t after, std::size_t limit) {
  auto transaction = TRY(Transaction::begin(connection_, Transaction::Kind::Read));
  return read_heads(connection_, after, limit);
}

}  // namespace slipway::store_sqlite
