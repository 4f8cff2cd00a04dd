#include "adapter/store_postgres/schema.h"

#include <string>

namespace slipway::store_postgres {
namespace {

Result<std::string> text(Session& session, std::string_view sql) {
  auto row = TRY(session.prepare(sql));
  if (!TRY(row.step())) return corrupt("expected a row from \"" + std::string(sql) + "\", found none");
  return std::string(row.text(0));
}

Result<std::int64_t> version_of(Session& session, std::string_view part) {
  auto row = TRY(session.prepare("SELECT version FROM schema_part WHERE name = ?"));
  row.bind(part);
  return TRY(row.step()) ? row.integer(0) : 0;
}

// What every part needs. PostgreSQL says nothing of a table that is there already; a schema it must not be asked for,
// for the role may be allowed to use it and not to create one.
Result<void> lay_ground(Session& session, const std::string& schema) {
  const std::string found = TRY(text(session, "SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'"));
  if (found == "0") TRY(session.execute("CREATE SCHEMA " + schema));
  TRY(session.execute("CREATE TABLE IF NOT EXISTS schema_part (name TEXT PRIMARY KEY, version BIGINT NOT NULL)"));
  return session.execute(
      "CREATE TABLE IF NOT EXISTS writer (name TEXT PRIMARY KEY, number BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)");
}

Result<void> step_up(Session& session, const std::string& schema, const Part& part) {
  TRY(session.execute("SELECT pg_advisory_xact_lock(hashtext('slipway schema'), hashtext('" + schema + "'))"));
  TRY(lay_ground(session, schema));
  const std::int64_t found = TRY(version_of(session, part.name));
  const std::int64_t newest = part.steps.back().version;
  if (found > newest) {
    return invalid_input(std::string(part.name) + " has schema version " + std::to_string(found) +
                         ", this program knows versions up to " + std::to_string(newest) +
                         ": run a newer slipway, or restore the copy made before the upgrade");
  }
  for (const Migration& step : part.steps) {
    if (step.version <= found) continue;
    for (const std::string_view statement : step.statements) TRY(session.execute(statement));
  }
  auto mark = TRY(session.prepare(
      "INSERT INTO schema_part (name, version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = "
      "excluded.version"));
  TRY(mark.bind(part.name).bind(newest).run());
  // The rows of processes that ended long ago.
  return session.execute("DELETE FROM writer WHERE at < now() - interval '30 days'");
}

}  // namespace

Result<void> migrate(Session& session, const Target& target, const Part& part) {
  TRY(session.begin(Session::Kind::Write));
  auto done = [&]() -> Result<void> {
    const std::string encoding = TRY(text(session, "SELECT current_setting('server_encoding')"));
    if (encoding != "UTF8") {
      return invalid_input("expected a database with the encoding UTF8, found " + encoding);
    }
    TRY(step_up(session, target.settings.schema, part));
    return session.commit();
  }();
  session.end();
  if (!done.ok()) return std::move(done).error().within("the database " + target.place);
  return done;
}

}  // namespace slipway::store_postgres
