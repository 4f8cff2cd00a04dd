#include "service/delivery/delivery.h"

#include <algorithm>

#include "base/text.h"
#include "domain/rollout/replay.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::delivery {
namespace {

using ports::RolloutDecision;
using ports::RolloutRecord;
using ports::StoredRollout;

constexpr int kAttempts = 16;                              // at a record that others change as well
constexpr std::size_t kPagesOfOnce = 8, kPageOfOnce = 16;  // of decisions, among which a request is looked for

Error lost_too_often(const std::string& what) {
  return conflict(what + ": other changes came first, again and again; try once more");
}

std::string quoted(const model::ModelName& name) {
  return "model \"" + name.text() + "\"";
}

// The open rollouts of one model in one environment.
struct Ahead {
  std::size_t count = 0;
  std::optional<ports::OpenPlace> first, last;
};

Ahead ahead_of(const StartRequest& request, const std::vector<ports::OpenPlace>& open) {
  Ahead ahead;
  for (const ports::OpenPlace& place : open) {
    if (place.environment != request.environment || place.model != request.model.text()) continue;
    if (++ahead.count == 1) ahead.first.emplace(place);
    ahead.last.emplace(place);
  }
  return ahead;
}

Result<void> check_reason(const rollout::Person& person) {
  if (!person.reason.empty() && person.reason.size() <= rollout::kLongestReason) return {};
  return invalid_input("expected a reason of 1 to " + std::to_string(rollout::kLongestReason) + " bytes, found " +
                       std::to_string(person.reason.size()));
}

bool is_same(const rollout::Command& one, const rollout::Command& other) {
  if (one.index() != other.index()) return false;
  if (const auto* set = std::get_if<rollout::SetWeight>(&one)) {
    return set->weight == std::get<rollout::SetWeight>(other).weight;
  }
  const auto* promoted = std::get_if<rollout::Promote>(&one);
  return promoted == nullptr || promoted->to_the_end == std::get<rollout::Promote>(other).to_the_end;
}

// The others need no answer of the registry about it, an abort least of all.
bool may_use_word(const rollout::Command& command) {
  return std::holds_alternative<rollout::Promote>(command) || std::holds_alternative<rollout::SetWeight>(command) ||
         std::holds_alternative<rollout::Approve>(command);
}

// Whether this very command is among the newest decisions of the rollout, made for the same request.
Result<bool> was_applied(ports::RolloutStore& store, std::uint64_t number, const rollout::Command& command,
                         const Caller& caller) {
  if (!caller.once) return false;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < kPagesOfOnce; ++i) {
    const auto page = TRY(store.decisions(number, before, kPageOfOnce));
    for (const RolloutDecision& made : page) {
      if (made.once != caller.once->key) continue;
      const auto basis = rollout::parse_basis(made.basis);
      return basis.ok() && basis->command && is_same(*basis->command, command);
    }
    if (page.size() < kPageOfOnce) break;
    before = page.back().number;
  }
  return false;
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
  std::optional<evidence::EvidencePlan> asked;
  if (parts_.evidence != nullptr) asked.emplace(TRY(parts_.evidence->check(plan)));
  std::vector<rollout::Scheduled> steps = rollout::schedule(read);
  const bool mirrors = std::ranges::any_of(steps, [](const auto& each) { return each.step.mirrored.count > 0; });
  if (mirrors && !parts_.traffic.can_mirror()) {
    return unimplemented("plan: a stage mirrors traffic, which this server does not do");
  }
  return Rehearsal{std::move(read), std::move(steps), sha256(as_bytes(plan)), std::move(asked)};
}

