#include "adapter/log_evidence/log_evidence.h"

#include <algorithm>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/past_rollouts.h"

namespace slipway::log_evidence {
namespace {

constexpr Duration kForgottenAfter = std::chrono::minutes(5);
constexpr Duration kJudgesEvery = std::chrono::seconds(1);  // for people

std::map<std::pair<std::uint64_t, model::VersionNumber>, std::uint64_t> counted(
    const std::vector<ports::DroppedPredictions>& dropped) {
  std::map<std::pair<std::uint64_t, model::VersionNumber>, std::uint64_t> counts;
  for (const ports::DroppedPredictions& each : dropped) counts[{each.model, each.version}] += each.count;
  return counts;
}

}  // namespace

LogEvidence::LogEvidence(Parts parts) : parts_(std::move(parts)) {}

Result<evidence::EvidencePlan> LogEvidence::plan_of(std::string_view yaml) const {
  evidence::EvidencePlan plan = TRY(parts_.read_plan(yaml));
  const auto slices = evidence::declared_slices(plan);
  if (!slices.ok()) return Error(slices.error()).within("plan");
  return plan;
}

Result<evidence::EvidencePlan> LogEvidence::plan_within_budget(const ports::RolloutRecord& rollout) const {
  evidence::EvidencePlan plan = TRY(plan_of(rollout.plan));
  if (plan.budget == evidence::Budget::Rollout) return plan;
  if (parts_.rollouts == nullptr) {
    return unavailable("alpha_over: expected a store that knows the rollouts before this one, found none");
  }
  const evidence::PastRollouts past = TRY(past_rollouts(*parts_.rollouts, rollout));
  return evidence::within_budget(std::move(plan), past);
}

Result<evidence::EvidencePlan> LogEvidence::check(std::string_view plan) {
  evidence::EvidencePlan read = TRY(plan_of(plan));
  for (const evidence::LimitPlan& limit : read.limits) {
    const auto known = parts_.check_limit ? parts_.check_limit(limit)
                                          : Result<void>(invalid_input("expected none: nobody is asked here"));
    if (!known.ok()) return Error(known.error()).within("plan: limit \"" + limit.name + "\"");
  }
  if (read.budget == evidence::Budget::Rollout || parts_.rollouts != nullptr) return read;
  return invalid_input("plan: alpha_over: expected rollout, since this server's rollouts before are not known here");
}

// Rollouts that are over are not asked for any more.
void LogEvidence::forget(WallTime now, std::uint64_t but) {
  for (auto each = known_.begin(); each != known_.end();) {
    const auto of = each++;
    const Duration since = now - of->second.seen_at;
    if (of->first != but && (since > kForgottenAfter || since < -kForgottenAfter)) forget(of);
  }
  while (known_.size() > kMostKnown) {
    const auto oldest = std::ranges::min_element(
        known_, {}, [&](const auto& each) { return each.first == but ? WallTime::max() : each.second.seen_at; });
    forget(oldest);
  }
}

void LogEvidence::forget(std::map<std::uint64_t, Known>::iterator of) {
  forgotten_[of->first] = std::move(of->second.dropped_kept);
  if (forgotten_.size() > kMostForgotten) forgotten_.erase(forgotten_.begin());
  known_.erase(of);
}

Result<LogEvidence::Known*> LogEvidence::known(const ports::RolloutRecord& rollout, WallTime now) {
  // Two servers may have begun before either of them kept something: whose is in the record goes on.
  const std::uint64_t kept = rollout.evidence.empty() ? 0 : model::hash_of(rollout.evidence);
  if (const auto found = known_.find(rollout.number); found != known_.end()) {
    Known& known = found->second;
    if (const auto ours = kept == 0 || kept == known.kept ? Result<void>() : known.gathering.check_kept(rollout, log_);
        !ours.ok()) {
      known_.erase(found);
      return ours.error();
    }
    known.kept = kept;
    known.seen_at = now;
    return &known;
  }
  const evidence::EvidencePlan plan = TRY(plan_within_budget(rollout));
  std::optional<Known> begun;
  if (rollout.evidence.empty()) {
    const ports::LogPosition at = TRY(parts_.predictions.end());
    begun.emplace(Known{TRY(Gathering::create(rollout, plan, at))});
    if (parts_.dropped) begun->dropped = begun->dropped_kept = counted(parts_.dropped());
  } else {
    begun.emplace(Known{TRY(Gathering::resume(rollout, plan, log_))});
    if (const auto before = forgotten_.extract(rollout.number)) {
      begun->dropped = begun->dropped_kept = before.mapped();
    }
  }
  begun->kept = kept;
  begun->seen_at = now;
  Known& known = known_.emplace(rollout.number, *std::move(begun)).first->second;
  forget(now, rollout.number);
  return &known;
}

// A count that is less than the last one is of a version that was loaded again.
void LogEvidence::count_dropped(Known& known) const {
  if (!parts_.dropped) return;
  Dropped now = counted(parts_.dropped());
  for (const auto& [of, count] : now) {
    if (of.first != 0 && !known.gathering.is_of(of.first, of.second)) continue;
    const std::uint64_t before = known.dropped[of];
    known.gathering.reading().missing += count < before ? count : count - before;
  }
  known.dropped = std::move(now);
}

void LogEvidence::look_at_limits(Gathering& gathering) const {
  std::vector<std::optional<double>> values;
  for (const evidence::LimitPlan& limit : gathering.evidence().front().plan().limits) {
    const auto value = parts_.limit ? parts_.limit(limit) : Result<double>(unavailable("nobody is asked here"));
    values.push_back(value.ok() ? std::optional(*value) : std::nullopt);
  }
  gathering.limit(std::move(values));
}

Result<LogEvidence::Page> LogEvidence::page_at(ports::LogPosition position) {
  for (const auto& [at, page] : pages_) {
    if (at == position) return page;
  }
  auto page = std::make_shared<const ports::LogPage>(TRY(parts_.predictions.read(position, kPage)));
  if (page->predictions.empty() && page->outcomes.empty()) return Page(std::move(page));
  pages_.emplace_back(position, page);
  if (pages_.size() > kKeptPages) pages_.pop_front();
  return Page(std::move(page));
}

// All of it or, when a prediction cannot be looked up now, nothing.
Result<void> LogEvidence::take(const ports::LogPage& page, Gathering& gathering) {
  std::map<std::size_t, ports::PredictionRecord> predictions, twins;  // of outcomes
  for (std::size_t i = 0; i < page.outcomes.size(); ++i) {
    const ports::OutcomeRecord& record = page.outcomes[i];
    if (!gathering.needs_prediction(record) || record.request.is_empty()) continue;
    const auto found = TRY(parts_.predictions.find(record.request));
    // The newest of that id may be of another request that was given it.
    if (!found || found->version != record.version || found->draw != record.draw) continue;
    predictions.emplace(i, *found);
    if (found->pair == 0 || !gathering.needs_twin(record)) continue;
    if (const auto twin = TRY(parts_.predictions.find_twin(*found))) twins.emplace(i, *twin);
  }
  const auto known_of = [](const auto& records, std::size_t outcome) {
    const auto found = records.find(outcome);
    return found == records.end() ? nullptr : &found->second;
  };
  for (const ports::PredictionRecord& record : page.predictions) gathering.take(record);
  for (std::size_t i = 0; i < page.outcomes.size(); ++i) {
    gathering.take(page.outcomes[i], known_of(predictions, i), known_of(twins, i));
  }
  return {};
}

Result<void> LogEvidence::read_on(Known& known) {
  Reading& reading = known.gathering.reading();
  known.is_behind = true;
  for (std::size_t i = 0; i < kMostPages; ++i) {
    const Page page = TRY(page_at(reading.at));
    TRY(take(*page, known.gathering));
    const bool is_end = page->next == reading.at;
    // What is damaged and has nothing behind it yet is met at each look.
    if (page->skipped) reading.gaps = is_end ? std::max<std::uint64_t>(reading.gaps, 1) : reading.gaps + 1;
    reading.at = page->next;
    if (is_end) {
      // Else records wait behind a segment that the process before still writes.
      known.is_behind = reading.at.segment < TRY(parts_.predictions.end()).segment;
      break;
    }
  }
  return {};
}

Result<ports::GatheredEvidence> LogEvidence::gather(const ports::RolloutRecord& rollout, WallTime now) {
  if (rollout.state.environment != parts_.environment) {
    return unavailable("this server records the predictions of " + parts_.environment + ", expected those of " +
                       rollout.state.environment);
  }
  if (log_ == 0) log_ = model::hash_of(TRY(parts_.log()));
  if (parts_.catch_up) parts_.catch_up();
  Known& of = *TRY(known(rollout, now));
  of.gathering.learn(rollout.state);
  count_dropped(of);
  look_at_limits(of.gathering);
  TRY(read_on(of));
  std::string hold = of.gathering.hold();
  if (hold.empty() && of.is_behind) hold = "the prediction log is still being read";
  ports::GatheredEvidence gathered;
  gathered.evidence = judged(of.gathering, hold);
  gathered.rewards = of.gathering.rewards();
  if (of.judgements.empty() || now < of.judged_at || now - of.judged_at >= kJudgesEvery) {
    of.judged_at = now;
    of.judgements.clear();
    for (const evidence::Evidence& each : of.gathering.evidence()) {
      of.judgements.push_back(each.judge(evidence::Detail::Brief));
    }
  }
  gathered.judgements = of.judgements;
  for (const ArmRecords& arm : of.gathering.arms()) gathered.joins.push_back({arm.answers, arm.outcomes});
  gathered.inputs = [&gathering = of.gathering, plan = rollout.plan_digest, hold] {
    return inputs_text(gathering, plan, hold);
  };
  gathered.state = [&of, log = log_] {
    of.dropped_kept = of.dropped;
    return of.gathering.state(log);
  };
  return gathered;
}

}  // namespace slipway::log_evidence
