#include "adapter/sql_records/rollout_rows.h"

#include "adapter/sql_records/row_value.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::sql_records {
namespace {

using ports::RolloutDecision;
using ports::RolloutRecord;
using ports::StoredRollout;

// In the order in which insert() binds and record_in() reads them.
const std::string kColumns =
    "number, environment, model, is_open, state, position, reason, paused_by, paused_reason, control, candidates, "
    "wanted, earlier, desired_revision, dwelt_ns, updated_ns, seen_at, approved, frozen, winner, decisions, plan, "
    "plan_digest, started_at, started_by, evidence, revision, late, ahead, told, rehearsal, rehearsal_since, curve";

// The same for a list, which leaves out what is long.
std::string columns_of_list() {
  std::string columns = kColumns;
  for (const std::string_view name : {", plan,", ", evidence,", ", curve"}) {
    const std::size_t at = columns.rfind(name);
    columns.replace(at, name.size(), name.ends_with(',') ? ", ''," : ", ''");
  }
  return columns;
}

// What a row has besides the record.
struct Kept {
  std::uint64_t revision = 0;
  std::uint64_t ahead = 0;  // the open rollout it was begun behind; 0: none
  std::uint64_t told = 0;
};

std::string text_of(const std::vector<model::VersionNumber>& versions) {
  std::string text;
  for (const model::VersionNumber version : versions) text += (text.empty() ? "" : " ") + std::to_string(version);
  return text;
}

std::optional<std::int64_t> maybe(const std::optional<std::uint64_t>& number) {
  return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

std::optional<std::uint64_t> maybe_count(const std::optional<std::int64_t>& number) {
  return number ? std::optional(count_of(*number)) : std::nullopt;
}

Result<void> insert(Connection& connection, const RolloutRecord& record, const Kept& kept) {
  const rollout::Rollout& state = record.state;
  std::string frozen;
  for (const bool each : state.frozen) frozen += each ? '1' : '0';
  return TRY(connection.prepare("INSERT INTO rollout (" + kColumns +
                                ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                "?, ?, ?, ?, ?, ?, ?, ?)"))
      .bind(record.number)
      .bind(state.environment)
      .bind(state.model.text())
      .bind(flag(!rollout::is_over(state.state)))
      .bind(rollout::name_of(state.state))
      .bind(std::uint64_t{state.position})
      .bind(state.reason)
      .bind(state.paused ? state.paused->by : std::string())
      .bind(state.paused ? state.paused->reason : std::string())
      .bind(state.control)
      .bind(text_of(state.candidates))
      .bind(rollout::text_of(state.wanted))
      .bind(rollout::text_of(state.before))
      .bind(state.revision)
      .bind(std::int64_t{state.dwelt.count()})
      .bind(std::int64_t{state.updated.count()})
      .bind(micros(state.seen_at))
      .bind(maybe(state.approved))
      .bind(frozen)
      .bind(maybe(state.winner))
      .bind(state.decisions)
      .bind(record.plan)
      .bind(record.plan_digest.hex())
      .bind(micros(record.started_at))
      .bind(record.started_by)
      .bind(record.evidence)
      .bind(kept.revision)
      .bind(state.late ? rollout::text_of(*state.late) : std::string())
      .bind(kept.ahead)
      .bind(kept.told)
      .bind(state.rehearsal ? rollout::text_of(state.rehearsal->after) : std::string())
      .bind(micros(state.rehearsal ? state.rehearsal->since : WallTime{}))
      .bind(rollout::text_of(record.curve))
      .run();
}

// Conflict: a decision was made for the same request.
Result<void> check_once(Connection& connection, const RolloutDecision& decision) {
  if (!decision.once) return {};
  Statement found = TRY(connection.prepare("SELECT rollout, number FROM rollout_decision WHERE once = ?"));
  found.bind(decision.once->hex());
  if (!TRY(found.step())) return {};
  return conflict("this request was applied already: it led to decision " + std::to_string(found.integer(1)) +
                  " of rollout " + std::to_string(found.integer(0)));
}

Result<void> insert(Connection& connection, const RolloutDecision& decision) {
  TRY(check_once(connection, decision));
  return TRY(connection.prepare(
                 "INSERT INTO rollout_decision (rollout, number, at, actor, action, state, position, "
                 "wanted, reason, evidence, program, once, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
      .bind(decision.rollout)
      .bind(decision.number)
      .bind(micros(decision.at))
      .bind(decision.actor)
      .bind(decision.action)
      .bind(rollout::name_of(decision.state))
      .bind(std::uint64_t{decision.position})
      .bind(rollout::text_of(decision.wanted))
      .bind(decision.reason)
      .bind(decision.evidence)
      .bind(decision.program)
      .bind(decision.once ? decision.once->hex() : std::string())
      .bind(decision.basis)
      .run();
}

Result<std::vector<model::VersionNumber>> versions_in(std::string_view text) {
  std::vector<model::VersionNumber> versions;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    versions.push_back(TRY(sound(model::parse_version(word), "rollout.candidates", word)));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return versions;
}

const std::string kDecision =
    "rollout_decision.rollout, rollout_decision.number, at, actor, action, rollout_decision.state, "
    "rollout_decision.position, rollout_decision.wanted, rollout_decision.reason, program, once";
constexpr int kDecisionColumns = 11;

Result<RolloutDecision> decision_in(const Statement& row) {
  RolloutDecision decision{.rollout = count_of(row.integer(0)),
                           .number = count_of(row.integer(1)),
                           .at = time_of(row.integer(2)),
                           .actor = std::string(row.text(3)),
                           .action = std::string(row.text(4))};
  decision.state = TRY(sound(rollout::parse_state(row.text(5)), "rollout_decision.state", row.text(5)));
  decision.position = count_of(row.integer(6));
  decision.wanted = TRY(sound(rollout::parse_traffic(row.text(7)), "rollout_decision.wanted"));
  decision.reason = row.text(8);
  decision.program = row.text(9);
  if (!row.text(10).empty()) decision.once = TRY(sound(parse_digest(row.text(10)), "rollout_decision.once"));
  return decision;
}

Result<StoredRollout> record_in(const Statement& row) {
  auto name = TRY(sound(model::ModelName::parse(row.text(2)), "rollout.model"));
  RolloutRecord record{.number = count_of(row.integer(0)),
                       .state = {.environment = std::string(row.text(1)), .model = std::move(name)}};
  rollout::Rollout& state = record.state;
  state.state = TRY(sound(rollout::parse_state(row.text(4)), "rollout.state", row.text(4)));
  state.position = count_of(row.integer(5));
  state.reason = row.text(6);
  if (!row.text(8).empty()) state.paused.emplace(rollout::Pause{std::string(row.text(7)), std::string(row.text(8))});
  state.control = count_of(row.integer(9));
  state.candidates = TRY(versions_in(row.text(10)));
  state.wanted = TRY(sound(rollout::parse_traffic(row.text(11)), "rollout.wanted"));
  state.before = TRY(sound(rollout::parse_traffic(row.text(12)), "rollout.earlier"));
  state.revision = count_of(row.integer(13));
  state.dwelt = Duration(row.integer(14));
  state.updated = Duration(row.integer(15));
  state.seen_at = time_of(row.integer(16));
  state.approved = maybe_count(row.optional_integer(17));
  for (const char each : row.text(18)) state.frozen.push_back(each == '1');
  if (state.frozen.size() != state.candidates.size()) {
    return corrupt("the database, rollout.frozen: expected one place for each candidate");
  }
  state.winner = maybe_count(row.optional_integer(19));
  state.decisions = count_of(row.integer(20));
  record.plan = row.text(21);
  record.plan_digest = TRY(sound(parse_digest(row.text(22)), "rollout.plan_digest"));
  record.started_at = time_of(row.integer(23));
  record.started_by = row.text(24);
  record.evidence = row.text(25);
  if (!row.text(27).empty()) state.late = TRY(sound(rollout::parse_traffic(row.text(27)), "rollout.late"));
  if (!row.text(30).empty()) {
    auto after = TRY(sound(rollout::parse_traffic(row.text(30)), "rollout.rehearsal"));
    state.rehearsal.emplace(rollout::Rehearsal{std::move(after), time_of(row.integer(31))});
  }
  record.curve = TRY(sound(rollout::parse_curve(row.text(32)), "rollout.curve"));
  return StoredRollout{std::move(record), count_of(row.integer(26))};
}

Result<std::vector<StoredRollout>> records_in(Statement rows) {
  std::vector<StoredRollout> found;
  while (TRY(rows.step())) found.push_back(TRY(record_in(rows)));
  return found;
}

}  // namespace

Result<std::uint64_t> add_rollout(Connection& connection, RolloutRecord record, RolloutDecision first,
                                  std::uint64_t after) {
  const rollout::Rollout& state = record.state;
  {
    Statement ahead = TRY(connection.prepare(
        "SELECT coalesce(max(number), 0) FROM rollout WHERE is_open = 1 AND environment = ? AND model = ?"));
    ahead.bind(state.environment).bind(state.model.text());
    const std::uint64_t last = TRY(ahead.step()) ? count_of(ahead.integer(0)) : 0;
    if (last != after) {
      return conflict("rollouts of model \"" + state.model.text() + "\" in " + state.environment + ": expected " +
                      std::to_string(after) + " to be the last that is open, found " + std::to_string(last) +
                      " (0: none)");
    }
  }
  {
    Statement last = TRY(connection.prepare("SELECT number FROM rollout ORDER BY number DESC LIMIT 1"));
    record.number = first.rollout = (TRY(last.step()) ? count_of(last.integer(0)) : 0) + 1;
  }
  TRY(insert(connection, record, Kept{.revision = 1, .ahead = after}));
  TRY(insert(connection, first));
  return record.number;
}

Result<void> put_rollout(Connection& connection, const RolloutRecord& record, std::uint64_t expected,
                         const std::optional<RolloutDecision>& decision) {
  Kept kept;
  const std::string what = "rollout " + std::to_string(record.number) + ": ";
  {
    Statement found = TRY(connection.prepare("SELECT revision, ahead, told FROM rollout WHERE number = ?"));
    found.bind(record.number);
    if (TRY(found.step())) kept = {count_of(found.integer(0)), count_of(found.integer(1)), count_of(found.integer(2))};
  }
  if (kept.revision == 0 || kept.revision != expected) {
    return conflict(what + "expected revision " + std::to_string(expected) + ", found " +
                    std::to_string(kept.revision) + " (0: it does not exist)");
  }
  if (decision) {
    {
      Statement found = TRY(connection.prepare("SELECT 1 FROM rollout_decision WHERE rollout = ? AND number = ?"));
      found.bind(record.number).bind(decision->number);
      if (TRY(found.step()))
        return conflict(what + "decision " + std::to_string(decision->number) + " is there already");
    }
    TRY(insert(connection, *decision));
  }
  TRY(TRY(connection.prepare("DELETE FROM rollout WHERE number = ?")).bind(record.number).run());
  ++kept.revision;
  return insert(connection, record, kept);
}

Result<std::optional<StoredRollout>> read_rollout(Connection& connection, std::uint64_t number) {
  Statement rows = TRY(connection.prepare("SELECT " + kColumns + " FROM rollout WHERE number = ?"));
  rows.bind(bounded(number));
  auto found = TRY(records_in(std::move(rows)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<ports::OpenPlace>> read_open_places(Connection& connection) {
  Statement rows = TRY(connection.prepare(
      "SELECT number, revision, environment, model, state, control, candidates FROM rollout WHERE is_open = 1 ORDER BY "
      "number"));
  std::vector<ports::OpenPlace> found;
  while (TRY(rows.step())) {
    ports::OpenPlace place{.number = count_of(rows.integer(0)),
                           .revision = count_of(rows.integer(1)),
                           .environment = std::string(rows.text(2)),
                           .model = std::string(rows.text(3)),
                           .is_queued = rows.text(4) == rollout::name_of(rollout::State::Queued)};
    if (auto candidates = versions_in(rows.text(6)); candidates.ok()) {
      place.versions = std::move(candidates).value();
      place.versions.insert(place.versions.begin(), count_of(rows.integer(5)));
    }
    found.push_back(std::move(place));
  }
  return found;
}

Result<std::vector<StoredRollout>> read_rollouts(Connection& connection, std::string_view model, std::uint64_t before,
                                                 std::size_t limit) {
  Statement rows = TRY(connection.prepare("SELECT " + columns_of_list() + " FROM rollout WHERE number < ?" +
                                          (model.empty() ? "" : " AND model = ?") + " ORDER BY number DESC LIMIT ?"));
  rows.bind(before == 0 ? std::uint64_t{INT64_MAX} : bounded(before));
  if (!model.empty()) rows.bind(model);
  rows.bind(bounded(limit));
  return records_in(std::move(rows));
}

Result<std::vector<RolloutDecision>> read_decisions(Connection& connection, std::uint64_t rollout, std::uint64_t before,
                                                    std::size_t limit) {
  Statement rows =
      TRY(connection.prepare("SELECT " + kDecision +
                             ", evidence, basis FROM rollout_decision WHERE rollout = ? AND number < ? ORDER BY "
                             "number DESC LIMIT ?"));
  rows.bind(bounded(rollout)).bind(before == 0 ? std::uint64_t{INT64_MAX} : bounded(before)).bind(bounded(limit));
  std::vector<RolloutDecision> found;
  while (TRY(rows.step())) {
    found.push_back(TRY(decision_in(rows)));
    found.back().evidence = rows.text(kDecisionColumns);
    found.back().basis = rows.text(kDecisionColumns + 1);
  }
  return found;
}

Result<std::vector<ports::UntoldDecision>> read_untold(Connection& connection, std::size_t limit) {
  Statement rows = TRY(connection.prepare(
      "SELECT " + kDecision +
      ", rollout.environment, rollout.model FROM rollout JOIN rollout_decision ON rollout_decision.rollout = "
      "rollout.number AND rollout_decision.number > rollout.told WHERE rollout.told < rollout.decisions ORDER BY "
      "rollout_decision.rollout, rollout_decision.number LIMIT ?"));
  rows.bind(bounded(limit));
  std::vector<ports::UntoldDecision> found;
  while (TRY(rows.step())) {
    auto decision = TRY(decision_in(rows));
    found.push_back(
        {std::string(rows.text(kDecisionColumns)), std::string(rows.text(kDecisionColumns + 1)), std::move(decision)});
  }
  return found;
}

Result<void> write_told(Connection& connection, std::uint64_t rollout, std::uint64_t number) {
  return TRY(connection.prepare("UPDATE rollout SET told = ? WHERE number = ? AND told < ?"))
      .bind(number)
      .bind(rollout)
      .bind(number)
      .run();
}

}  // namespace slipway::sql_records
