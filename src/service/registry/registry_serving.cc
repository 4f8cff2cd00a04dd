// The part of the Registry that says what is to be served: deploy, rollback, undeploy.
#include <algorithm>

#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using model::DesiredServing;
using ports::Stored;

const std::string kOverridden = "[policies overridden] ";

Result<void> check_servable(const Registry::State& state, const model::ModelName& name,
                            const model::TrafficSplit& split) {
  for (const model::Share& share : split.shares()) {
    const auto version = TRY(state.existing(name, share.version)).record;
    if (version.stage == model::Stage::Validated) continue;
    return conflict(text_of(share.version) + " of " + quoted(name) + " is " + std::string(name_of(version.stage)) +
                    ", expected validated" + (version.reason.empty() ? "" : ": " + version.reason));
  }
  return {};
}

Result<std::optional<Stored<model::ServingEntry>>> entry_at_or_below(const Registry::State& state,
                                                                     std::string_view environment,
                                                                     const model::ModelName& name,
                                                                     std::optional<std::uint64_t> number) {
  auto found = TRY(state.parts.metadata.entries(environment, name, number ? *number + 1 : 0, 1));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// The version that gets all traffic that names none: others may be there to be named.
std::optional<model::VersionNumber> sole_version(const model::TrafficSplit& split) {
  for (const model::Share& share : split.shares()) {
    if (share.share == model::kWhole) return share.version;
  }
  return std::nullopt;
}

bool has_version(const model::TrafficSplit& split, model::VersionNumber version) {
  return std::ranges::any_of(split.shares(), [&](const model::Share& share) { return share.version == version; });
}

Result<void> check_rule(const model::AssignmentRule& rule, const model::TrafficSplit& split) {
  TRY(model::check(rule));
  if (rule.control == 0 || has_version(split, rule.control)) return {};
  return invalid_input("control: expected a version of the split (" + text_of(split) + "), found " +
                       std::to_string(rule.control));
}

// The rule that goes on for another split.
model::AssignmentRule rule_for(const std::optional<Stored<DesiredServing>>& current, const model::TrafficSplit& split) {
  if (!current) return {};
  model::AssignmentRule rule = current->record.assignment;
  if (!has_version(split, rule.control)) rule.control = 0;
  return rule;
}

// The next state of (environment, model), with everything that goes into the same transaction.
struct Step {
  std::string environment;
  model::ModelName name;
  model::TrafficSplit split;
  model::AssignmentRule assignment;
  std::optional<model::Mirror> mirror;
  bool live;               // known to have been fully live before
  std::uint64_t previous;  // where a rollback of it starts
  std::string action;
};

// A rollout gives traffic back to its control, which had all of it when it began: it was let in before, so whatever
// became of its approvals since, the way back is never refused.
Result<bool> is_given_back(const Registry::State& state, std::string_view environment, const model::ModelName& name,
                           model::VersionNumber version, const Author& author) {
  const bool may_be_refused = !state.parts.rules.policies.empty();
  if (!may_be_refused || !author.rollout || state.parts.rollouts == nullptr) return false;
  const auto found = TRY(state.parts.rollouts->rollout(*author.rollout));
  if (!found) return false;
  const rollout::Rollout& rollout = found->record.state;
  const bool has_begun = rollout.state != rollout::State::Queued && !rollout::is_over(rollout.state);
  return has_begun && rollout.environment == environment && rollout.model == name && rollout.control == version;
}

// Policies have their say about every version that comes in or gets more traffic.
Result<governance::Entry> check_policies(const Registry::State& state, const Step& step,
                                         const std::optional<Stored<DesiredServing>>& current, const Author& author) {
  const auto before = current ? std::optional(current->record.split) : std::nullopt;
  auto entry = governance::Entry::Free;
  for (const model::VersionNumber version : governance::entering(before, step.split)) {
    if (TRY(is_given_back(state, step.environment, step.name, version, author))) continue;
    entry = std::max(entry, TRY(state.may_enter(step.environment, step.name, version, author)));
  }
  return entry;
}

// The new revision; nullopt: lost the race.
Result<std::optional<std::uint64_t>> write(const Registry::State& state, const Step& step,
                                           const Stored<ports::ModelRecord>& model,
                                           const std::optional<Stored<DesiredServing>>& current, std::uint64_t last,
                                           const Author& author) {
  auto let_in = TRY(check_policies(state, step, current, author));
  const std::uint64_t revision = last + 1;
  const DesiredServing next{step.environment, step.name, step.split, step.assignment, step.mirror};
  const model::ServingEntry entry{.environment = step.environment,
                                  .model = step.name,
                                  .number = revision,
                                  .split = step.split,
                                  .live = step.live,
                                  .previous = step.previous,
                                  .written_at = state.parts.clock.wall_now()};
  std::vector<ports::Change> changes{
      {model.record, model.revision}, {next, current ? current->revision : 0}, {entry, 0}};
  std::vector<model::Event> events{state.event(author, step.action, step.name.text(), step.environment)};
  if (current) events[0].from = text_of(current->record);
  events[0].to = text_of(next);
  const auto sole = sole_version(step.split);
  if (step.environment == kProduction && sole) {
    const auto production = TRY(model::Alias::parse(kProduction));
    const auto points_to = TRY(state.alias(step.name, production));
    const bool moves = !points_to || points_to->record.version != *sole;
    if (moves && !TRY(is_given_back(state, step.environment, step.name, *sole, author))) {
      let_in = std::max(let_in, TRY(state.may_point(step.name, production, *sole, author)));
    }
    state.move_alias({step.name, production, *sole}, points_to, author, changes, events);
  }
  if (let_in == governance::Entry::Overridden) events[0].reason = kOverridden + events[0].reason;
  if (!TRY(state.try_commit(author, changes, events))) return std::optional<std::uint64_t>();
  state.parts.log.info(step.action, {{"model", step.name.text()},
                                     {"environment", step.environment},
                                     {"serves", text_of(next)},
                                     {"revision", static_cast<std::int64_t>(revision)},
                                     {"by", author.principal}});
  return std::optional(revision);
}

// The nearest way back from `number` on: fully live once, other than what is served now, and still servable.
Result<std::optional<model::ServingEntry>> way_back(const Registry::State& state, std::string_view environment,
                                                    const model::ModelName& name, std::uint64_t number,
                                                    const std::optional<Stored<DesiredServing>>& current) {
  while (number != 0) {
    const auto found = TRY(entry_at_or_below(state, environment, name, number));
    if (!found || found->record.number != number) break;
    const model::ServingEntry& entry = found->record;
    const bool differs = !current || entry.split != current->record.split;
    if (entry.live && differs) {
      const auto servable = check_servable(state, name, entry.split);
      if (servable) return std::optional(entry);
      const ErrorCode code = servable.error().code;
      if (code != ErrorCode::Conflict && code != ErrorCode::NotFound) return servable.error();
    }
    number = entry.previous;
  }
  return std::optional<model::ServingEntry>();
}

}  // namespace

