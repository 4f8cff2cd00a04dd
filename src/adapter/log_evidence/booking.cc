#include "adapter/log_evidence/booking.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace slipway::log_evidence {
namespace {

static_assert(evidence::kPredictions == ports::kMostPredictionValues);

double seconds(WallTime at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

// What may be wrong with the request; where only one version refuses it, the metric sees it.
bool blames_caller(ErrorCode code) {
  return code == ErrorCode::InvalidInput || code == ErrorCode::NotFound || code == ErrorCode::Denied;
}

void take_predictions(const ports::PredictionRecord& record, evidence::Observation& observation) {
  const std::size_t count = std::min<std::size_t>(record.value_count, record.values.size());
  for (std::size_t i = 0; i < count; ++i) observation.predictions.at(i) = record.values.at(i);
}

evidence::Feedback feedback_of(ports::OutcomeRecord::Kind kind) {
  switch (kind) {
    case ports::OutcomeRecord::Kind::Label:
      return evidence::Feedback::Label;
    case ports::OutcomeRecord::Kind::Reward:
      return evidence::Feedback::Reward;
    case ports::OutcomeRecord::Kind::Conversion:
      return evidence::Feedback::Conversion;
    case ports::OutcomeRecord::Kind::Cost:
      return evidence::Feedback::Cost;
  }
  return evidence::Feedback::Label;
}

// Of a share that was logged as a probability, or as the rest of one.
double in_basis_points(double probability, bool is_rest) {
  const double points = probability * 10'000, whole = std::round(points);
  if (std::abs(points - whole) > 1e-6) return is_rest ? 1 - probability : probability;
  return (is_rest ? 10'000 - whole : whole) / 10'000;
}

}  // namespace

evidence::Observation observation_of(const ports::PredictionRecord& record) {
  evidence::Observation observation{.t = seconds(record.at)};
  observation.unit = record.draw.by == model::AssignedBy::Unit ? record.draw.unit : 0;
  observation.error = false;
  if (record.is_failure()) {
    const auto code = static_cast<ErrorCode>(record.status - 1);
    observation.error = code != ErrorCode::Cancelled;
    observation.blames_caller = blames_caller(code);
    if (code == ErrorCode::Cancelled || code == ErrorCode::DeadlineExceeded) {
      observation.latency_ms = std::numeric_limits<double>::infinity();
    }
    return observation;
  }
  observation.latency_ms = std::max(0.0, std::chrono::duration<double, std::milli>(record.latency).count());
  take_predictions(record, observation);
  return observation;
}

evidence::Observation observation_of(const ports::OutcomeRecord& record, const ports::PredictionRecord* prediction) {
  evidence::Observation observation{.t = seconds(record.at), .unit = unit_of(record)};
  observation.outcome = record.value;
  observation.feedback = feedback_of(record.kind);
  if (prediction != nullptr) take_predictions(*prediction, observation);
  return observation;
}

std::uint64_t unit_of(const ports::OutcomeRecord& record) {
  if (record.draw.by == model::AssignedBy::Unit) return record.draw.unit;
  return record.request.is_empty() ? record.draw.unit : model::hash_of(record.request.text());
}

double chance_of(std::size_t candidate, std::size_t arm, double probability, std::uint64_t revision,
                 std::span<const ServedShares> served, std::size_t candidates) {
  if (candidates == 1) return in_basis_points(probability, arm == 0);
  const auto split = std::ranges::find(served, revision, &ServedShares::revision);
  if (split == served.end()) return std::numeric_limits<double>::quiet_NaN();
  const std::uint32_t control = split->shares.at(0), own = split->shares.at(candidate + 1);
  if (control + own == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(own) / static_cast<double>(control + own);
}

}  // namespace slipway::log_evidence
