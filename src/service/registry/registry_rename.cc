// The part of the Registry that gives a model another name.
#include <algorithm>

#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using model::ModelName;

constexpr std::size_t kMostVersions = 10'000;  // one transaction writes them all

// A name under which versions were is never given away: its numbers stand in the history, evidence and approvals.
Result<void> check_free(const std::optional<ports::Stored<ports::ModelRecord>>& taken, const ModelName& to) {
  if (taken && !taken->record.removed) return conflict(quoted(to) + " exists already");
  if (!taken || taken->record.last_version == 0) return {};
  return conflict(quoted(to) + " existed before, with versions up to " + std::to_string(taken->record.last_version) +
                  ", whose numbers are never given again: expected a name that is new");
}

Result<void> check_not_desired(const Registry::State& state, const ModelName& from) {
  TRY(state.check_not_rolled_out(from, std::nullopt));
  const auto desired = TRY(state.parts.metadata.desired_of(from));
  if (desired.empty()) return {};
  const model::DesiredServing& first = desired.front().record;
  return conflict(quoted(from) + " serves " + text_of(first.split) + " in " + first.environment +
                  ", where clients ask for it by this name: undeploy it first");
}

// Somebody's word was for the name it had: under another, an alias that asks for approvals would have none.
Result<void> check_alias(const Registry::State& state, const ports::AliasRecord& alias, const ModelName& to) {
  const auto environments = governance::environments_of(state.parts.rules, to.text(), alias.alias);
  if (environments.empty()) return {};
  return conflict(quoted(alias.alias) + " of " + quoted(alias.model) + " stands for " + environments.front() +
                  ", which asks for approvals of " + quoted(to) + ": remove the alias first, and set it again then");
}

// What belongs to the model, from one name to the other.
struct Move {
  const ModelName& to;
  std::vector<ports::Change> changes;

  template <class Record>
  void add(const ports::Stored<Record>& stored, ModelName Record::* name) {
    changes.push_back({stored.record, stored.revision, true});
    Record moved = stored.record;
    moved.*name = to;
    changes.push_back({std::move(moved), 0});
  }
};

// Something is found out about it, now or after the next start, that would be written under the name it had.
bool is_open(const Registry::State& state, const model::ModelVersion& version) {
  const bool is_unsettled = version.reason == kNotVerified || version.reason == kAwaitsGates;
  if (version.stage == model::Stage::Registered && is_unsettled) return true;
  return state.verifications.is_running({version.name.text(), version.number}) ||
         state.gates.standing(version.name, version.number).phase != GateQueue::Standing::Phase::Idle;
}

Result<void> add_versions(const Registry::State& state, const ModelName& from, Move& move) {
  const auto versions = TRY(state.parts.metadata.versions(from));
  if (versions.size() > kMostVersions) {
    return invalid_input(quoted(from) + " has " + std::to_string(versions.size()) + " versions; expected at most " +
                         std::to_string(kMostVersions) + " of a model that gets another name");
  }
  for (const auto& stored : versions) {
    const model::ModelVersion& version = stored.record;
    if (is_open(state, version)) {
      return conflict(text_of(version.number) + " of " + quoted(from) +
                      " is being verified: try again when it is done");
    }
    if (version.stage == model::Stage::Validated && state.asks_gates(move.to)) {
      return conflict(text_of(version.number) + " of " + quoted(from) + " has not passed the gates of " +
                      quoted(move.to) + ": register it under that name instead");
    }
    move.add(stored, &model::ModelVersion::name);
    move.changes.push_back({stored_facts(state.parts.packages, move.to, version), 0});  // the old ones go with the old
  }
  return {};
}

}  // namespace

Result<void> Registry::rename_model(const ModelName& from, const ModelName& to, const Author& author) {
  TRY(check(author));
  if (from == to) return conflict(quoted(to) + " has that name already");
  const auto lease = state_->collection.begin_push();  // a collection under way could pass by what moves
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(from));
    const auto taken = TRY(parts_.metadata.model(to));
    TRY(check_free(taken, to));
    TRY(check_not_desired(*state_, from));
    ports::ModelRecord left = model.record;
    left.removed = true;
    left.annotations = {};
    ports::ModelRecord renamed = model.record;
    renamed.name = to;
    Move move{to, {{left, model.revision}, {renamed, taken ? taken->revision : 0}}};
    TRY(add_versions(*state_, from, move));
    for (const auto& stored : TRY(parts_.metadata.aliases(from))) {
      TRY(state_->check_scope(author, from, stored.record.alias));
      TRY(state_->check_scope(author, to, stored.record.alias));
      TRY(check_alias(*state_, stored.record, to));
      move.add(stored, &ports::AliasRecord::model);
    }
    for (const auto& stored : TRY(parts_.metadata.notes(from, std::nullopt))) {
      move.add(stored, &model::VersionNotes::model);
    }
    std::vector<model::Event> events{state_->event(author, "rename", from.text(), "model"),
                                     state_->event(author, "rename", to.text(), "model")};
    for (model::Event& event : events) {
      event.from = from.text();
      event.to = to.text();
    }
    if (TRY(state_->try_commit(author, move.changes, events))) return {};
  }
  return lost_too_often(quoted(from));
}

}  // namespace slipway::registry