Result<std::uint64_t> Registry::deploy(std::string_view environment, const model::ModelName& name, const Wanted& wanted,
                                       std::optional<std::uint64_t> expected_revision, const Author& author) {
  TRY(check(author));
  const model::TrafficSplit& split = wanted.split;
  if (wanted.assignment) TRY(check_rule(*wanted.assignment, split));
  const std::string where = TRY(model::parse_environment(environment));
  TRY(state_->check_scope(author, name, where));
  if (split.shares().size() > model::kMostShares) {
    return invalid_input("expected a split over at most " + std::to_string(model::kMostShares) + " versions, found " +
                         std::to_string(split.shares().size()));
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto current = TRY(state_->desired(where, name));
    TRY(state_->check_no_rollout(where, name, author));
    const std::uint64_t found = current ? current->revision : 0;
    if (expected_revision && *expected_revision != found) {
      return conflict(quoted(name) + " in " + where + ": expected revision " + std::to_string(*expected_revision) +
                      ", found " + std::to_string(found) + " (0: it is not deployed)");
    }
    TRY(check_servable(*state_, name, split));
    const auto newest = TRY(entry_at_or_below(*state_, where, name, std::nullopt));
    const std::uint64_t last = newest ? newest->record.number : 0;
    const model::AssignmentRule rule = wanted.assignment.value_or(rule_for(current, split));
    if (wanted.mirror) TRY(model::check(*wanted.mirror, split, rule));
    const bool same = current && current->record.split == split && current->record.assignment == rule &&
                      current->record.mirror == wanted.mirror;
    if (same) {
      // Nothing to change but, perhaps, an alias that was moved away by hand.
      std::vector<ports::Change> changes{{model.record, model.revision}};
      std::vector<model::Event> events;
      const auto sole = sole_version(split);
      if (where == kProduction && sole) {
        const auto production = TRY(model::Alias::parse(kProduction));
        const auto points_to = TRY(state_->alias(name, production));
        const bool moves = !points_to || points_to->record.version != *sole;
        if (moves && !TRY(is_given_back(*state_, where, name, *sole, author))) {
          TRY(state_->may_point(name, production, *sole, author));
        }
        state_->move_alias({name, production, *sole}, points_to, author, changes, events);
      }
      if (!events.empty() && !TRY(state_->try_commit(author, changes, events))) continue;
      if (parts_.desired_changed) parts_.desired_changed();  // asked again: serving may try again what failed to load
      return found;
    }
    const Step step{where, name, split, rule, wanted.mirror, false, last, "deploy"};
    const auto revision = TRY(write(*state_, step, model, current, last, author));
    if (!revision) continue;
    if (parts_.desired_changed) parts_.desired_changed();
    return *revision;
  }
  return lost_too_often(quoted(name) + " in " + where);
}

