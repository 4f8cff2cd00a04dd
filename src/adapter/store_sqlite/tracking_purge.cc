#include "adapter/store_sqlite/tracking_purge.h"

#include <unistd.h>

#include "adapter/sql_records/row_value.h"
#include "adapter/store_sqlite/tracking_schema.h"

namespace slipway::store_sqlite {
namespace {

using sql_records::count_of;
using sql_records::micros;
using sql_records::sound;

// An entry's `changed` is when it was deleted: what is deleted can only be restored.
constexpr std::string_view kGone =
    "WITH old AS (SELECT sequence, kind, id FROM entry WHERE removed = 1 AND changed < ? "
    "AND NOT (kind = 'experiment' AND id = '0')), "
    "gone AS (SELECT sequence FROM old UNION SELECT sequence FROM entry WHERE kind <> 'experiment' "
    "AND experiment IN (SELECT id FROM old WHERE kind = 'experiment')) ";

}  // namespace

Result<TrackingPurge> TrackingPurge::open(const std::string& path, WallTime deleted_before) {
  if (::access(path.c_str(), F_OK) != 0) return not_found("there is no database " + path);
  Connection connection = TRY(Connection::open(path, Connection::Use::Write));
  if (auto ours = expect_registry(connection); !ours.ok()) return std::move(ours).error().within(path);
  const std::int64_t version = TRY(connection.integer("PRAGMA user_version"));
  if (version != tracking_migrations().back().version) {
    return invalid_input(path + ": expected a database of schema " +
                         std::to_string(tracking_migrations().back().version) + ", found " + std::to_string(version) +
                         ": start this version's server once");
  }
  return TrackingPurge(std::move(connection), micros(deleted_before) / 1000);
}

Result<Statement> TrackingPurge::of_gone(std::string_view rest) {
  Statement statement = TRY(connection_.prepare(std::string(kGone) + std::string(rest)));
  statement.bind(before_);
  return statement;
}

Result<std::uint64_t> TrackingPurge::count() {
  Statement row = TRY(of_gone("SELECT count(*) FROM gone"));
  if (!TRY(row.step())) return corrupt("expected a count, found no row");
  return count_of(row.integer(0));
}

Result<void> TrackingPurge::kept(const std::function<void(const Digest& digest)>& each) {
  Statement rows = TRY(of_gone("SELECT DISTINCT digest FROM file WHERE entry NOT IN (SELECT sequence FROM gone)"));
  while (TRY(rows.step())) each(TRY(sound(parse_digest(rows.text(0)), "file.digest")));
  return {};
}

Result<void> TrackingPurge::purge() {
  auto transaction = TRY(Transaction::begin(connection_, Transaction::Kind::Write));
  {
    Statement removal = TRY(of_gone("DELETE FROM entry WHERE sequence IN (SELECT sequence FROM gone)"));
    TRY(removal.run());
  }
  return transaction.commit();
}

}  // namespace slipway::store_sqlite