Result<Standing> Delivery::start(const StartRequest& request, const Caller& caller) {
  TRY(check_reason(caller.person));
  if (!is_ours(request.environment)) {
    return invalid_input("environment: this server carries out rollouts in " + parts_.environment + ", found " +
                         request.environment + ": ask a server that serves it");
  }
  const Rehearsal plan = TRY(rehearse(request.plan));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto open = TRY(parts_.store.open_places());
    const Ahead ahead = ahead_of(request, open);
    if (open.size() >= kMostOpen || ahead.count >= kMostQueued) {
      return overloaded("too many rollouts are open: at most " + std::to_string(kMostQueued) + " of one model, and " +
                        std::to_string(kMostOpen) + " in all");
    }
    if (ahead.first && request.turn == Turn::OnlyNow) {
      return conflict("rollout " + std::to_string(ahead.first->number) + " of " + quoted(request.model) +
                      " is open in " + request.environment + ": wait for its end, abort it, or queue this one");
    }
    const auto control = TRY(control_for(request, ahead.last));
    if (ahead.last && std::ranges::find(request.candidates, control) != request.candidates.end()) {
      return invalid_input("version " + std::to_string(control) + " has all traffic once rollout " +
                           std::to_string(ahead.last->number) + ", which this one waits for, is completed");
    }
    for (const model::VersionNumber version : request.candidates) {
      TRY(parts_.traffic.expect_servable(request.model, version));
    }
    const WallTime now = parts_.clock.wall_now();
    RolloutRecord record{
        .state = TRY(rollout::open(plan.plan, request.environment, request.model, control, request.candidates, now)),
        .plan = request.plan,
        .plan_digest = plan.digest,
        .started_at = now,
        .started_by = caller.person.name};
    const rollout::Basis basis{.occasion = rollout::Occasion::Start,
                               .now = now,
                               .before = record.state,
                               .person = caller.person,
                               .plan = request.plan};
    rollout::begin(record.state, caller.person);
    const std::uint64_t after = ahead.last ? ahead.last->number : 0;
    const RolloutDecision first = decision_of(record, "start", basis, caller);
    auto added = parts_.store.add(record, first, after);
    if (!added.ok() && added.error().code == ErrorCode::Conflict) {
      const Ahead since = ahead_of(request, TRY(parts_.store.open_places()));
      if (after != (since.last ? since.last->number : 0)) continue;
    }
    record.number = TRY(std::move(added));
    count(first);
    TRY(withdraw_unless_servable(record));
    changed();
    return standing(record);
  }
  return lost_too_often(quoted(request.model) + " in " + request.environment);
}

// All traffic is its, or will be once the rollout before it has come through.
Result<model::VersionNumber> Delivery::control_for(const StartRequest& request,
                                                   const std::optional<ports::OpenPlace>& last) {
  if (last && last->versions.size() > 1) return last->versions[1];
  if (last) return corrupt("the record of rollout " + std::to_string(last->number) + " is broken: abort it first");
  const auto served = TRY(parts_.traffic.served(request.environment, request.model));
  if (served.traffic.shares.size() == 1) return served.traffic.shares.front().version;
  return conflict(quoted(request.model) + " serves " + rollout::text_of(served.traffic) + " in " + request.environment +
                  ", expected one version with all traffic: deploy one first");
}

// From its record on its versions are kept; one that was taken away just before ends it. A question that got no answer
// does not: nothing is served that the registry does not find servable then.
Result<void> Delivery::withdraw_unless_servable(RolloutRecord& record) {
  Result<void> servable;
  for (const model::VersionNumber version : record.state.candidates) {
    auto found = parts_.traffic.expect_servable(record.state.model, version);
    const bool is_gone =
        !found.ok() && (found.error().code == ErrorCode::NotFound || found.error().code == ErrorCode::Conflict);
    if (is_gone && servable.ok()) servable = std::move(found);
  }
  if (servable.ok()) return servable;
  const std::string why = printable(servable.error().message, rollout::kLongestReason / 4);
  std::uint64_t revision = 1;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (rollout::is_over(record.state.state) || record.state.state == rollout::State::Restoring) return servable;
    Result<void> ended;
    if (record.state.state == rollout::State::Queued) {
      const rollout::Basis basis{.occasion = rollout::Occasion::Withdrawn,
                                 .now = parts_.clock.wall_now(),
                                 .before = record.state,
                                 .person = {.name = {}, .reason = why}};
      rollout::withdraw(record.state, why);
      const RolloutDecision made = decision_of(record, "withdraw", basis);
      ended = parts_.store.put(record, revision, made);
      if (ended.ok()) count(made);
    } else {  // a tick began it meanwhile: there may be traffic to take back
      const auto aborted = command(record.number, rollout::Abort{}, {{record.started_by, "withdrawn: " + why}});
      if (!aborted.ok()) ended = aborted.error();
    }
    if (ended.ok()) return servable;
    if (ended.error().code != ErrorCode::Conflict) return ended;
    auto stored = TRY(parts_.store.rollout(record.number));
    if (!stored) return servable;
    record = std::move(stored->record);
    revision = stored->revision;
  }
  return lost_too_often("rollout " + std::to_string(record.number));
}