Result<Stored<DesiredServing>> Registry::rollback(std::string_view environment, const model::ModelName& name,
                                                  const Author& author) {
  TRY(check(author));
  const std::string where = TRY(model::parse_environment(environment));
  TRY(state_->check_scope(author, name, where));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto current = TRY(state_->desired(where, name));
    TRY(state_->check_no_rollout(where, name, author, State::WayBack::Yes));
    const auto newest = TRY(entry_at_or_below(*state_, where, name, std::nullopt));
    const std::uint64_t last = newest ? newest->record.number : 0;
    // After an undeploy the last entry is itself the way back; else it is what is being left.
    const std::uint64_t start = !newest ? 0 : current ? newest->record.previous : last;
    const auto target = TRY(way_back(*state_, where, name, start, current));
    if (!target) {
      return conflict(quoted(name) + " in " + where +
                      ": there is no earlier state to go back to that was fully live and can still be served");
    }
    const Step step{.environment = where,
                    .name = name,
                    .split = target->split,
                    .assignment = rule_for(current, target->split),
                    .mirror = {},
                    .live = true,
                    .previous = target->previous,
                    .action = "rollback"};
    const auto revision = TRY(write(*state_, step, model, current, last, author));
    if (!revision) continue;
    if (parts_.desired_changed) parts_.desired_changed();
    return Stored<DesiredServing>{{where, name, target->split, step.assignment}, *revision};
  }
  return lost_too_often(quoted(name) + " in " + where);
}

Result<void> Registry::undeploy(std::string_view environment, const model::ModelName& name, const Author& author) {
  TRY(check(author));
  const std::string where = TRY(model::parse_environment(environment));
  TRY(state_->check_scope(author, name, where));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto current = TRY(state_->desired(where, name));
    TRY(state_->check_no_rollout(where, name, author, State::WayBack::Yes));
    if (!current) return not_found(quoted(name) + " is not deployed in " + where);
    model::Event event = state_->event(author, "undeploy", name.text(), where);
    event.from = text_of(current->record);
    const std::vector<ports::Change> changes{{model.record, model.revision},
                                             {current->record, current->revision, true}};
    if (!TRY(state_->try_commit(author, changes, {event}))) continue;
    if (parts_.desired_changed) parts_.desired_changed();
    return {};
  }
  return lost_too_often(quoted(name) + " in " + where);
}

Result<std::vector<Stored<DesiredServing>>> Registry::desired(std::string_view environment) {
  return parts_.metadata.desired(environment);
}

Result<void> Registry::mark_live(std::string_view environment, const model::ModelName& name, std::uint64_t revision) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto current = TRY(state_->desired(environment, name));
    if (!current || current->revision != revision) return {};
    auto stored = TRY(entry_at_or_below(*state_, environment, name, revision));
    if (!stored || stored->record.number != revision || stored->record.live) return {};
    stored->record.live = true;
    if (TRY(state_->try_commit({}, {{stored->record, stored->revision}}, {}))) return {};
  }
  return lost_too_often(quoted(name));
}

}  // namespace slipway::registry
