// The part of Delivery that goes on by itself.
#include <algorithm>
#include <set>
#include <utility>

#include "domain/rollout/approvals.h"
#include "domain/rollout/traffic_text.h"
#include "service/delivery/delivery.h"

namespace slipway::delivery {
namespace {

using ports::OpenPlace;
using ports::RolloutRecord;
using ports::StoredRollout;

constexpr int kLooks = 4;  // at one rollout in a tick: entered, served and seen need three
constexpr std::size_t kToldAtOnce = 64;
constexpr Duration kLeastPatience = std::chrono::seconds(1);
constexpr Duration kWordAsked = std::chrono::seconds(1);  // again, while it is not enough

// By the same words of several servers, or of one that was killed between the two stores, one event comes about.
ports::IdempotencyRecord mark_of(const ports::RolloutDecision& decision, WallTime now) {
  const std::string words =
      "rollout " + std::to_string(decision.rollout) + ", decision " + std::to_string(decision.number);
  const Digest digest = sha256(as_bytes(words));
  return {.key = digest, .request = digest, .at = now};
}

// What the candidate that looks worst and the guardrail that is shown least say.
rollout::CurvePoint point_of(const std::vector<evidence::Judgement>& judgements, const rollout::Rollout& state) {
  rollout::CurvePoint point{.at = state.seen_at, .weight = rollout::weight_of(state), .log_harm = 0, .log_safe = 0};
  bool is_first = true, has_guardrail = false;
  for (const evidence::Judgement& judgement : judgements) {
    point.log_harm = is_first ? judgement.log_harm : std::max(point.log_harm, judgement.log_harm);
    is_first = false;
    for (const evidence::Finding& finding : judgement.findings) {
      if (!finding.log_safe || !finding.slice.empty()) continue;
      point.log_safe = has_guardrail ? std::min(point.log_safe, *finding.log_safe) : *finding.log_safe;
      has_guardrail = true;
    }
  }
  return point;
}

}  // namespace

void Delivery::tick() {
  unsettled_ = clock_watch_.look();
  if (clock_watch_.has_jumped()) parts_.log.warning("rollouts hold", {{"reason", unsettled_}});
  const auto open = parts_.store.open_places();
  told(reading_failure_, open.ok() ? Result<void>() : Result<void>(open.error()), "reading rollouts");
  if (!open.ok()) return;
  std::set<std::pair<std::string, std::string>> begun;
  std::set<std::uint64_t> numbers;
  for (const OpenPlace& place : *open) {
    if (!is_ours(place.environment)) continue;
    numbers.insert(place.number);
    const bool is_turn = begun.emplace(place.environment, place.model).second;
    const auto looked = look(place, is_turn);
    if (!looked.ok()) held_.erase(place.number);  // it may have been changed to what was not stored
    const std::string failed = looked.ok() ? "" : looked.error().message;
    if (std::exchange((*failures_.lock())[place.number], failed) == failed || looked.ok()) continue;
    parts_.log.warning(
        "rollout", {{"rollout", static_cast<std::int64_t>(place.number)}, {"model", place.model}, {"error", failed}});
  }
  has_open_ = !numbers.empty();
  const auto is_over = [&](const auto& each) { return !numbers.contains(each.first); };
  std::erase_if(*known_.lock(), is_over);
  std::erase_if(*failures_.lock(), is_over);
  std::erase_if(held_, is_over);
  tell_history();
}

// In the log when it begins to fail, or to fail otherwise.
void Delivery::told(std::string& last, const Result<void>& done, const std::string& what) {
  std::string failure = done.ok() ? "" : done.error().message;
  if (!failure.empty() && failure != last) parts_.log.error(what, {{"error", failure}});
  last = std::move(failure);
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

// Of the word for the step that was approved. Empty: nothing.
Result<std::string> Delivery::missing_word(const rollout::Rollout& state) {
  auto found = parts_.traffic.expect_approved(state);
  if (found.ok()) return std::string();
  if (found.error().code == ErrorCode::Conflict) return std::move(found).error().message;
  return std::move(found).error();
}

// At the moment it would be used: it may have been taken back, or have become too old.
Result<void> Delivery::look_at_word(Known& seen) {
  const TimePoint now = parts_.clock.now();
  if (!seen.unapproved.empty() && now < seen.ask_word_at) return {};
  seen.unapproved = TRY(missing_word(seen.state));
  seen.ask_word_at = now + kWordAsked;
  return {};
}

// As it is stored, read again only when somebody else changed it. Null: it is gone.
Result<StoredRollout*> Delivery::held(const OpenPlace& place) {
  const auto found = held_.find(place.number);
  if (found != held_.end() && found->second.revision == place.revision) return &found->second;
  auto stored = TRY(parts_.store.rollout(place.number));
  if (!stored) return static_cast<StoredRollout*>(nullptr);
  return &held_.insert_or_assign(place.number, std::move(*stored)).first->second;
}

Result<std::shared_ptr<const rollout::Plan>> Delivery::plan_of(const RolloutRecord& record, const Known& seen) {
  if (seen.plan) return seen.plan;
  auto read = parts_.plans.read(record.plan, "the plan it was started with");
  if (read.ok()) return std::make_shared<const rollout::Plan>(std::move(read).value());
  // The way back needs no plan.
  if (record.state.state == rollout::State::Restoring) return std::make_shared<const rollout::Plan>();
  return std::move(read).error();
}

// At one rollout, until it has nothing more to do.
Result<void> Delivery::look(const OpenPlace& place, bool is_turn) {
  StoredRollout* const now = TRY(held(place));
  if (now == nullptr) return {};
  Known seen{.revision = now->revision, .state = now->record.state};
  if (auto before = known(place.number)) {
    seen.plan = before->plan;
    if (before->revision == now->revision) seen = std::move(*before);
  }
  seen.plan = TRY(plan_of(now->record, seen));
  for (int i = 0; i < kLooks && !rollout::is_over(seen.state.state); ++i) {
    if (!TRY(look_once(*now, seen, is_turn))) break;
  }
  return {};
}

// True: it went on, and may do so again.
Result<bool> Delivery::look_once(StoredRollout& now, Known& seen, bool is_turn) {
  rollout::Sight sight = TRY(sight_of(now.record, is_turn));
  sight.unsettled = unsettled_;
  std::function<std::string()> inputs, state;
  const bool observes = seen.state.state == rollout::State::Applying || seen.state.state == rollout::State::Observing ||
                        seen.state.state == rollout::State::AwaitingApproval ||
                        seen.state.state == rollout::State::Completing;
  if (observes && parts_.evidence != nullptr) {
    auto gathered = parts_.evidence->gather(now.record, parts_.clock.wall_now());
    if (gathered.ok()) {
      sight.evidence = std::move(gathered->evidence);
      sight.rewards = std::move(gathered->rewards);
      inputs = std::move(gathered->inputs);
      state = std::move(gathered->state);
      seen.evidence = sight.evidence;
      seen.judgements = std::move(gathered->judgements);
      seen.joins = std::move(gathered->joins);
    } else {
      // Nothing is known, so nothing is promoted; what was known stays.
      sight.evidence.assign(seen.state.candidates.size(),
                            {.reason = "the evidence cannot be read: " + gathered.error().message});
    }
  }
  const WallTime time = parts_.clock.wall_now();
  rollout::Decision decision = rollout::next(*seen.plan, seen.state, sight, time);
  if (rollout::goes_on_by_word(*seen.plan, seen.state, decision.rollout)) {
    TRY(look_at_word(seen));
    sight.unapproved = seen.unapproved;
    if (!sight.unapproved.empty()) decision = rollout::next(*seen.plan, seen.state, sight, time);
  }
  const rollout::Rollout before = std::exchange(seen.state, decision.rollout);
  seen.holding = decision.holding;
  if (decision.is_change || !decision.serve) {
    seen.refusal.reset();
    seen.ask_at = {};
    seen.patience = Duration{0};
  }
  if (decision.is_change || seen.state.dwelt - now.record.state.dwelt >= kCheckpoint) {
    RolloutRecord record = now.record;
    record.state = seen.state;
    const bool begins = before.state == rollout::State::Queued && seen.state.state == rollout::State::Applying;
    if (begins && parts_.evidence != nullptr) {
      // Whoever begins it gathers its evidence: with what there is of it so far, other servers know that it is not
      // they.
      auto gathered = parts_.evidence->gather(record, time);
      if (gathered.ok()) state = std::move(gathered->state);
    }
    if (state) record.evidence = state();
    if (!seen.judgements.empty()) rollout::add_point(record.curve, point_of(seen.judgements, seen.state));
    std::optional<ports::RolloutDecision> made;
    if (decision.is_change) {
      made.emplace(decision_of(record, "look", rollout::Basis{.now = time, .before = before, .sight = sight}));
      if (inputs) made->evidence = inputs();
    }
    const auto put = parts_.store.put(record, now.revision, made);
    if (!put.ok() && put.error().code == ErrorCode::Conflict) {
      now.revision = 0;  // a command or another server came first: the next look begins from what they left
      return false;
    }
    TRY(put);
    if (made) count(*made);
    now.record = std::move(record);
    seen.revision = ++now.revision;
  }
  remember(now.record.number, seen);
  if (decision.is_change) {
    parts_.log.info("rollout", {{"rollout", static_cast<std::int64_t>(now.record.number)},
                                {"model", seen.state.model.text()},
                                {"environment", seen.state.environment},
                                {"state", std::string(rollout::name_of(seen.state.state))},
                                {"wants", rollout::text_of(seen.state.wanted)},
                                {"reason", seen.state.reason}});
  }
  if (decision.serve) TRY(act_if_due(now.record, seen, sight.revision));
  return decision.is_change || decision.serve.has_value();
}

// What is refused is asked for again after 1 s, 2 s, 4 s and so on; a way back each second. Looks go on meanwhile.
Result<void> Delivery::act_if_due(const RolloutRecord& record, Known& seen, std::uint64_t revision) {
  const TimePoint now = parts_.clock.now();
  if (seen.refusal && now < seen.ask_at) return *seen.refusal;
  auto done = act(record, seen.state.wanted, revision);
  if (done.ok()) return done;
  const bool is_way_back = seen.state.state == rollout::State::Restoring;
  seen.patience = is_way_back ? kLeastPatience : std::clamp(2 * seen.patience, kLeastPatience, kLongestPatience);
  seen.ask_at = now + seen.patience;
  seen.refusal.emplace(done.error());
  remember(record.number, seen);
  return done;
}

// Conflict: somebody was faster; the next look sees what came of it.
Result<void> Delivery::act(const RolloutRecord& record, const rollout::Traffic& traffic, std::uint64_t revision) {
  auto done = parts_.traffic.serve(record.state, traffic, revision, record.number);
  if (!done.ok()) return std::move(done).error().within("serving " + rollout::text_of(traffic));
  return {};
}

// Decisions are in the store of rollouts first; each becomes an event of the history of everything from there, once and
// in order, also after a kill between the two.
void Delivery::tell_history() {
  const auto tell_all = [&]() -> Result<void> {
    for (const ports::UntoldDecision& untold : TRY(parts_.store.untold(kToldAtOnce))) {
      TRY(tell(untold));
      TRY(parts_.store.told(untold.decision.rollout, untold.decision.number));
    }
    return {};
  };
  told(telling_failure_, tell_all(), "writing decisions of rollouts into the history");
}

Result<void> Delivery::tell(const ports::UntoldDecision& untold) {
  const ports::RolloutDecision& decision = untold.decision;
  const std::string rollout = "rollout " + std::to_string(decision.rollout);
  model::Event event;
  event.at = decision.at;
  event.actor = decision.actor.empty() ? rollout : decision.actor;
  event.action = "rollout";
  event.model = untold.model;
  event.subject = rollout + " in " + untold.environment;
  const bool is_look = decision.actor.empty();
  event.to = is_look ? std::string(rollout::name_of(decision.state)) + " " + rollout::text_of(decision.wanted)
                     : decision.action;
  event.reason = decision.reason;
  auto committed = parts_.history.commit({{mark_of(decision, parts_.clock.wall_now()), 0}}, {event});
  if (!committed.ok() && committed.error().code == ErrorCode::Conflict) return {};  // it is there
  return committed;
}

}  // namespace slipway::delivery