Result<Standing> Delivery::command(std::uint64_t number, const rollout::Command& command, const Caller& caller) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto stored = TRY(parts_.store.rollout(number));
    if (!stored) return not_found("there is no rollout " + std::to_string(number));
    RolloutRecord& record = stored->record;
    auto plan = parts_.plans.read(record.plan, "plan");
    // The way back needs no plan.
    if (!plan.ok() && !std::holds_alternative<rollout::Abort>(command)) return std::move(plan).error();
    const auto seen = known(number);
    if (seen && seen->revision == stored->revision) record.state = seen->state;
    if (std::holds_alternative<rollout::Abort>(command)) {
      if (auto given_up = expect_given_up(record); !given_up.ok()) {
        if (TRY(was_applied(parts_.store, number, command, caller))) return standing(stored->record);
        return std::move(given_up).error();
      }
    }
    auto sight = TRY(sight_of(record, true));
    if (record.state.approved && may_use_word(command)) sight.unapproved = TRY(missing_word(record.state));
    const rollout::Basis basis{.occasion = rollout::Occasion::Asked,
                               .now = parts_.clock.wall_now(),
                               .before = record.state,
                               .sight = sight,
                               .command = command,
                               .person = caller.person,
                               .started_by = record.started_by};
    auto applied = rollout::apply(plan.ok() ? *plan : rollout::Plan{}, record.state, command, caller.person,
                                  record.started_by, sight);
    if (!applied.ok() && TRY(was_applied(parts_.store, number, command, caller))) return standing(stored->record);
    if (applied.ok() && std::holds_alternative<rollout::Approve>(command)) {
      // Part of the registry's record first: a word that only the rollout knew of would let nothing in.
      TRY(parts_.traffic.approve(record.state, caller.person, number));
    }
    record.state = TRY(std::move(applied));
    const RolloutDecision made = decision_of(record, std::string(rollout::name_of(command)), basis, caller);
    const auto put = parts_.store.put(record, stored->revision, made);
    if (!put.ok() && put.error().code == ErrorCode::Conflict) {
      const auto since = TRY(parts_.store.rollout(number));
      if (since && since->revision != stored->revision) continue;
      if (since && TRY(was_applied(parts_.store, number, command, caller))) return standing(since->record);
    }
    TRY(put);
    count(made);
    changed();
    return standing(record);
  }
  return lost_too_often("rollout " + std::to_string(number));
}

// To end a rollout on its way back leaves the candidate served; that is for people whom the way back fails.
Result<void> Delivery::expect_given_up(const RolloutRecord& record) {
  if (record.state.state != rollout::State::Restoring) return {};
  const auto last = TRY(parts_.store.decisions(record.number, 0, 1));
  if (!last.empty() && parts_.clock.wall_now() - last.front().at >= kGivenUpAfter) return {};
  return conflict("cannot abort a rollout that is restoring: all traffic is on its way back to version " +
                  std::to_string(record.state.control) + "; where that fails for " + to_string(kGivenUpAfter) +
                  ", an abort ends the rollout with what is served then");
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
  const auto plan = parts_.plans.read(record.plan, "plan");
  Standing found{.record = record};
  if (plan.ok()) {
    found.steps = rollout::schedule(*plan);
  } else {
    found.holding = plan.error().message;
  }
  if (auto seen = known(record.number)) {
    found.holding = seen->holding;
    found.evidence = std::move(seen->evidence);
    found.judgements = std::move(seen->judgements);
    found.joins = std::move(seen->joins);
    if (seen->state.decisions == record.state.decisions) found.record.state = std::move(seen->state);
  }
  auto failures = failures_.lock();
  if (const auto failed = failures->find(record.number); failed != failures->end() && !failed->second.empty()) {
    found.holding = failed->second;
  }
  return found;
}

RolloutDecision Delivery::decision_of(const RolloutRecord& record, std::string action, const rollout::Basis& basis,
                                      const std::optional<Caller>& caller) const {
  RolloutDecision decision{.rollout = record.number,
                           .number = record.state.decisions,
                           .at = parts_.clock.wall_now(),
                           .action = std::move(action),
                           .state = record.state.state,
                           .position = record.state.position,
                           .wanted = record.state.wanted,
                           .reason = record.state.reason,
                           .program = parts_.program,
                           .basis = rollout::text_of(basis)};
  if (caller) decision.actor = caller->person.name;
  if (caller && caller->once) decision.once.emplace(caller->once->key);
  return decision;
}

std::optional<Delivery::Known> Delivery::known(std::uint64_t number) const {
  auto all = known_.lock();
  const auto found = all->find(number);
  if (found == all->end()) return std::nullopt;
  return found->second;
}

void Delivery::changed() {
  has_open_ = true;
  if (parts_.wake) parts_.wake();
}

void Delivery::remember(std::uint64_t number, Known known) {
  known_.lock()->insert_or_assign(number, std::move(known));
}

}  // namespace slipway::delivery
