#include "adapter/store_sqlite/database_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/row_value.h"
#include "adapter/store_sqlite/dataset_schema.h"
#include "adapter/store_sqlite/rollout_schema.h"
#include "adapter/store_sqlite/schema.h"
#include "adapter/store_sqlite/schema_audit.h"
#include "adapter/store_sqlite/tracking_schema.h"
#include "base/descriptor.h"

namespace slipway::store_sqlite {
namespace {

using sql_records::count_of;
using sql_records::sound;

using Holds = DatabaseFile::Holds;

// What is asked of each.
struct Questions {
  std::span<const Migration> steps;
  std::string_view files;  // digest, size
  std::string_view needs;  // of ?1, at most ?2: what they are called
};

Questions questions_of(Holds holds) {
  switch (holds) {
    case Holds::Registry:
      return {migrations(), "SELECT digest, size FROM version_file",
              "SELECT 'version ' || number || ' of model \"' || model || '\" (' || path || ')' FROM version_file "
              "WHERE digest = ? ORDER BY model, number, path LIMIT ?"};
    case Holds::Tracking:
      return {tracking_migrations(), "SELECT digest, size FROM file",
              "SELECT entry.kind || ' ' || entry.id || ' (' || file.path || ')' FROM file JOIN entry "
              "ON entry.sequence = file.entry WHERE file.digest = ? ORDER BY entry.sequence, file.path LIMIT ?"};
    case Holds::Rollouts:  // they need no artifacts but those of versions
      return {rollout_migrations(), "SELECT plan_digest, revision FROM rollout WHERE number < 0",
              "SELECT model FROM rollout WHERE plan_digest = ? AND number < 0 LIMIT ?"};
    case Holds::Datasets:
      break;
  }
  return {dataset_migrations(), "SELECT digest, size FROM dataset",
          "SELECT 'data set ' || name FROM dataset WHERE digest = ? LIMIT ?"};
}

Result<void> expect_known(Connection& connection, Holds holds) {
  TRY(expect_registry(connection));
  const std::int64_t version = TRY(connection.integer("PRAGMA user_version"));
  const std::int64_t newest = questions_of(holds).steps.back().version;
  if (version >= 1 && version <= newest) return {};
  return invalid_input("expected a database of schema 1 to " + std::to_string(newest) + ", found " +
                       std::to_string(version) + ": use the slipway that wrote it, or a newer one");
}

// The main database of one connection, into another's.
Result<void> copy(Connection& from, Connection& into) {
  sqlite3_backup* copying = sqlite3_backup_init(into.handle(), "main", from.handle(), "main");
  if (!copying) return into.error("cannot begin to copy the database");
  const int step = sqlite3_backup_step(copying, -1);  // in one reading, so that no writer makes it begin again
  const int end = sqlite3_backup_finish(copying);
  if (step == SQLITE_DONE && end == SQLITE_OK) return {};
  return into.error("cannot copy the database");
}

}  // namespace

Result<DatabaseFile> DatabaseFile::open(const std::string& path, Holds holds, Server server) {
  if (::access(path.c_str(), F_OK) != 0) return not_found("there is no database " + path);
  auto opened = Connection::open(path, server == Server::None ? Connection::Use::Still : Connection::Use::Read);
  if (!opened.ok()) return std::move(opened).error();
  if (auto known = expect_known(*opened, holds); !known.ok()) return std::move(known).error().within(path);
  return DatabaseFile(std::move(opened).value(), holds);
}

Result<void> DatabaseFile::check(std::string_view pragma, std::size_t most, std::vector<std::string>& found) {
  Statement rows = TRY(connection_.prepare(pragma));
  while (found.size() < most && TRY(rows.step())) {
    const std::string_view said = rows.text(0);
    if (said != "ok") found.emplace_back(said);
  }
  return {};
}

std::vector<std::string> DatabaseFile::damage(std::size_t most) {
  std::vector<std::string> found;
  if (const auto pages = check("PRAGMA integrity_check", most, found); !pages.ok() && found.size() < most) {
    found.push_back(pages.error().message);
  }
  std::vector<std::string> rows;
  const auto keys = check("PRAGMA foreign_key_check", most, rows);
  if (found.size() < most && !rows.empty()) found.push_back("rows of table " + rows.front() + " belong to none");
  if (found.size() < most && !keys.ok() && found.empty()) found.push_back(keys.error().message);
  return found;
}

Result<void> DatabaseFile::needed(const std::function<void(const Digest& digest, std::uint64_t size)>& each) {
  Statement rows = TRY(connection_.prepare(questions_of(holds_).files));
  while (TRY(rows.step())) {
    each(TRY(sound(parse_digest(rows.text(0)), "the digest of a file")), count_of(rows.integer(1)));
  }
  return {};
}

Result<std::vector<std::string>> DatabaseFile::who_needs(const Digest& digest, std::size_t most) {
  Statement rows = TRY(connection_.prepare(questions_of(holds_).needs));
  rows.bind(digest.hex()).bind(std::uint64_t{most});
  std::vector<std::string> found;
  while (TRY(rows.step())) found.emplace_back(rows.text(0));
  return found;
}

Result<std::optional<Digest>> DatabaseFile::event(std::uint64_t sequence) {
  if (TRY(connection_.integer("PRAGMA user_version")) < kChainedSchema) return std::optional<Digest>();
  Statement rows = TRY(connection_.prepare("SELECT hash FROM event WHERE sequence = ?"));
  rows.bind(sequence);
  if (!TRY(rows.step())) return std::optional<Digest>();
  Digest hash;
  TRY(sql_records::take_bytes(rows.blob(0), hash.bytes, "event.hash"));
  return std::optional(hash);
}

Result<std::uint64_t> DatabaseFile::newest_event() {
  if (TRY(connection_.integer("PRAGMA user_version")) < kChainedSchema) return std::uint64_t{0};
  return count_of(TRY(connection_.integer("SELECT coalesce(max(sequence), 0) FROM event")));
}

Result<void> DatabaseFile::copy_to(const std::string& path) {
  {
    Connection into = TRY(Connection::open(path, Connection::Use::Copy));
    if (auto copied = copy(connection_, into); !copied.ok()) return std::move(copied).error().within(path);
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || ::fsync(file.fd()) != 0) return unavailable("cannot make durable " + path);
  return {};
}

}  // namespace slipway::store_sqlite
