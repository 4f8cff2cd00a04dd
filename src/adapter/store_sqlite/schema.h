// The schema of the registry's database and the steps to it. docs/formats/database.md describes every column.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/store_sqlite/connection.h"

namespace slipway::store_sqlite {

// One step of the schema: from `version` - 1 to `version`. A value; never changed once released.
struct Migration {
  std::int64_t version;
  std::vector<std::string_view> statements;
  Result<void> (*rows)(Connection&) = nullptr;    // then: what SQL cannot compute
  std::vector<std::string_view> afterwards = {};  // then these
};

// All of them, from version 1 on without gaps.
std::span<const Migration> migrations();

// InvalidInput: another program's database.
Result<void> expect_registry(Connection& connection);

// Refused while another program still reads the file as it is.
enum class SchemaChange : std::uint8_t { Allowed, Refused };

// Opens the file to write, creates it if there is none, checks it (quick_check), and migrates it. Corrupt: damaged. As
// migrate(). Conflict: its schema would have to change, and may not; one that is new has no readers.
Result<Connection> open_writer(const std::string& path, std::span<const Migration> steps, SchemaChange change);

// Brings the database to the last of `steps`, each step in one transaction. InvalidInput: the database is newer than
// the last step, or it is not ours.
Result<void> migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace slipway::store_sqlite
