#include "app/proving/streamed_evidence.h"

#include <cstring>

#include "adapter/plan_yaml/evidence_plan.h"
#include "base/invariant.h"

namespace slipway::proving {
namespace {

evidence::Evidence nothing_yet(const evidence::EvidencePlan& plan) {
  auto made = evidence::Evidence::create(plan);
  invariant(made.ok(), "a plan that was read is sound");
  return std::move(made).value();
}

}  // namespace

StreamedEvidence::StreamedEvidence(const evidence::EvidencePlan& plan, proof::Fault fault, const Tape* tape)
    : fault_(fault), tape_(tape), evidence_(nothing_yet(plan)) {
  if (plan.agreement.metrics.empty()) return;
  auto made = evidence::Agreement::create(plan);
  invariant(made.ok(), "a plan that was read is sound");
  agreement_.emplace(std::move(made).value());
}

Result<evidence::EvidencePlan> StreamedEvidence::check(std::string_view plan) {
  return plan_yaml::read_evidence_plan(plan, "plan");
}

void StreamedEvidence::observe(const evidence::Observation& answer) {
  if (fault_ == proof::Fault::BeginsAnew && answer.p != step_share_) {
    step_share_ = answer.p;
    evidence_ = nothing_yet(evidence_.plan());
  }
  evidence_.observe(answer);
  const bool is_candidate = answer.arm == stats::Arm::Candidate;
  const double chance = is_candidate ? answer.p : 1 - answer.p;
  if (!(chance > 0) || !answer.error) return;
  const auto count = static_cast<double>(answer.count);
  Rewards& rewards = is_candidate ? candidate_ : control_;
  rewards.weights += count / chance;
  rewards.squares += count / (chance * chance);
  if (!*answer.error) rewards.sum += count / chance;
}

void StreamedEvidence::observe(const evidence::PairObservation& pair) {
  if (agreement_) agreement_->observe(pair);
}

bool StreamedEvidence::is_harmful() const {
  return evidence_.is_harmful() || (agreement_ && agreement_->verdict() == model::Verdict::Fail);
}

rollout::Arm StreamedEvidence::arm_of(const Rewards& rewards) const {
  if (!(rewards.weights > 0)) return {};
  const double mean = rewards.sum / rewards.weights;
  return {.rewards = rewards.weights * rewards.weights / rewards.squares, .mean = mean, .variance = mean * (1 - mean)};
}

// The position on the tape, then the evidence.
std::string StreamedEvidence::state() const {
  const std::vector<std::byte> kept = evidence_.state();
  std::string text(sizeof position_ + kept.size(), '\0');
  std::memcpy(text.data(), &position_, sizeof position_);
  std::memcpy(text.data() + sizeof position_, kept.data(), kept.size());
  return text;
}

Result<void> StreamedEvidence::go_on_from(const std::string& state) {
  if (state.size() < sizeof position_) return corrupt("the evidence's state: expected a position, found less");
  std::memcpy(&position_, state.data(), sizeof position_);
  if (position_ > tape_->size())
    return corrupt("the evidence's state: expected a position on the tape, found one behind");
  const auto bytes = std::as_bytes(std::span(state)).subspan(sizeof position_);
  evidence_ = TRY(evidence::Evidence::restore(evidence_.plan(), bytes));
  return {};
}

Result<ports::GatheredEvidence> StreamedEvidence::gather(const ports::RolloutRecord& rollout, WallTime) {
  if (std::exchange(fails_next_, false)) return unavailable("the log cannot be read");
  ports::GatheredEvidence gathered;
  if (tape_ != nullptr) {
    if (!std::exchange(has_begun_, true) && !rollout.evidence.empty()) TRY(go_on_from(rollout.evidence));
    while (position_ < tape_->size()) observe((*tape_)[position_++]);
    gathered.state = [this] { return state(); };
  }
  rollout::Evidence& said = gathered.evidence.emplace_back();
  said.verdict = evidence_.verdict();
  said.may_advance = evidence_.may_advance();
  if (agreement_ && rollout.state.wanted.mirrored.count > 0 && !evidence_.is_harmful()) {
    said.verdict = agreement_->verdict();
    said.may_advance = said.verdict == model::Verdict::Pass;
  }
  said.reason = name_of(said.verdict);
  gathered.rewards = {arm_of(control_), arm_of(candidate_)};
  return gathered;
}

}  // namespace slipway::proving
