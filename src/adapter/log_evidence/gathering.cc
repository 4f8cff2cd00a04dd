#include "adapter/log_evidence/gathering.h"

#include <algorithm>
#include <cmath>

#include "adapter/log_evidence/twin_records.h"

namespace slipway::log_evidence {
namespace {

constexpr double kMostUnknown = 0.05;

std::string percent(double share) {
  return std::to_string(std::lround(1'000 * share) / 10) + "." + std::to_string(std::lround(1'000 * share) % 10) + " %";
}

}  // namespace

evidence::EvidencePlan plan_of_each(evidence::EvidencePlan plan, std::size_t candidates) {
  plan.alpha /= static_cast<double>(candidates);
  plan.beta /= static_cast<double>(candidates);
  if (plan.unit == evidence::Unit::Request) plan.unit = evidence::Unit::Either;
  return plan;
}

rollout::Arm ArmRecords::reward() const {
  if (!(weights > 0)) return {};
  const double mean = sum / weights;
  return {.rewards = weights * weights / squares,
          .mean = mean,
          .variance = std::max(0.0, sum_of_squares / weights - mean * mean),
          .by_time = by_time};
}

Gathering::Gathering(const ports::RolloutRecord& rollout, std::vector<evidence::Evidence> evidence,
                     std::uint64_t most_units)
    : model_(model::hash_of(rollout.state.model.text())),
      plan_(model::hash_of(rollout.plan_digest.hex())),
      versions_{rollout.state.control},
      evidence_(std::move(evidence)),
      arms_(rollout.state.candidates.size() + 1),
      rewarded_(most_units) {
  versions_.insert(versions_.end(), rollout.state.candidates.begin(), rollout.state.candidates.end());
}

Result<Gathering> Gathering::create(const ports::RolloutRecord& rollout, const evidence::EvidencePlan& plan,
                                    ports::LogPosition at) {
  const std::size_t candidates = rollout.state.candidates.size();
  std::vector<evidence::Evidence> evidence;
  for (std::size_t i = 0; i < candidates; ++i) {
    evidence.push_back(TRY(evidence::Evidence::create(plan_of_each(plan, candidates))));
  }
  Gathering gathering(rollout, std::move(evidence), plan.most_units);
  if (!plan.agreement.metrics.empty()) {
    gathering.agreement_.emplace(TRY(evidence::Agreement::create(plan_of_each(plan, candidates))));
  }
  gathering.slices_ = TRY(evidence::declared_slices(plan));
  gathering.reading_.begun = gathering.reading_.at = at;
  // What is being applied will have the next revision; what is served has this one.
  const bool is_served = rollout.state.state != rollout::State::Applying;
  gathering.reading_.revision = rollout.state.revision - (is_served && rollout.state.revision > 0 ? 1 : 0);
  return gathering;
}

void Gathering::limit(std::vector<std::optional<double>> values) {
  limits_ = std::move(values);
  for (evidence::Evidence& each : evidence_) {
    for (std::size_t i = 0; i < limits_.size(); ++i) each.limit(i, limits_[i]);
  }
}

std::optional<std::size_t> Gathering::arm_of(model::VersionNumber version) const {
  const auto found = std::ranges::find(versions_, version);
  if (found == versions_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - versions_.begin());
}

// While traffic is being applied it will be served as the next revision; then it is served as the one recorded. While
// the end is refused, the last step is served on.
void Gathering::learn(const rollout::Rollout& rollout) {
  const bool is_served = rollout.state != rollout::State::Applying;
  const bool is_last = rollout.state == rollout::State::Completing;
  const rollout::Traffic& traffic = is_last ? rollout.before : rollout.wanted;
  is_mirrored_ = traffic.mirrored.count > 0;
  ServedShares now{rollout.revision + (is_served ? 0 : 1), std::vector<std::uint32_t>(versions_.size(), 0)};
  for (const model::Share& share : traffic.shares) {
    if (const auto arm = arm_of(share.version)) now.shares[*arm] = share.share.count;
  }
  const auto known = std::ranges::find(served_, now.revision, &ServedShares::revision);
  if (known != served_.end()) {
    known->shares = std::move(now.shares);
    return;
  }
  served_.push_back(std::move(now));
  if (served_.size() > kMostSplits) served_.erase(served_.begin());
}

bool Gathering::counts(const model::Draw& draw) {
  if (!model::is_drawn(draw.by)) {
    ++reading_.undrawn;
    return false;
  }
  if (draw.revision <= reading_.revision) {
    ++reading_.earlier;
    return false;
  }
  return true;
}

// A request whose body was divided was drawn once, by the random number that its parts share.
bool Gathering::is_later_part(const model::Draw& draw) {
  if (draw.by != model::AssignedBy::Chance || draw.unit == 0) return false;
  if (std::find(parts_.rbegin(), parts_.rend(), draw.unit) != parts_.rend()) return true;
  parts_.push_back(draw.unit);
  if (parts_.size() > kMostParts) parts_.pop_front();
  return false;
}

void Gathering::observe(evidence::Observation observation, std::size_t arm, const model::Draw& draw) {
  observation.arm = arm == 0 ? stats::Arm::Control : stats::Arm::Candidate;
  observation.slices = slices_.of(draw.slices);
  for (std::size_t i = 0; i < evidence_.size(); ++i) {
    if (arm != 0 && arm != i + 1) continue;
    observation.p = chance_of(i, arm, draw.probability, draw.revision, served_, evidence_.size());
    if (std::isnan(observation.p)) ++reading_.unknown;
    evidence_[i].observe(observation);
  }
}

// Pairs of control and the first candidate, which is what requests are mirrored to.
void Gathering::take_twin(const ports::PredictionRecord& record) {
  const bool is_candidates = record.traffic == ports::Traffic::Shadow;
  if (!agreement_ || record.model != model_ || record.version != versions_[is_candidates ? 1 : 0]) return;
  if (!model::is_drawn(record.draw.by) || record.draw.revision <= reading_.revision) return;
  // The parts of one request say the same again; nothing of such a request is a pair.
  if (record.draw.by == model::AssignedBy::Chance && record.draw.unit != 0) return;
  const std::uint64_t lost = twins_.lost();
  evidence::Twin twin = twin_of(record);
  twin.slices = slices_.of(record.draw.slices);
  if (const auto both = twins_.take(twin)) agreement_->observe(*both);
  agreement_->lost(twins_.lost() - lost);
}

void Gathering::take(const ports::PredictionRecord& record) {
  if (record.pair != 0) take_twin(record);
  if (record.model != model_ || record.traffic != ports::Traffic::Live) return;
  const auto arm = arm_of(record.version);
  if (!arm || !counts(record.draw)) return;
  if (is_later_part(record.draw)) {
    ++reading_.again;
    return;
  }
  ++arms_[*arm].answers;
  observe(observation_of(record), *arm, record.draw);
}

bool Gathering::needs_prediction(const ports::OutcomeRecord& record) const {
  if (!is_of(record.model, record.version)) return false;
  if (needs_twin(record)) return true;
  return std::ranges::any_of(evidence_.front().plan().metrics, [](const evidence::MetricPlan& metric) {
    return metric.measure != evidence::Measure::Value;
  });
}

bool Gathering::needs_twin(const ports::OutcomeRecord& record) const {
  const bool is_label = record.kind == ports::OutcomeRecord::Kind::Label;
  if (!agreement_ || !is_label || record.model != model_ || record.version != versions_.front()) return false;
  return std::ranges::any_of(agreement_->plan().agreement.metrics, [](const evidence::PairMetricPlan& metric) {
    return metric.source == evidence::PairSource::Accuracy;
  });
}

// A request's labels are one, whatever the plan counts.
void Gathering::label_pair(const ports::OutcomeRecord& record, const ports::PredictionRecord& prediction,
                           const ports::PredictionRecord& twin) {
  if (twin.version != versions_[1]) return;
  evidence::PairObservation pair{.t = std::chrono::duration<double>(record.at.time_since_epoch()).count()};
  const bool is_keyed = agreement_->plan().unit == evidence::Unit::Keyed;
  pair.unit = is_keyed && record.draw.by != model::AssignedBy::Unit ? 0 : unit_of(record);
  pair.labelled.emplace(
      evidence::PairObservation::Labelled{record.value, twin_of(prediction).answer, twin_of(twin).answer});
  pair.slices = slices_.of(record.draw.slices);
  agreement_->observe(pair);
}

void Gathering::take(const ports::OutcomeRecord& record, const ports::PredictionRecord* prediction,
                     const ports::PredictionRecord* twin) {
  if (record.model != model_) return;
  const auto arm = arm_of(record.version);
  if (!arm || !counts(record.draw)) return;
  ++arms_[*arm].outcomes.at(static_cast<std::size_t>(record.kind));
  if (record.kind == ports::OutcomeRecord::Kind::Reward) reward(record, *arm);
  if (prediction != nullptr && twin != nullptr && needs_twin(record)) label_pair(record, *prediction, *twin);
  evidence::Observation observation = observation_of(record, prediction);
  const bool is_keyed = evidence_.front().plan().unit == evidence::Unit::Keyed;
  if (is_keyed && record.draw.by != model::AssignedBy::Unit) observation.unit = 0;
  observe(observation, *arm, record.draw);
}

// A request's first, weighed by one over the probability of its assignment.
void Gathering::reward(const ports::OutcomeRecord& record, std::size_t arm) {
  if (!(record.draw.probability > 0)) return;
  const std::uint64_t request = record.request.is_empty() ? record.key : model::hash_of(record.request.text());
  std::uint64_t* const seen = rewarded_.find(request == 0 ? 1 : request);
  if (seen == nullptr) {
    ++reading_.unknown;
    return;
  }
  if (*seen != 0) {
    ++reading_.again;
    return;
  }
  *seen = 1;
  ArmRecords& of = arms_[arm];
  const double weight = 1 / record.draw.probability;
  of.weights += weight;
  of.squares += weight * weight;
  of.sum += weight * record.value;
  of.sum_of_squares += weight * record.value * record.value;
  of.by_time.observe(rollout::context_of(record.predicted_at), record.value);
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    const stats::LoggedReward logged{
        .probability = record.draw.probability, .target = i == arm ? 1.0 : 0.0, .reward = record.value};
    if (!arms_[i].alone.observe(logged).ok()) ++arms_[i].unvalued;
  }
}

std::vector<rollout::Arm> Gathering::rewards() const {
  std::vector<rollout::Arm> rewards;
  for (const ArmRecords& arm : arms_) rewards.push_back(arm.reward());
  return rewards;
}

std::string Gathering::hold() const {
  std::uint64_t answers = 0;
  for (const ArmRecords& arm : arms_) answers += arm.answers;
  if (reading_.gaps > 0) {
    return "the prediction log has a gap: records were no longer kept, or damaged, when they were to be read, or what "
           "another version of Slipway gathered cannot be read";
  }
  const double missing = static_cast<double>(reading_.missing) / static_cast<double>(answers + reading_.missing + 1);
  if (missing > kMostMissing) {
    return std::to_string(reading_.missing) + " predictions left no record (" + percent(missing) + " of all, at most " +
           percent(kMostMissing) + " expected)";
  }
  if (static_cast<double>(reading_.unknown) > kMostUnknown * static_cast<double>(answers + 1)) {
    return std::to_string(reading_.unknown) +
           " records cannot be used: the shares that they were drawn by, or whether " +
           "they came before, is not known any more";
  }
  return {};
}

}  // namespace slipway::log_evidence
