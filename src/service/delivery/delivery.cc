#include "service/delivery/delivery.h"

#include <algorithm>

#include "domain/rollout/traffic_text.h"

namespace slipway::delivery {
namespace {

using ports::RolloutDecision;
using ports::RolloutRecord;
using ports::StoredRollout;

constexpr int kAttempts = 16;  // at a record that others change as well

std::string quoted(const model::ModelName& name) {
  return "model \"" + name.text() + "\"";
}

bool is_same_place(const RolloutRecord& record, std::string_view environment, const model::ModelName& model) {
  return record.state.environment == environment && record.state.model == model;
}

}  // namespace

Delivery::Delivery(Parts parts) : parts_(std::move(parts)) {}
Delivery::~Delivery() = default;

Result<Rehearsal> Delivery::rehearse(std::string_view plan) {
  if (plan.size() > kLongestPlan) {
    return invalid_input("plan: expected at most " + std::to_string(kLongestPlan) + " bytes, found " +
                         std::to_string(plan.size()));
  }
  rollout::Plan read = TRY(parts_.plans.read(plan, "plan"));
  if (parts_.evidence != nullptr) TRY(parts_.evidence->check(plan));
  std::vector<rollout::Scheduled> steps = rollout::schedule(read);
  const bool mirrors = std::ranges::any_of(steps, [](const auto& each) { return each.step.mirrored.count > 0; });
  if (mirrors && !parts_.traffic.can_mirror()) {
    return unimplemented("plan: a stage mirrors traffic, which this server does not do");
  }
  return Rehearsal{std::move(read), std::move(steps), sha256(as_bytes(plan))};
}

Result<Standing> Delivery::start(const StartRequest& request, const rollout::Person& person) {
  if (person.reason.empty() || person.reason.size() > rollout::kLongestReason) {
    return invalid_input("expected a reason of 1 to " + std::to_string(rollout::kLongestReason) + " bytes, found " +
                         std::to_string(person.reason.size()));
  }
  const Rehearsal plan = TRY(rehearse(request.plan));
  const auto served = TRY(parts_.traffic.served(request.environment, request.model));
  std::optional<model::VersionNumber> control;
  for (const model::Share& share : served.traffic.shares) {
    if (share.share == model::kWhole) control = share.version;
  }
  const auto open = TRY(parts_.store.open_rollouts());
  const auto ahead = static_cast<std::size_t>(std::ranges::count_if(
      open, [&](const StoredRollout& each) { return is_same_place(each.record, request.environment, request.model); }));
  if (ahead > 0 && request.turn == Turn::OnlyNow) {
    const auto first = std::ranges::find_if(open, [&](const StoredRollout& each) {
      return is_same_place(each.record, request.environment, request.model);
    });
    return conflict("rollout " + std::to_string(first->record.number) + " of " + quoted(request.model) +
                    " is open in " + request.environment + ": wait for its end, abort it, or queue this one");
  }
  if (open.size() >= kMostOpen || ahead >= kMostQueued) {
    return overloaded("too many rollouts are open: at most " + std::to_string(kMostQueued) + " of one model, and " +
                      std::to_string(kMostOpen) + " in all");
  }
  if (ahead > 0) {
    // Behind others: if the one before it comes through, its candidate has the traffic.
    for (const StoredRollout& each : open) {
      if (is_same_place(each.record, request.environment, request.model))
        control = each.record.state.candidates.front();
    }
  } else if (!control || served.traffic.shares.size() > 1) {
    return conflict(quoted(request.model) + " serves " + rollout::text_of(served.traffic) + " in " +
                    request.environment + ", expected one version with all traffic: deploy one first");
  }
  for (const model::VersionNumber version : request.candidates) {
    TRY(parts_.traffic.expect_servable(request.model, version));
  }
  const WallTime now = parts_.clock.wall_now();
  RolloutRecord record{
      .state = TRY(rollout::open(plan.plan, request.environment, request.model, *control, request.candidates, now)),
      .plan = request.plan,
      .plan_digest = plan.digest,
      .started_at = now,
      .started_by = person.name};
  record.state.reason = "started by " + person.name + ": " + person.reason;
  record.state.decisions = 1;
  record.number = TRY(parts_.store.add(record, decision_of(record, person.name, "start")));
  TRY(tell(record, "start", person));
  return standing(record);
}

Result<Standing> Delivery::command(std::uint64_t number, const rollout::Command& command,
                                   const rollout::Person& person) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto stored = TRY(parts_.store.rollout(number));
    if (!stored) return not_found("there is no rollout " + std::to_string(number));
    RolloutRecord& record = stored->record;
    const rollout::Plan plan = TRY(parts_.plans.read(record.plan, "plan"));
    const auto seen = known(number);
    if (seen && seen->revision == stored->revision) record.state = seen->state;
    const auto sight = TRY(sight_of(record, true));
    record.state = TRY(rollout::apply(plan, record.state, command, person, record.started_by, sight));
    const auto put = parts_.store.put(record, stored->revision,
                                      decision_of(record, person.name, std::string(rollout::name_of(command))));
    if (!put.ok() && put.error().code == ErrorCode::Conflict) continue;
    TRY(put);
    TRY(tell(record, rollout::name_of(command), person));
    return standing(record);
  }
  return conflict("rollout " + std::to_string(number) + ": other changes came first, again and again; try once more");
}

