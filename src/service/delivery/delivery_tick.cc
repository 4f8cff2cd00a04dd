// The part of Delivery that goes on by itself.
#include <algorithm>
#include <set>

#include "domain/rollout/traffic_text.h"
#include "service/delivery/delivery.h"

namespace slipway::delivery {
namespace {

using ports::RolloutRecord;
using ports::StoredRollout;

constexpr int kLooks = 4;  // at one rollout in a tick: entered, served and seen need three

}  // namespace

void Delivery::tick() {
  const auto open = parts_.store.open_rollouts();
  const std::string failure = open.ok() ? "" : open.error().message;
  if (!failure.empty() && failure != failure_) parts_.log.error("reading rollouts", {{"error", failure}});
  failure_ = failure;
  if (!open.ok()) return;
  std::set<std::pair<std::string, model::ModelName>> begun;
  std::set<std::uint64_t> numbers;
  for (const StoredRollout& stored : *open) {
    const RolloutRecord& record = stored.record;
    numbers.insert(record.number);
    const bool is_turn = begun.emplace(record.state.environment, record.state.model).second;
    const auto looked = look(stored, is_turn);
    if (looked.ok()) continue;
    Known seen = known(record.number).value_or(Known{stored.revision, record.state, {}, {}, {}});
    if (seen.failure != looked.error().message) {
      parts_.log.warning("rollout", {{"rollout", static_cast<std::int64_t>(record.number)},
                                     {"model", record.state.model.text()},
                                     {"error", looked.error().message}});
    }
    seen.failure = looked.error().message;
    remember(record.number, std::move(seen));
  }
  std::erase_if(*known_.lock(), [&](const auto& each) { return !numbers.contains(each.first); });
}

Result<rollout::Sight> Delivery::sight_of(const RolloutRecord& record, bool is_turn) {
  rollout::Sight sight{.is_turn = is_turn};
  auto served = parts_.traffic.served(record.state.environment, record.state.model);
  if (served.ok()) {
    sight.served = std::move(served->traffic);
    sight.revision = served->revision;
    sight.is_live = served->is_live;
    sight.load_failure = std::move(served->load_failure);
  } else if (served.error().code != ErrorCode::NotFound) {
    return std::move(served).error();
  }
  return sight;
}

// One rollout, until it has nothing more to do. True: it went on.
Result<bool> Delivery::look(const StoredRollout& stored, bool is_turn) {
  StoredRollout now = stored;
  const rollout::Plan plan = TRY(parts_.plans.read(now.record.plan, "the plan it was started with"));
  Known seen{now.revision, now.record.state, {}, {}, {}};
  if (auto before = known(now.record.number); before && before->revision == now.revision) seen = std::move(*before);
  seen.failure.clear();
  bool went_on = false;
  for (int i = 0; i < kLooks && !rollout::is_over(seen.state.state); ++i) {
    rollout::Sight sight = TRY(sight_of(now.record, is_turn));
    std::function<std::string()> inputs;
    std::function<std::string()> state;
    const bool observes = seen.state.state == rollout::State::Applying ||
                          seen.state.state == rollout::State::Observing ||
                          seen.state.state == rollout::State::AwaitingApproval;
    if (observes && parts_.evidence != nullptr) {
      auto gathered = parts_.evidence->gather(now.record, parts_.clock.wall_now());
      if (gathered.ok()) {
        sight.evidence = std::move(gathered->evidence);
        sight.rewards = std::move(gathered->rewards);
        inputs = std::move(gathered->inputs);
        state = std::move(gathered->state);
        seen.evidence = sight.evidence;
      } else {
        // Nothing is known, so nothing is promoted; what was known stays.
        sight.evidence.assign(seen.state.candidates.size(),
                              {.reason = "the evidence cannot be read: " + gathered.error().message});
      }
    }
    const Duration recorded = now.record.state.dwelt;
    rollout::Decision decision = rollout::next(plan, seen.state, sight, parts_.clock.wall_now());
    seen.state = decision.rollout;
    seen.holding = decision.holding;
    if (decision.is_change || seen.state.dwelt - recorded >= kCheckpoint) {
      now.record.state = seen.state;
      if (state) now.record.evidence = state();
      std::optional<ports::RolloutDecision> made;
      if (decision.is_change) {
        made.emplace(decision_of(now.record, "", "look"));
        if (inputs) made->evidence = inputs();
      }
      TRY(parts_.store.put(now.record, now.revision, made));
      seen.revision = ++now.revision;
    }
    remember(now.record.number, seen);
    if (decision.is_change) {
      went_on = true;
      parts_.log.info("rollout", {{"rollout", static_cast<std::int64_t>(now.record.number)},
                                  {"model", seen.state.model.text()},
                                  {"environment", seen.state.environment},
                                  {"state", std::string(rollout::name_of(seen.state.state))},
                                  {"wants", rollout::text_of(seen.state.wanted)},
                                  {"reason", seen.state.reason}});
    }
    if (decision.serve) {
      TRY(act(now.record, *decision.serve, sight.revision));
      went_on = true;
    } else if (!decision.is_change) {
      break;
    }
  }
  return went_on;
}

// Conflict: somebody was faster; the next look sees what came of it.
Result<void> Delivery::act(const RolloutRecord& record, const rollout::Traffic& traffic, std::uint64_t revision) {
  auto done = parts_.traffic.serve(record.state, traffic, revision, record.number);
  if (!done.ok()) return std::move(done).error().within("serving " + rollout::text_of(traffic));
  return {};
}

}  // namespace slipway::delivery
