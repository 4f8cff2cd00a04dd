#include "app/proving/played_rollout.h"

#include <cmath>

#include "adapter/plan_yaml/evidence_plan.h"
#include "base/invariant.h"
#include "domain/stats/event_process.h"

namespace slipway::proving {
namespace {

using evidence::Observation;
using proof::Trouble;
using rollout::State;
using stats::Arm;

constexpr double kBetweenLooks = 5;           // seconds
constexpr double kLongestJump = 7'200;        // seconds, of the wall clock
constexpr std::uint64_t kSpoilt = 50;         // one in so many answers, of each kind
constexpr std::uint32_t kMostByHand = 6'000;  // basis points

}  // namespace

Result<evidence::EvidencePlan> evidence_of(const proof::Scenario& scenario) {
  return plan_yaml::read_evidence_plan(scenario.plan, scenario.id);
}

PlayedRollout::PlayedRollout(const proof::Scenario& scenario, const evidence::EvidencePlan& plan, std::uint64_t seed,
                             Log& log)
    : scenario_(scenario), plan_(plan), seed_(seed), answers_(scenario.course, seed), chance_(~seed), log_(log) {}

// What a kill leaves is the store, what is served, and the tape.
void PlayedRollout::be_killed() {
  delivery_.reset();
  evidence_ = std::make_unique<StreamedEvidence>(plan_, scenario_.fault, may_be_killed() ? &tape_ : nullptr);
  delivery_ = std::make_unique<delivery::Delivery>(delivery::Delivery::Parts{.store = store_,
                                                                             .plans = plans_,
                                                                             .traffic = traffic_,
                                                                             .history = history_,
                                                                             .evidence = evidence_.get(),
                                                                             .clock = clock_,
                                                                             .log = log_,
                                                                             .program = "simulation"});
}

void PlayedRollout::begin() {
  be_killed();
  auto name = model::ModelName::parse("model");
  invariant(name.ok(), "a name that is written here is one");
  const auto started = delivery_->start(
      {.environment = "production", .model = *name, .candidates = {kCandidate}, .plan = scenario_.plan},
      {"suite", scenario_.id});
  invariant(started.ok(), started.ok() ? "" : started.error().message);
}

void PlayedRollout::look(double t) {
  clock_.move_to(t);
  if (scenario_.trouble != Trouble::None) make_trouble();
  delivery_->tick();
  const auto stored = store_.rollout(1);
  invariant(stored.ok() && stored->has_value(), "a rollout that was started is in the store");
  record_.emplace((*stored)->record);
  if (!outcome_.was_safe) outcome_.was_safe = evidence_->evidence().is_safe();
}

void PlayedRollout::make_trouble() {
  if (scenario_.trouble == Trouble::NoSource) evidence_->fail_next();
  const auto strikes = [&] { return scenario_.troubled_one_in > 0 && chance_.below(scenario_.troubled_one_in) == 0; };
  if (may_be_killed() && strikes()) be_killed();
  if (scenario_.trouble == Trouble::Hands && strikes()) set_weight_by_hand();
  if (scenario_.trouble != Trouble::Mixed) return;
  if (strikes()) evidence_->fail_next();
  if (strikes()) clock_.jump((chance_.unit() * 2 - 1) * kLongestJump);
}

// To anything from 1 to 60 %, and lets it go on from there; what is not allowed now is not tried again.
void PlayedRollout::set_weight_by_hand() {
  const delivery::Caller caller{{"somebody", "a try"}};
  const model::BasisPoints weight{100 + static_cast<std::uint32_t>(chance_.below(kMostByHand - 100))};
  if (!delivery_->command(1, rollout::SetWeight{weight}, caller).ok()) return;
  const auto resumed = delivery_->command(1, rollout::Resume{}, caller);
  invariant(resumed.ok(), resumed.ok() ? "" : resumed.error().message);
}

void PlayedRollout::spoil(Observation& answer) {
  if (scenario_.trouble == Trouble::NoNumbers) answer.latency_ms = std::nan("");
  if (scenario_.trouble != Trouble::Mixed) return;
  if (chance_.below(kSpoilt) == 0) answer.latency_ms = std::nan("");
  if (chance_.below(kSpoilt) == 0) answer.predictions[0] = std::nan("");
  if (chance_.below(kSpoilt) == 0) answer.t = -answer.t;
  if (chance_.below(kSpoilt) == 0) answer.p = 0;
}

// What an oracle that knows the error rates would have learnt is counted too.
void PlayedRollout::count(const Observation& answer) {
  if (is_watched()) watch_.see(answer);
  if (!answer.error) return;
  const auto more = static_cast<double>(answer.count);
  requests_ += more;
  candidates_ += answer.arm == Arm::Candidate ? more : 0;
  if (!scenario_.target.oracle_ratio || !(answer.p > 0 && answer.p < 1)) return;
  if (answer.p != growth_share_) growth_ = stats::growth_of_events(scenario_.course.error_ratio, answer.p).mean;
  growth_share_ = answer.p;
  information_ += more * scenario_.course.error_rate * growth_;
}

void PlayedRollout::hear(Observation answer) {
  const double t = answer.t;
  count(answer);
  if (scenario_.trouble != Trouble::None) spoil(answer);
  if (may_be_killed()) {
    tape_.push_back(answer);
    return;  // read by looks
  }
  evidence_->observe(answer);
  look_if_harmful(t);
}

void PlayedRollout::hear(const evidence::PairObservation& pair) {
  ++pairs_;
  evidence_->observe(pair);
  look_if_harmful(pair.t);
}

void PlayedRollout::look_if_harmful(double t) {
  if (harm_is_told_ || !evidence_->is_harmful()) return;
  harm_is_told_ = true;
  look(t);
}

// In the shadow what the control answers alone says nothing, and is left out.
void PlayedRollout::hear_until(double t) {
  while (!is_over()) {
    if (traffic_.mirrored() > 0) {
      const auto pair = answers_.next_pair(t, traffic_.mirrored());
      if (!pair) return;
      hear(*pair);
    } else {
      const auto answer = answers_.next(t, traffic_.candidates_share());
      if (!answer) return;
      hear(*answer);
    }
  }
}

void PlayedRollout::name_slices() {
  for (const auto& finding : evidence_->evidence().judge(evidence::Detail::Brief).findings) {
    if (finding.slice.empty()) continue;
    const bool is_worse = scenario_.course.slice_error_ratio != 1 || scenario_.course.flips_first_slice;
    const bool is_true = is_worse && finding.slice == plan_.slices.front();
    ++(is_true ? outcome_.named : outcome_.named_falsely);
  }
}

void PlayedRollout::ask_rivals() {
  if (!is_watched()) {
    proof::Traffic answers(scenario_.course, seed_);
    double t = 0, end = 0;
    for (const proof::RampStep& step : scenario_.rivals_ramp) {
      for (end += step.seconds; t < end;) {
        t += kBetweenLooks;
        while (const auto answer = answers.next(t, step.share)) watch_.see(*answer);
      }
    }
    watch_.pass(end);
  }
  outcome_.rivals = watch_.ends();
}

proof::Outcome PlayedRollout::play() {
  begin();
  look(0);
  for (double t = 0; t < scenario_.course.seconds && !is_over();) {
    t += kBetweenLooks;
    harm_is_told_ = false;
    hear_until(t);
    if (!is_over()) look(t);
  }
  const rollout::Rollout& state = record_->state;
  outcome_.is_rolled_back = state.state == State::Aborted && state.frozen.front();
  outcome_.is_promoted = state.state == State::Completed && state.winner == kCandidate;
  invariant(outcome_.is_rolled_back || outcome_.is_promoted || !is_over(),
            "a rollout that nobody else touches ends by its evidence: " + state.reason);
  const Duration passed = clock_.now().time_since_epoch();
  outcome_.minutes = std::chrono::duration<double>(passed).count() / 60;
  outcome_.requests = requests_;
  outcome_.candidate = candidates_;
  outcome_.pairs = pairs_;
  outcome_.information = information_ / -std::log(plan_.alpha);
  if (!plan_.slices.empty()) name_slices();
  if (!scenario_.rivals.empty()) ask_rivals();
  return outcome_;
}

}  // namespace slipway::proving
