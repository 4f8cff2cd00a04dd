// The part of the Registry that takes versions and models away.
#include <algorithm>

#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

// Nothing takes away what is served: this version, or any of the model.
Result<void> check_not_served(Registry::State& state, const model::ModelName& name,
                              std::optional<model::VersionNumber> number) {
  TRY(state.check_not_rolled_out(name, number));
  for (const auto& [desired, revision] : TRY(state.parts.metadata.desired_of(name))) {
    const bool serves = !number || std::ranges::any_of(desired.split.shares(), [&](const model::Share& share) {
      return share.version == *number;
    });
    if (serves) {
      return conflict(quoted(name) + " serves " + text_of(desired.split) + " in " + desired.environment +
                      ": undeploy it, or deploy another version, first");
    }
  }
  return {};
}

// ... and no alias may point to it.
Result<void> check_unused(Registry::State& state, const model::ModelName& name, model::VersionNumber number) {
  TRY(check_not_served(state, name, number));
  for (const auto& [alias, revision] : TRY(state.parts.metadata.aliases(name))) {
    if (alias.version != number) continue;
    return conflict(quoted(alias.alias) + " points to " + text_of(number) + " of " + quoted(name) +
                    ": move or remove the alias first");
  }
  return {};
}

// What people wrote goes with what they wrote about: one version, or all of the model.
Result<void> add_notes(Registry::State& state, const model::ModelName& name, std::optional<model::VersionNumber> number,
                       std::vector<ports::Change>& changes) {
  for (auto& stored : TRY(state.parts.metadata.notes(name, number))) {
    changes.push_back({std::move(stored.record), stored.revision, true});
  }
  return {};
}

// An alias goes with the version it points to.
Result<void> add_aliases(Registry::State& state, const model::ModelName& name, model::VersionNumber number,
                         const Author& author, std::vector<ports::Change>& changes, std::vector<model::Event>& events) {
  for (const auto& [alias, revision] : TRY(state.parts.metadata.aliases(name))) {
    if (alias.version != number) continue;
    TRY(state.check_scope(author, name, alias.alias));
    model::Event event = state.event(author, "alias", name.text(), "alias " + alias.alias.text());
    event.from = text_of(number);
    events.push_back(std::move(event));
    changes.push_back({alias, revision, true});
  }
  return {};
}

}  // namespace

Result<void> Registry::settle_removals(const model::ModelName& name) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    if (TRY(state_->try_commit({}, {{model.record, model.revision}}, {}))) return {};
  }
  return lost_too_often(quoted(name));
}

Result<model::ModelVersion> Registry::retire_version(const model::ModelName& name, model::VersionNumber number,
                                                     const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    auto stored = TRY(state_->existing(name, number));
    model::ModelVersion& version = stored.record;
    if (version.stage == model::Stage::Retired) return version;
    if (!may_move(version.stage, model::Stage::Retired)) {
      return conflict(text_of(number) + " of " + quoted(name) + " is " + std::string(name_of(version.stage)) +
                      ": expected a validated or rejected version to retire; verify it first, or delete it");
    }
    TRY(check_unused(*state_, name, number));
    model::Event event = state_->event(author, "retire", name.text(), text_of(number));
    event.from = name_of(version.stage);
    event.to = name_of(model::Stage::Retired);
    version.stage = model::Stage::Retired;
    if (!author.reason.empty()) version.reason = author.reason;
    // The model's record is rewritten with it, so that no deployment and no alias slips between.
    if (TRY(state_->try_commit(author, {{model.record, model.revision}, {version, stored.revision}}, {event})))
      return version;
  }
  return lost_too_often(quoted(name));
}

Result<void> Registry::remove_version(const model::ModelName& name, model::VersionNumber number, const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto version = TRY(state_->existing(name, number));
    TRY(check_not_served(*state_, name, number));
    model::Event event = state_->event(author, "delete", name.text(), text_of(number));
    event.from = name_of(version.record.stage);
    std::vector<model::Event> events{std::move(event)};
    std::vector<ports::Change> changes{{model.record, model.revision}, {version.record, version.revision, true}};
    TRY(add_notes(*state_, name, number, changes));
    TRY(add_aliases(*state_, name, number, author, changes, events));
    if (TRY(state_->try_commit(author, changes, events))) {
      static_cast<void>(state_->collection.collect());  // the version is gone; a failure to tidy up is in the log
      return {};
    }
  }
  return lost_too_often(quoted(name));
}

Result<void> Registry::remove_model(const model::ModelName& name, const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto model = TRY(state_->existing(name));
    TRY(check_not_served(*state_, name, std::nullopt));
    model.record.removed = true;
    model.record.annotations = {};
    std::vector<ports::Change> changes{{model.record, model.revision}};
    for (auto& stored : TRY(parts_.metadata.aliases(name))) {
      TRY(state_->check_scope(author, name, stored.record.alias));
      changes.push_back({stored.record, stored.revision, true});
    }
    const auto versions = TRY(parts_.metadata.versions(name));
    for (const auto& stored : versions) changes.push_back({stored.record, stored.revision, true});
    TRY(add_notes(*state_, name, std::nullopt, changes));
    model::Event event = state_->event(author, "delete", name.text(), "model");
    event.from = std::to_string(versions.size()) + " versions";
    if (TRY(state_->try_commit(author, changes, {event}))) {
      static_cast<void>(state_->collection.collect());
      return {};
    }
  }
  return lost_too_often(quoted(name));
}

}  // namespace slipway::registry