Result<Standing> Delivery::rollout(std::uint64_t number) {
  auto stored = TRY(parts_.store.rollout(number));
  if (!stored) return not_found("there is no rollout " + std::to_string(number));
  return standing(stored->record);
}

Result<std::vector<StoredRollout>> Delivery::rollouts(std::string_view model, std::uint64_t before, std::size_t limit) {
  return parts_.store.rollouts(model, before, limit);
}

Result<std::vector<RolloutDecision>> Delivery::decisions(std::uint64_t number, std::uint64_t before,
                                                         std::size_t limit) {
  if (!TRY(parts_.store.rollout(number))) return not_found("there is no rollout " + std::to_string(number));
  return parts_.store.decisions(number, before, limit);
}

Result<Standing> Delivery::standing(const RolloutRecord& record) {
  const rollout::Plan plan = TRY(parts_.plans.read(record.plan, "plan"));
  Standing found{record, rollout::schedule(plan), {}, {}};
  if (auto seen = known(record.number)) {
    found.holding = seen->failure.empty() ? seen->holding : seen->failure;
    found.evidence = std::move(seen->evidence);
    if (seen->state.decisions == record.state.decisions) found.record.state = std::move(seen->state);
  }
  return found;
}

RolloutDecision Delivery::decision_of(const RolloutRecord& record, std::string actor, std::string action) const {
  return {.rollout = record.number,
          .number = record.state.decisions,
          .at = parts_.clock.wall_now(),
          .actor = std::move(actor),
          .action = std::move(action),
          .state = record.state.state,
          .position = record.state.position,
          .wanted = record.state.wanted,
          .reason = record.state.reason,
          .program = parts_.program};
}

// The decision stands already; that it was asked for goes into the history of everything.
Result<void> Delivery::tell(const RolloutRecord& record, std::string_view action, const rollout::Person& person) {
  model::Event event;
  event.at = parts_.clock.wall_now();
  event.actor = person.name;
  event.action = "rollout";
  event.model = record.state.model.text();
  event.subject = "rollout " + std::to_string(record.number) + " in " + record.state.environment;
  event.to = action;
  event.reason = person.reason;
  return parts_.history.commit({}, {event});
}

std::optional<Delivery::Known> Delivery::known(std::uint64_t number) const {
  auto all = known_.lock();
  const auto found = all->find(number);
  if (found == all->end()) return std::nullopt;
  return found->second;
}

void Delivery::remember(std::uint64_t number, Known known) {
  known_.lock()->insert_or_assign(number, std::move(known));
}

}  // namespace slipway::delivery
